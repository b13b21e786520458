/** `rollcall import`: accounts, users and groups out of a file, as often as one likes. */
import { cleanText } from "../domain/clean-text.ts";
import { refusal } from "../domain/refusal.ts";
import type { Call, Command } from "./command.ts";
import { findConnection, findTenant } from "./find-connection.ts";
import type { Progress } from "./progress.ts";
import { startProgress } from "./progress.ts";

/** The commands. */
export const importCommands: readonly Command[] = [
  {
    usage: "import <file>",
    summary:
      "import accounts, users and groups from lines of JSON or CSV; started again it goes on where it was, and repeated it changes nothing",
    options: [
      [
        "--connection <tenant/connection>",
        "where users and groups go that do not name a connection",
      ],
      ["--tenant <tenant>", "whom the file is about, whatever it says itself"],
      ["--kind <kind>", "what lines are that do not say it, as in CSV: user, group or account"],
      ["--dry-run", "look through all of it and write nothing"],
    ],
    usedBy: "all",
    folder: "need",
    run: importRecords,
  },
];

async function importRecords(call: Call): Promise<number> {
  const instance = await call.open();
  const { store } = instance;
  const [file = ""] = call.args;
  const connectionName = call.text("connection");
  const tenantName = call.text("tenant");
  const named =
    connectionName === undefined ? undefined : await findConnection(store, connectionName);
  const tenant = tenantName === undefined ? named?.tenant : await findTenant(store, tenantName);
  if (named !== undefined && named.tenant.tenantId !== tenant?.tenantId) {
    throw refusal(`${named.name} is no connection of tenant ${tenant?.slug}: leave out --tenant`);
  }
  const dryRun = call.has("dryRun");
  const shown: { progress?: Progress } = {};
  const report = await instance
    .importFile({
      file,
      tenant,
      connection: named?.connection,
      kind: call.text("kind"),
      dryRun,
      onProgress: (lines, total) => {
        shown.progress ??= startProgress(call, { title: "Importing", unit: "lines", total });
        shown.progress.update(lines);
      },
    })
    .finally(() => shown.progress?.stop());
  const { created, changed, unchanged, refused, reasons, resumedBehind, refusedFile } = report;
  call.answer(
    {
      file,
      dryRun,
      ...report,
      resumedBehind: resumedBehind ?? null,
      refusedFile: refusedFile ?? null,
    },
    [
      ...(resumedBehind === undefined ? [] : [`Went on behind line ${resumedBehind}.`]),
      `${dryRun ? "Would be " : ""}${created} created, ${changed} changed, ${unchanged} as before, ${refused} refused.`,
      ...(refused === 0 ? [] : ["", ...reasonLines(reasons)]),
      ...(refusedFile === undefined ? [] : ["", `The refused lines are told in ${refusedFile}.`]),
    ],
  );
  return refused === 0 ? 0 : 1;
}

function reasonLines(reasons: Readonly<Record<string, number>>): readonly string[] {
  const sorted = Object.entries(reasons).toSorted(([, one], [, other]) => other - one);
  return sorted.map(([reason, count]) => `${count} refused: ${cleanText(reason, 500)}`);
}
