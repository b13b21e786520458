/** What `rollcall doctor` says of the clock: one that went back makes tokens live longer and logs lie. */
import type { Finding } from "./finding.ts";

/** What there is to compare the clock with. */
export interface ClockFacts {
  readonly nowMs: number;
  /** When a file of the data folder was last changed; undefined without one. */
  readonly newestFileMs: number | undefined;
  /** When the last thing was done that the audit log knows of. */
  readonly newestEntryMs: number | undefined;
}

/** A clock that stands before this cannot be right. */
const clockMsMin = Date.UTC(2025, 0, 1);
/** Nor can one that stands behind this. */
const clockMsMax = Date.UTC(2100, 0, 1);
/** How far files and entries may be ahead. */
const aheadMsMax = 60_000;

/** Puts what the clock says into words. */
export function clockFindings({
  nowMs,
  newestFileMs,
  newestEntryMs,
}: ClockFacts): readonly Finding[] {
  const now = new Date(nowMs).toISOString();
  const problem = (text: string): readonly Finding[] => [
    { check: "clock", state: "problem", text },
  ];
  if (nowMs < clockMsMin || nowMs > clockMsMax) {
    return problem(
      `the clock says ${now}, which cannot be right: set it, and have it follow a time server`,
    );
  }
  if (newestFileMs !== undefined && newestFileMs - nowMs > aheadMsMax) {
    return problem(
      `the clock says ${now}, and the data folder was changed at ${timeOf(newestFileMs)}: it went back; set it`,
    );
  }
  if (newestEntryMs !== undefined && newestEntryMs - nowMs > aheadMsMax) {
    return problem(
      `the clock says ${now}, and the audit log has an entry of ${timeOf(newestEntryMs)}: it went back, or was ahead then; set it, and expect tokens and times of that while to be off`,
    );
  }
  return [{ check: "clock", state: "ok", text: now }];
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}
