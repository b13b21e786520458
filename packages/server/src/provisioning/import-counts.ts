/** What the lines of an import came to, counted. */
import type { JsonObject } from "@rollcall/scim";
import { isJsonObject, memberOf } from "@rollcall/scim";
import type { ImportOutcome } from "./import-site.ts";

/** How many lines came to what; the refused ones by their reasons. */
export interface ImportCounts {
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly refused: number;
  readonly reasons: Readonly<Record<string, number>>;
}

/** Nothing yet. */
export const noCounts: ImportCounts = {
  created: 0,
  changed: 0,
  unchanged: 0,
  refused: 0,
  reasons: {},
};

/** How many reasons are told apart; what differs in more is put under one. */
const reasonsMax = 100;
const otherReasons = "other reasons";

/** Counts one more line. */
export function counted(counts: ImportCounts, outcome: ImportOutcome): ImportCounts {
  return { ...counts, [outcome]: counts[outcome] + 1 };
}

/** Counts one more line that was refused. */
export function countedRefusal(counts: ImportCounts, reason: string): ImportCounts {
  const { reasons } = counts;
  const isNew = !Object.hasOwn(reasons, reason);
  const name = isNew && Object.keys(reasons).length >= reasonsMax ? otherReasons : reason;
  const before = Object.hasOwn(reasons, name) ? (reasons[name] ?? 0) : 0;
  return {
    ...counts,
    refused: counts.refused + 1,
    reasons: Object.fromEntries([...Object.entries(reasons), [name, before + 1]]),
  };
}

/** Reads counts that were written down. */
export function parseCounts(stored: JsonObject): ImportCounts {
  const numberOf = (name: string): number => Number(memberOf(stored, name) ?? 0);
  const reasons = memberOf(stored, "reasons");
  return {
    created: numberOf("created"),
    changed: numberOf("changed"),
    unchanged: numberOf("unchanged"),
    refused: numberOf("refused"),
    reasons: isJsonObject(reasons)
      ? Object.fromEntries(
          Object.entries(reasons).map(([reason, count]) => [reason, Number(count)]),
        )
      : {},
  };
}
