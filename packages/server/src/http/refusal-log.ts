/** Logs what is refused before there is a request, such as what is no HTTP: the reason, and nothing that was sent. */
import { createFailureLimit } from "./failure-limit.ts";
import type { JsonLog } from "./json-log.ts";

/** A refusal. */
export interface Refusal {
  readonly status: number;
  readonly reason: string;
  /** The parser's name for it. */
  readonly code?: string | undefined;
}

/** Notes refusals. */
export interface RefusalLog {
  /** Notes one of an address, which is counted and not logged. */
  note(address: string | undefined, refusal: Refusal): void;
}

/** The most refusals of one address that are logged in a minute. */
const refusalsLoggedMax = 20;

/** Makes the log; one client that sends nothing but rubbish does not fill it. */
export function createRefusalLog(log: JsonLog, now: () => number = Date.now): RefusalLog {
  const limit = createFailureLimit(refusalsLoggedMax);
  return {
    note: (address = "unknown", { status, reason, code }) => {
      const counted = limit.note(address, now());
      if (counted === "within") {
        log.info("request refused by the listener", { status, reason, code });
      } else if (counted === "first-over") {
        log.warn("more refused requests of one address, which are not logged for this minute");
      }
    },
  };
}
