/** What errors of PostgreSQL mean, by SQLSTATE: try again, come back later, or a defect. */
import { storeAwayError } from "../store-away.ts";

/** Somebody else was faster: the transaction is to be run again. */
const conflictStates: ReadonlySet<string> = new Set([
  "40001", // serialization failure
  "40P01", // deadlock
  "23505", // unique violation: a number that another process gave too
  "23503", // foreign key violation: a member that was deleted meanwhile
  "42710", // duplicate object: a table that another starter makes too, IF NOT EXISTS notwithstanding
  "42P07", // duplicate table: likewise
]);

/** The database cannot answer: no connection, no resources, starting, stopping, read-only after a failover, too slow. */
const awayStates = /^(08...|53...|58...|57P0.|57014|55P03|25006|28...|3D000)$/;

const awayCodes: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ENOENT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ERR_STREAM_DESTROYED",
]);

/** The driver gives these errors no code. */
const awayMessages =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed|Query read timeout|Cannot use a pool after calling end)/;

/** Tells whether the transaction may succeed when it is run again. */
export function isConflict(error: unknown): boolean {
  return conflictStates.has(codeOf(error));
}

/** Tells whether PostgreSQL stopped a statement that took too long. */
export function isTimeout(error: unknown): boolean {
  return codeOf(error) === "57014";
}

/** Tells whether the connection cannot be used any more. */
export function isConnectionLost(error: unknown): boolean {
  const code = codeOf(error);
  return code === "" ? isAway(error) : awayCodes.has(code) || /^(08...|57P0.)$/.test(code);
}

/** Turns "not now" into 503; every other error stays what it is. */
export function asStoreFailure(error: unknown): unknown {
  return isAway(error) ? storeAwayError(codeOf(error) || "no connection", error) : error;
}

function isAway(error: unknown): boolean {
  const code = codeOf(error);
  return (
    awayStates.test(code) ||
    awayCodes.has(code) ||
    code === "40001" ||
    code === "40P01" ||
    (error instanceof Error && awayMessages.test(error.message))
  );
}

/** The SQLSTATE, or the code of the operating system; several addresses that failed count as the first of them. */
function codeOf(error: unknown): string {
  if (error instanceof AggregateError && !("code" in error && typeof error.code === "string")) {
    return codeOf(error.errors[0]);
  }
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : "";
}
