/** Looks at a database file as `doctor` wants to know it: does the driver load, will commits last, is the file sound. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { openDatabase } from "./open-database.ts";

/** What was found. */
export interface DatabaseInspection {
  /** Why the database cannot be used at all. */
  readonly problem: string | undefined;
  readonly settings: readonly {
    readonly name: string;
    readonly value: string;
    readonly wanted: string;
  }[];
}

/** What each pragma has to answer. */
const wantedAnswers: readonly (readonly [pragma: string, wanted: string])[] = [
  ["journal_mode", "wal"],
  ["synchronous", "2"],
  ["quick_check", "ok"],
];

const settingNames: Readonly<Record<string, string>> = { "2": "FULL" };

/** Inspects the database of a data folder; a file that is missing stays missing. */
export function inspectDatabase(folder: string): DatabaseInspection {
  const file = join(folder, "rollcall.db");
  if (!existsSync(file)) {
    return { problem: `there is no database in ${folder}: start rollcall serve`, settings: [] };
  }
  try {
    const database = openDatabase(file, {
      readOnly: false,
      synchronous: "FULL",
      busyTimeoutMs: 10_000,
      cacheKiB: 8 * 1024,
    });
    try {
      const settings = wantedAnswers.map(([pragma, wanted]) => {
        const value = String(database.pragma(pragma, { simple: true }));
        return {
          name: pragma,
          value: settingNames[value] ?? value,
          wanted: settingNames[wanted] ?? wanted,
        };
      });
      return { problem: undefined, settings };
    } finally {
      database.close();
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { problem: `the database cannot be opened: ${reason}`, settings: [] };
  }
}
