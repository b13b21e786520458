/** P7: how long others wait while a filter without index reads the whole directory. */
import type { PromiseReport } from "./finding.ts";
import { atMost, count, milliseconds, orientation } from "./finding.ts";
import type { Directory } from "./generate-directory.ts";
import { interleave, median } from "./interleave.ts";
import type { AnswerCheck, Slice } from "./load.ts";
import { expectStatus, runPaced } from "./load.ts";
import type { ServerProcess } from "./server-process.ts";
import { drawUsers, lookupReads, lookups, pointReads } from "./user-requests.ts";
import type { Workplace } from "./workplace.ts";
import { checkedSlice, many, withWire, withWires } from "./workplace.ts";

const connections = 16;
const promisedRatio = 2;
/** How much of what the server can take the paced load is: with more, its times would be those of a queue. */
const loadShare = 0.2;

/** Measures it. */
export async function unindexedFilters(place: Workplace): Promise<PromiseReport> {
  const { scale } = place;
  const site = await place.largeSite();
  const server = await place.server(site);
  const scans: number[] = [];
  const statuses = new Set<number>();
  const perSecond = await paceOf(place, server, site.directory);
  const quiet = (at: number) =>
    pacedMix(place, server, { directory: site.directory, perSecond, at });
  const measured = await interleave(
    {
      quiet,
      scanning: (at: number) =>
        withWire(server, async (wire) => {
          let isOver = false;
          const scanning = (async () => {
            while (!isOver) {
              const path = `/Users?filter=${encodeURIComponent('nickName co "nobody"')}`;
              const answer = await wire.send(server.encode({ method: "GET", path }));
              requireScanAnswer(answer.status, answer.body);
              statuses.add(answer.status);
              scans.push(answer.ms);
            }
          })();
          const slice = await quiet(at);
          isOver = true;
          await scanning;
          return slice;
        }),
    },
    scale.slices,
  );
  return {
    promise: "P7",
    title: "Unindexed filters",
    findings: [
      {
        what: "p99 of the others while a filter reads everything",
        ours: milliseconds(measured.scanning.p99Ms),
        against: `quiet ${milliseconds(measured.quiet.p99Ms)}`,
        ...atMost(measured.scanning.p99Ms / measured.quiet.p99Ms, promisedRatio),
      },
      {
        what: "their p50",
        ours: milliseconds(measured.scanning.p50Ms),
        against: `quiet ${milliseconds(measured.quiet.p50Ms)}`,
        ratio: `${(measured.scanning.p50Ms / measured.quiet.p50Ms).toFixed(2)} ×`,
        ...orientation,
      },
      {
        what: "the filter itself, median",
        ours: `${milliseconds(median(scans))}, status ${[...statuses].sort().join(" and ")}`,
        against: "",
        ratio: "",
        ...orientation,
      },
    ],
    notes: [
      `${count(scale.large)} users; \`nickName co\` finds nobody and is asked again as soon as it is answered, while ${connections} other connections ` +
        `send ${perSecond} requests a second at a steady pace, a fifth of what the server can take: 6 of 10 read by id, 3 look up by \`userName\`, 1 creates a person.`,
    ],
  };
}

/** Past its time limit a filter is refused with 400. */
function requireScanAnswer(status: number, body: Buffer): void {
  const text = body.toString();
  const isRight =
    (status === 200 && text.includes('"totalResults":0')) ||
    (status === 400 && text.includes('"tooMany"'));
  if (!isRight) {
    throw new Error(`the filter was answered with ${status}: ${text.slice(0, 500)}`);
  }
}

/** A fifth of the point reads that the server answers under full load. */
async function paceOf(
  { scale }: Workplace,
  server: ServerProcess,
  directory: Directory,
): Promise<number> {
  const rates: number[] = [];
  for (let at = 0; at < 3; at += 1) {
    const reads = pointReads(server, directory, drawUsers(directory, scale.requests, at));
    rates.push((await checkedSlice(server, connections, reads)).perSecond);
  }
  return Math.max(10, Math.round(loadShare * median(rates)));
}

/** A slice of the paced load. */
interface PacedMix {
  readonly directory: Directory;
  readonly perSecond: number;
  readonly at: number;
}

function pacedMix(
  { scale, newUser }: Workplace,
  server: ServerProcess,
  { directory, perSecond, at }: PacedMix,
): Promise<Slice> {
  const total = Math.round(perSecond * scale.pacedSeconds);
  const numbers = drawUsers(directory, total, at);
  const points = pointReads(server, directory, numbers);
  const names = lookupReads(server, directory, numbers, lookups["userName eq"] ?? (() => ""));
  const isCreated = expectStatus(201);
  const kinds = many(total, (index): { readonly request: Buffer; readonly check: AnswerCheck } => {
    const kind = index % 10;
    if (kind === 9) {
      const body = newUser();
      return {
        request: server.encode({ method: "POST", path: "/Users", body }),
        check: isCreated,
      };
    }
    const { requests, check } = kind < 6 ? points : names;
    return { request: requests[index] ?? Buffer.alloc(0), check };
  });
  return withWires(server, connections, (wires) =>
    runPaced(
      wires,
      { perSecond, seconds: scale.pacedSeconds },
      (index) => kinds[index]?.request ?? Buffer.alloc(0),
      (answer, index) => kinds[index]?.check(answer, index),
    ),
  );
}
