/** How large the files of a data folder are. */
import { statSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseFigures } from "../../domain/instance-figures.ts";

/** Bytes of the database, of its write-ahead log, and of the request log. */
export type SqliteFileSizes = Extract<DatabaseFigures, { readonly database: "sqlite" }>["bytes"];

/** Looks at the files; one that is missing has no bytes. */
export function fileSizesIn(folder: string): SqliteFileSizes {
  const size = (name: string): number =>
    statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0;
  return {
    database: size("rollcall.db"),
    log: size("rollcall.db-wal"),
    requestLog: size("request-log.db"),
  };
}
