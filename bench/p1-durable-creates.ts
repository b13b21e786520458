/** P1: durable creates against a bare prototype that inserts the same rows as durably. */
import { join } from "node:path";
import type { BareSpec } from "./bare-server.ts";
import type { Finding, PromiseReport } from "./finding.ts";
import { atLeast, milliseconds, orientation, rate, times } from "./finding.ts";
import type { Measured } from "./interleave.ts";
import { interleave } from "./interleave.ts";
import type { Slice } from "./load.ts";
import { expectStatus } from "./load.ts";
import type { TemplateRow } from "./row-template.ts";
import { templateOf } from "./row-template.ts";
import type { ServerProcess } from "./server-process.ts";
import type { Site } from "./site.ts";
import { countRows } from "./site.ts";
import type { Workplace } from "./workplace.ts";
import { many, slice } from "./workplace.ts";

const promisedShare = 0.6;

/** Measures it. */
export async function durableCreates(place: Workplace): Promise<PromiseReport> {
  const { database, scale } = place;
  const site = await place.site({ users: 0 });
  const rows = await templateOf(site);
  const server = await place.server(site);
  const bareSite = await place.site({ users: 0 });
  const bare = await place.bare(bareSpec(bareSite, rows, "one"));
  const eachSite = database.name === "SQLite" ? undefined : await place.site({ users: 0 });
  const each = eachSite && (await place.bare(bareSpec(eachSite, rows, "each")));
  const created = (scale.slices + 1) * scale.requests;
  const counts = await Promise.all([site, bareSite].map((one) => countRows(one, "resources")));
  const sides: Record<string, () => Promise<Slice>> = {
    ours: creates(place, server),
    bare: creates(place, bare),
    ...(each === undefined ? {} : { each: creates(place, each) }),
  };
  const measured = await interleave(sides, scale.slices);
  for (const [at, one] of [site, bareSite].entries()) {
    const now = await countRows(one, "resources");
    if (now !== (counts[at] ?? 0) + created) {
      throw new Error(`${created} creates were answered, and there are ${now} resources`);
    }
  }
  return {
    promise: "P1",
    title: "Durable creates",
    findings: findingsOf(measured),
    notes: [notesOf(rows, database.name === "SQLite")],
  };
}

function bareSpec(
  { folder, databaseUrl }: Site,
  rows: readonly TemplateRow[],
  statements: "one" | "each",
): BareSpec {
  return databaseUrl === undefined
    ? { kind: "sqlite", file: join(folder, "rollcall.db"), rows }
    : { kind: "postgres", url: databaseUrl, rows, statements };
}

function creates({ scale, newUser }: Workplace, server: ServerProcess) {
  return () => {
    const requests = many(scale.requests, () =>
      server.encode({ method: "POST", path: "/Users", body: newUser() }),
    );
    return slice(server, scale.connections, requests, expectStatus(201));
  };
}

function findingsOf(measured: Readonly<Record<string, Measured>>): readonly Finding[] {
  const { ours, bare, each } = measured;
  if (ours === undefined || bare === undefined) {
    throw new TypeError("both have been measured");
  }
  return [
    {
      what: "POST /Users, 32 connections",
      ours: rate(ours.perSecond),
      against: `bare prototype ${rate(bare.perSecond)}`,
      ...atLeast(ours.perSecond / bare.perSecond, promisedShare),
    },
    {
      what: "the same, p50 and p99",
      ours: `${milliseconds(ours.p50Ms)}, ${milliseconds(ours.p99Ms)}`,
      against: `${milliseconds(bare.p50Ms)}, ${milliseconds(bare.p99Ms)}`,
      ratio: "",
      ...orientation,
    },
    ...(each !== undefined
      ? [
          {
            what: "the same, against one statement for each row",
            ours: rate(ours.perSecond),
            against: `bare prototype ${rate(each.perSecond)}`,
            ratio: times(ours.perSecond / each.perSecond),
            ...orientation,
          },
        ]
      : []),
    {
      what: "what the load generator could send alone",
      ours: rate(1_000_000 / ours.generatorMicros),
      against: "",
      ratio: "",
      ...orientation,
    },
  ];
}

function notesOf(rows: readonly TemplateRow[], isSqlite: boolean): string {
  const tables = [...new Set(rows.map(({ table }) => table))].map(
    (table) => `${rows.filter((row) => row.table === table).length} in \`${table}\``,
  );
  return (
    `A create leaves ${rows.length} rows: ${tables.join(", ")}. The bare prototype inserts the same rows into the same tables, ` +
    "as durably, without authentication, validation, a look whether the person is there already, or counters" +
    (isSqlite
      ? "; both commit once in a turn of the event loop, with `synchronous=FULL`."
      : "; it has 16 connections and writes all rows of a request in one statement. " +
        "The second comparison is with one statement for each row, in one transaction.")
  );
}
