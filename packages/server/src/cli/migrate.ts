/** `rollcall migrate`: brings the tables of a data folder up to date. */
import type { Call, Command } from "./command.ts";

/** The commands. */
export const migrateCommands: readonly Command[] = [
  {
    usage: "migrate",
    summary: "make the tables, or bring them up to date; the server does so too when it starts",
    options: [],
    usedBy: "all",
    folder: "make",
    run: migrate,
  },
];

/** Opening a data folder for this command migrates it. */
async function migrate(call: Call): Promise<number> {
  const { folder } = await call.open();
  call.answer({ data: folder, upToDate: true }, [`The database in ${folder} is up to date.`]);
  return 0;
}
