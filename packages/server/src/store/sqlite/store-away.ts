/** The one place where failures of the database become "come back later". */
import type { ScimError } from "@rollcall/scim";
import { storeAwayError } from "../store-away.ts";
import { SqliteDriver } from "./sqlite-driver.ts";

const awayCodes = [
  "SQLITE_BUSY",
  "SQLITE_LOCKED",
  "SQLITE_IOERR",
  "SQLITE_FULL",
  "SQLITE_CANTOPEN",
  "SQLITE_PROTOCOL",
  "SQLITE_NOMEM",
];
/** Makes the error of a store that cannot answer now. */
export function storeAway(cause: unknown): ScimError {
  return storeAwayError(cause instanceof SqliteDriver.SqliteError ? cause.code : "closed", cause);
}

/** Turns a failure of the database into {@link storeAway}; every other error stays what it is. */
export function asStoreFailure(error: unknown): unknown {
  return isAway(error) ? storeAway(error) : error;
}

/** Tells whether another process holds the lock that was asked for. */
export function isBusy(error: unknown): boolean {
  return error instanceof SqliteDriver.SqliteError && error.code.startsWith("SQLITE_BUSY");
}

function isAway(error: unknown): boolean {
  return (
    error instanceof SqliteDriver.SqliteError &&
    awayCodes.some((code) => error.code.startsWith(code))
  );
}
