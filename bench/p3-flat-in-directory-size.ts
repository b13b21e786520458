/** P3: what requests cost in a large directory, over what they cost in a small one. */
import type { Finding, PromiseReport } from "./finding.ts";
import { atMost, count, milliseconds, times, within } from "./finding.ts";
import type { Measured } from "./interleave.ts";
import { interleave, median } from "./interleave.ts";
import { expectStatus, expectText } from "./load.ts";
import type { ServerProcess } from "./server-process.ts";
import type { Site } from "./site.ts";
import { drawUsers, lookupReads, lookups, pages, patches, pointReads } from "./user-requests.ts";
import type { WireAnswer } from "./wire.ts";
import type { CheckedRequests, Workplace } from "./workplace.ts";
import { checkedSlice, many, withWire } from "./workplace.ts";

const promisedRatio = 1.5;
const deepPageMsMax = 150;

/** A directory with the server on it. */
interface Place {
  readonly site: Site;
  readonly server: ServerProcess;
}

/** Makes the requests of one slice. */
type Work = (place: Place, slice: number) => CheckedRequests;

/** Measures it. */
export async function flatInDirectorySize(place: Workplace): Promise<PromiseReport> {
  const { scale } = place;
  const smallSite = await place.site({ users: scale.small });
  const largeSite = await place.largeSite();
  const small = { site: smallSite, server: await place.server(smallSite) };
  const large = { site: largeSite, server: await place.server(largeSite) };
  const findings: Finding[] = [];
  for (const [what, work] of Object.entries(worksOf(place))) {
    const run = (one: Place) => (at: number) =>
      checkedSlice(one.server, scale.connections, work(one, at));
    const measured = await interleave({ small: run(small), large: run(large) }, scale.slices);
    findings.push(findingOf(what, measured.large, measured.small));
  }
  findings.push(await deepPages(large, scale.pageSize));
  findings.push(await cursorPages(large, scale.pageSize));
  const sizes = `${count(scale.large)} users, against ${count(scale.small)}`;
  return {
    promise: "P3",
    title: "Flat in directory size",
    findings,
    notes: [
      `Two servers with ${sizes}, ${scale.connections} connections to one of them at a time; pages have ${scale.pageSize} users. ` +
        "Times are those of whole requests under full load, so they hold the wait for one another.",
      "Pages by cursor are those of one walk through the whole directory, one after the other.",
    ],
  };
}

function worksOf({ scale, newUser }: Workplace): Readonly<Record<string, Work>> {
  const drawn = ({ site }: Place, at: number, share = 1) =>
    drawUsers(site.directory, Math.ceil(scale.requests * share), at);
  return {
    "GET /Users/{id}": (place, at) =>
      pointReads(place.server, place.site.directory, drawn(place, at)),
    "GET /Users?filter=userName eq": (place, at) =>
      lookupReads(
        place.server,
        place.site.directory,
        drawn(place, at),
        lookups["userName eq"] ?? (() => ""),
      ),
    "POST /Users": ({ server }) => ({
      requests: many(Math.ceil(scale.requests / 2), () =>
        server.encode({ method: "POST", path: "/Users", body: newUser() }),
      ),
      check: expectStatus(201),
    }),
    "PATCH /Users/{id}": (place, at) =>
      patches(place.server, place.site.directory, drawn(place, at, 0.5), String(at)),
    "GET /Users, first page": ({ server }) =>
      pages(server, Math.ceil(scale.requests / 10), { startIndex: 1, count: scale.pageSize }),
  };
}

function findingOf(what: string, large: Measured, small: Measured): Finding {
  const [p50, p99] = [large.p50Ms / small.p50Ms, large.p99Ms / small.p99Ms];
  const both = ({ p50Ms, p99Ms }: Measured) => `${milliseconds(p50Ms)}, ${milliseconds(p99Ms)}`;
  return {
    what: `${what}, p50 and p99`,
    ours: both(large),
    against: both(small),
    ratio: `${times(p50)}, ${times(p99)}`,
    promised: `≤ ${promisedRatio} ×`,
    kept: Math.max(p50, p99) <= promisedRatio,
  };
}

/** One after the other, for what counts is how long one takes. */
async function deepPages({ site, server }: Place, pageSize: number): Promise<Finding> {
  const answers: number[] = [];
  for (const share of [0.5, 0.7, 0.9, 0.6, 0.8, 0.95]) {
    const startIndex = Math.floor(site.directory.users * share);
    const { requests, check } = pages(server, 1, { startIndex, count: pageSize });
    const { times: taken } = await checkedSlice(server, 1, { requests, check });
    answers.push(taken[0] ?? Number.NaN);
  }
  const worst = Math.max(...answers);
  return {
    what: "GET /Users?startIndex= from the middle to the end, worst of 6",
    ours: milliseconds(worst),
    against: `median ${milliseconds(median(answers))}`,
    ...within(worst, deepPageMsMax, "ms"),
  };
}

/** How many pages a walk takes about. */
const walkedPages = 1000;

/** Walks through the whole directory: what a page costs at its end, over what one costs at its beginning. */
async function cursorPages({ site, server }: Place, pageSize: number): Promise<Finding> {
  const size = Math.max(pageSize, Math.ceil(site.directory.users / walkedPages));
  const taken: number[] = [];
  await withWire(server, async (wire) => {
    let cursor: string | undefined = "";
    while (cursor !== undefined) {
      const path: string = `/Users?count=${size}&cursor=${cursor}`;
      const answer: WireAnswer = await wire.send(server.encode({ method: "GET", path }));
      expectText(() => '"itemsPerPage":')(answer, 0);
      // The cursors stand in front of the resources.
      const head = answer.body.toString("latin1", 0, 4096);
      [, cursor] = /"nextCursor":"([^"]*)"/.exec(head) ?? [];
      taken.push(answer.ms);
    }
  });
  // The last page may hold a few only.
  const full = taken.slice(0, -1);
  const some = Math.max(1, Math.floor(full.length / 10));
  const [first, last] = [median(full.slice(0, some)), median(full.slice(-some))];
  return {
    what: `GET /Users?cursor=, ${count(size)} on a page: the last tenth of ${full.length} pages`,
    ours: milliseconds(last),
    against: `first tenth ${milliseconds(first)}`,
    ...atMost(last / first, promisedRatio),
  };
}
