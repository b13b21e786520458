/** `rollcall backup` and `rollcall restore`: everything in one file, and back from it, on either database. */
import { databaseNameOf, restoreData } from "../compose.ts";
import type { Config } from "../config/config.ts";
import type { Call, Command } from "./command.ts";
import { formatFields } from "./format-table.ts";
import { startProgress } from "./progress.ts";

/** The commands. */
export const backupCommands: readonly Command[] = [
  {
    usage: "backup <file>",
    summary:
      "write everything into a new file, while the server runs; the instance key is not in it",
    options: [],
    usedBy: "all",
    folder: "need",
    run: backUp,
  },
  {
    usage: "restore <file>",
    summary: "put a backup into a new data folder, or an empty PostgreSQL database",
    options: [],
    usedBy: "all",
    folder: "make",
    run: restore,
  },
];

async function backUp(call: Call): Promise<number> {
  const [file = ""] = call.args;
  const instance = await call.open();
  const progress = startProgress(call, { title: "Backing up", unit: "rows", total: undefined });
  const { header, counts, rows } = await instance
    .backUp({ file, onProgress: progress.update })
    .finally(progress.stop);
  const keyPlace = keyPlaceOf(call.config);
  call.answer({ file, ...header, counts, rows, instanceKeyPlace: keyPlace }, [
    ...formatFields([
      ["File", file],
      ["As of", header.time],
      ["Rows", String(rows)],
      ["Tenants", String(counts["tenants"] ?? 0)],
      ["Resources", String(counts["resources"] ?? 0)],
      ["Accounts", String(counts["accounts"] ?? 0)],
    ]),
    "",
    `The instance key is NOT in the file: it is in ${keyPlace}. Keep a copy of it apart from the backup:`,
    "without it no token and no link in a mail works any more, and nothing can be restored.",
    "The request log is not in the file either.",
  ]);
  return 0;
}

/** Where the instance key is that the backup does not have. */
function keyPlaceOf({ data, pepper }: Config): string {
  return pepper === undefined ? `${data}/.pepper` : "ROLLCALL_PEPPER";
}

async function restore(call: Call): Promise<number> {
  const { config, io } = call;
  const [file = ""] = call.args;
  const progress = startProgress(call, { title: "Restoring", unit: "rows", total: undefined });
  const { header, rows } = await restoreData(config, {
    file,
    now: io.now,
    onProgress: progress.update,
  }).finally(progress.stop);
  const place = databaseNameOf(config) ?? config.data;
  call.answer({ file, data: place, asOf: header.time, from: header.database, rows }, [
    ...formatFields([
      ["Into", place],
      ["As of", header.time],
      ["Rows", String(rows)],
    ]),
    "",
    "What was changed after that time is not there: clients that sync bring it back with their next sync.",
    "Mails and webhook deliveries that waited at that time are sent once a server runs on it, even if they were sent since.",
  ]);
  return 0;
}
