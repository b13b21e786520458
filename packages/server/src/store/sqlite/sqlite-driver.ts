/** The SQLite driver for the Node that runs: two releases of better-sqlite3 with one interface. */
import { createRequire } from "node:module";
import type Driver from "better-sqlite3";

/**
 * Release 13 brings its binaries along and crashes any Node without Node-API 10, which is 20 and early 22. Release 12
 * ends the process from Node 24.19 on when a statement is collected while no JavaScript runs.
 */
const release = Number(process.versions["napi"]) >= 10 ? "better-sqlite3-13" : "better-sqlite3";

/** The class of connections. */
export const SqliteDriver: typeof Driver = createRequire(import.meta.url)(release);
