/** `rollcall migrate`: brings the tables of the database up to date. */
import { distributeData, migrateData } from "../compose.ts";
import { refusal } from "../domain/refusal.ts";
import type { Call, Command } from "./command.ts";

/** The commands. */
export const migrateCommands: readonly Command[] = [
  {
    usage: "migrate",
    summary: "make the tables, or bring them up to date; the server does so too when it starts",
    options: [
      [
        "--citus",
        "distribute the tables by tenant over the nodes of a Citus cluster, as far as they are not",
      ],
    ],
    usedBy: "all",
    folder: "make",
    run: migrate,
  },
];

async function migrate({ config, io, has, answer }: Call): Promise<number> {
  if (has("citus") && config.databaseUrl === undefined) {
    throw refusal("--citus distributes PostgreSQL tables: give --database-url");
  }
  const { place, applied } = await migrateData(config, io.now);
  const distributed = has("citus") ? await distributeData(config) : undefined;
  const name =
    config.databaseUrl === undefined ? `The database in ${place}` : `The database ${place}`;
  const steps = distributed?.map((step) => `Done: ${step}.`) ?? [];
  const isUnchanged = applied.length + steps.length === 0;
  answer({ data: place, upToDate: true, applied, ...(distributed && { distributed }) }, [
    ...applied.map(({ number, title }) => `Applied migration ${number}: ${title}.`),
    ...steps,
    `${name} is up to date${distributed === undefined ? "" : " and distributed"}${isUnchanged ? "; there was nothing to do" : ""}.`,
  ]);
  return 0;
}
