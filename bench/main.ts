/** `npm run bench`: measures the promises, prints what came of them and writes `docs/reference/performance.md`. */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { dropFolders } from "./filled-cache.ts";
import type { PromiseName } from "./finding.ts";
import { formatPeers, formatProfile, formatReport, performancePage } from "./format-results.ts";
import { durableCreates } from "./p1-durable-creates.ts";
import { reads } from "./p2-reads.ts";
import { flatInDirectorySize } from "./p3-flat-in-directory-size.ts";
import { flatInGroupSize } from "./p4-flat-in-group-size.ts";
import { wholeSync } from "./p5-whole-sync.ts";
import { reconciliation } from "./p6-reconciliation.ts";
import { unindexedFilters } from "./p7-unindexed-filters.ts";
import { memory } from "./p8-memory.ts";
import { processes } from "./p9-processes.ts";
import { comparePeers } from "./peers/compare-peers.ts";
import { openPostgresDatabase } from "./postgres-database.ts";
import { profiledWorks, profileWork } from "./profile.ts";
import type { Measurement, Results } from "./results.ts";
import { machineText, readResults, saveResults, withProfile, withPromise } from "./results.ts";
import type { Scale } from "./scale.ts";
import { fullScale, quickScale } from "./scale.ts";
import type { BenchDatabase, Site } from "./site.ts";
import { openSqliteDatabase } from "./sqlite-database.ts";
import type { PromiseBench, Surroundings } from "./workplace.ts";
import { inWorkplace } from "./workplace.ts";

const page = "docs/reference/performance.md";

/** The benches, in the order of the promises. */
const benches: Readonly<Record<PromiseName, PromiseBench>> = {
  P1: durableCreates,
  P2: reads,
  P3: flatInDirectorySize,
  P4: flatInGroupSize,
  P5: wholeSync,
  P6: reconciliation,
  P7: unindexedFilters,
  P8: memory,
  P9: processes,
};

/** What the command line asks for. */
interface Order {
  readonly scale: Scale;
  readonly promises: readonly PromiseName[];
  readonly isWhole: boolean;
  readonly isProfile: boolean;
  readonly withPeers: boolean;
  readonly writes: boolean;
  readonly onSqlite: boolean;
  readonly onPostgres: boolean;
  readonly databaseUrl: string | undefined;
  /** Without the URL, which may hold a password. */
  readonly command: string;
}

function readOrder(words: readonly string[]): Order {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      quick: { type: "boolean", default: false },
      sqlite: { type: "boolean", default: false },
      postgres: { type: "boolean", default: false },
      peers: { type: "boolean", default: false },
      profile: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
      "database-url": { type: "string" },
    },
  });
  const wanted = positionals.map((word) => word.toUpperCase());
  const unknown = wanted.find((name) => !Object.hasOwn(benches, name));
  if (unknown !== undefined) {
    throw new Error(`there is no promise ${unknown}; there are ${Object.keys(benches).join(", ")}`);
  }
  const known = promiseNames().filter((name) => wanted.includes(name));
  const onlyOne = values.sqlite !== values.postgres;
  const isWhole =
    known.length === 0 && !onlyOne && !values.quick && !values.profile && !values.peers;
  const shown = words.filter((word, at) => !/url/.test(word) && words[at - 1] !== "--database-url");
  return {
    scale: values.quick ? quickScale : fullScale,
    promises: known.length > 0 || values.peers ? known : promiseNames(),
    isWhole,
    isProfile: values.profile,
    withPeers: values.peers,
    writes: isWhole || values.write,
    onSqlite: !onlyOne || values.sqlite,
    onPostgres: !onlyOne || values.postgres,
    databaseUrl: values["database-url"],
    command: ["npm run bench", ...(shown.length > 0 ? ["--", ...shown] : [])].join(" "),
  };
}

function promiseNames(): readonly PromiseName[] {
  // The names are written out above.
  return Object.keys(benches) as PromiseName[];
}

/** Keeps a report with the occasion on which it was made. */
function measurement<Report>(report: Report, database: string, order: Order): Measurement<Report> {
  const day = new Date().toISOString().slice(0, 10);
  return { report, day, machine: machineText(), database, command: order.command };
}

/** Measures on one database; the large directory is made when somebody asks for it first, and kept to the end. */
async function onDatabase(
  database: BenchDatabase,
  order: Order,
  before: Results,
): Promise<Results> {
  let results = before;
  let large: Promise<Site> | undefined;
  const surroundings: Surroundings = {
    database,
    scale: order.scale,
    largeSite() {
      large ??= database.createSite({ users: order.scale.large });
      return large;
    },
  };
  try {
    for (const name of order.promises) {
      if (order.isProfile) {
        results = await profile(name, surroundings, order, results);
      } else {
        process.stderr.write(`measuring ${name} on ${database.name}\n`);
        const report = await inWorkplace(surroundings, benches[name]);
        process.stdout.write(`${formatReport(report, database.version)}\n`);
        results = withPromise(results, database.name, measurement(report, database.version, order));
      }
      keep(results, order);
    }
  } finally {
    await (await large)?.remove();
  }
  return results;
}

async function profile(
  name: PromiseName,
  surroundings: Surroundings,
  order: Order,
  before: Results,
): Promise<Results> {
  const { database } = surroundings;
  const work = profiledWorks.find((one) => one === name.toLowerCase());
  let results = before;
  if (work !== undefined) {
    process.stderr.write(`profiling ${name} on ${database.name}\n`);
    const reports = await inWorkplace(surroundings, (place) => profileWork(work, place));
    for (const report of reports) {
      process.stdout.write(`${formatProfile(report, database.version)}\n`);
      results = withProfile(results, database.name, measurement(report, database.version, order));
    }
  }
  return results;
}

async function run(order: Order): Promise<void> {
  dropFolders();
  let results = readResults();
  const databases: BenchDatabase[] = [];
  try {
    if (order.onSqlite) {
      databases.push(openSqliteDatabase());
    }
    if (order.onPostgres) {
      databases.push(await openPostgresDatabase(order.databaseUrl));
    }
    for (const database of databases) {
      results = await onDatabase(database, order, results);
    }
    if (order.withPeers) {
      const report = await comparePeers(databases, order.scale);
      process.stdout.write(`${formatPeers(report)}\n`);
      const versions = databases.map(({ version }) => version).join(", ");
      results = { ...results, peers: measurement(report, versions, order) };
      keep(results, order);
    }
  } finally {
    for (const database of databases) {
      await database.close();
    }
    dropFolders();
  }
  if (order.writes) {
    process.stdout.write(`\n${page} is written\n`);
  }
}

/** After each promise, so that a run that is cut short has not measured for nothing. */
function keep(results: Results, order: Order): void {
  saveResults(results);
  if (order.writes) {
    writeFileSync(page, performancePage(results));
  }
}

await run(readOrder(process.argv.slice(2)));
