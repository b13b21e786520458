/** P9: reads of two server processes on one database, over those of one. */
import { cpSync } from "node:fs";
import { cpus } from "node:os";
import { newFolder } from "./filled-cache.ts";
import type { Finding, PromiseReport } from "./finding.ts";
import { atLeast, orientation, rate, times } from "./finding.ts";
import type { Measured } from "./interleave.ts";
import { interleave } from "./interleave.ts";
import type { Slice } from "./load.ts";
import { runLoad } from "./load.ts";
import { cpuSecondsOf, hasProcessFigures } from "./process-figures.ts";
import type { ServerProcess } from "./server-process.ts";
import { drawUsers, pointReads } from "./user-requests.ts";
import type { Workplace } from "./workplace.ts";
import { withWires } from "./workplace.ts";

const promisedRatio = 1.6;
/** Two servers, the database and the load generator, each with a core. */
const coresWanted = 4;

/** Processor seconds by who took them. */
interface CpuShares {
  readonly servers: number;
  readonly database: number;
  readonly generator: number;
  readonly seconds: number;
  readonly requests: number;
}

/** Measures it. */
export async function processes(place: Workplace): Promise<PromiseReport> {
  const { database, scale } = place;
  if (database.name === "SQLite") {
    return {
      promise: "P9",
      title: "More processes",
      findings: [],
      notes: ["On SQLite there is one server process by design; this promise is about PostgreSQL."],
    };
  }
  const site = await place.site({ users: scale.small });
  const secondFolder = newFolder();
  cpSync(site.folder, secondFolder, { recursive: true });
  const first = await place.server(site);
  const second = await place.server(site, { folder: secondFolder });
  const shares: Record<"one" | "two", CpuShares[]> = { one: [], two: [] };
  const run = (side: "one" | "two", servers: readonly ServerProcess[]) => async (at: number) => {
    const before = cpuNow(place, servers);
    const from = performance.now();
    const result = await readsOf(place, servers, site.directory, at);
    const after = cpuNow(place, servers);
    if (at > 0) {
      shares[side].push({
        servers: after.servers - before.servers,
        database: after.database - before.database,
        generator: after.generator - before.generator,
        seconds: (performance.now() - from) / 1000,
        requests: result.requests,
      });
    }
    return result;
  };
  const measured = await interleave(
    { one: run("one", [first]), two: run("two", [first, second]) },
    scale.slices,
  );
  const cores = cpus().length;
  return {
    promise: "P9",
    title: "More processes",
    findings: findingsOf(measured, shares, cores),
    notes: [
      `Directory of ${scale.small} users, ${scale.connections} connections in all, split between the processes. ` +
        `This machine has ${cores} cores for the servers, the database and the load generator.`,
      ...(cores < coresWanted
        ? [
            `The promise holds where the machine has the cores: two servers, the database and the load generator want ${coresWanted}. ` +
              "Here the lines on processor time show what the limit is: once nearly all of it is taken, a second process has nothing to run on.",
          ]
        : []),
    ],
  };
}

function cpuNow({ database }: Workplace, servers: readonly ServerProcess[]) {
  const { user, system } = process.cpuUsage();
  return {
    servers: servers.reduce((sum, { pid }) => sum + cpuSecondsOf(pid), 0),
    database: database.cpuSeconds(),
    generator: (user + system) / 1_000_000,
  };
}

/** Point reads, the connections split between the servers, which take them as fast as each can. */
async function readsOf(
  { scale }: Workplace,
  servers: readonly ServerProcess[],
  directory: Parameters<typeof pointReads>[1],
  at: number,
): Promise<Slice> {
  const numbers = drawUsers(directory, scale.requests, at);
  const share = Math.ceil(numbers.length / servers.length);
  const from = performance.now();
  const slices = await Promise.all(
    servers.map((server, index) => {
      const mine = numbers.slice(index * share, (index + 1) * share);
      const { requests, check } = pointReads(server, directory, mine);
      return withWires(server, scale.connections / servers.length, (wires) =>
        runLoad(wires, requests, check),
      );
    }),
  );
  const seconds = (performance.now() - from) / 1000;
  const all = Float64Array.from(slices.flatMap((slice) => [...slice.times])).sort();
  return {
    requests: all.length,
    perSecond: all.length / seconds,
    times: all,
    generatorMicros: slices[0]?.generatorMicros ?? Number.NaN,
  };
}

function findingsOf(
  { one, two }: Readonly<Record<"one" | "two", Measured>>,
  shares: Readonly<Record<"one" | "two", readonly CpuShares[]>>,
  cores: number,
): readonly Finding[] {
  const ratio = two.perSecond / one.perSecond;
  const bound = atLeast(ratio, promisedRatio);
  return [
    {
      what: "GET /Users/{id}, two processes against one",
      ours: rate(two.perSecond),
      against: `one process ${rate(one.perSecond)}`,
      ...bound,
      promised: `${bound.promised} with ${coresWanted} cores`,
      // Without the cores the figure says nothing about the promise.
      kept: cores < coresWanted && !bound.kept ? undefined : bound.kept,
    },
    ...(hasProcessFigures
      ? [
          cpuFinding("one process", shares.one, cores),
          cpuFinding("two processes", shares.two, cores),
        ]
      : []),
  ];
}

function cpuFinding(what: string, shares: readonly CpuShares[], cores: number): Finding {
  const sum = (of: (share: CpuShares) => number) =>
    shares.reduce((total, share) => total + of(share), 0);
  const requests = sum((share) => share.requests);
  const each = (of: (share: CpuShares) => number) =>
    `${Math.round((1_000_000 * sum(of)) / requests)} µs`;
  const taken = sum(({ servers, database, generator }) => servers + database + generator);
  return {
    what: `processor time of a request, ${what}`,
    ours: `server ${each(({ servers }) => servers)}, database ${each(({ database }) => database)}, load generator ${each(({ generator }) => generator)}`,
    against: `${(taken / sum(({ seconds }) => seconds)).toFixed(2)} of ${cores} cores busy with it`,
    ratio: times(taken / sum(({ seconds }) => seconds) / cores),
    ...orientation,
  };
}
