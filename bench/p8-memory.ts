/** P8: memory while serving a large directory, and the time from start to the first answer. */
import type { Finding, PromiseReport } from "./finding.ts";
import { count, milliseconds, orientation, within } from "./finding.ts";
import { median } from "./interleave.ts";
import { expectStatus } from "./load.ts";
import { forgetPeak, hasProcessFigures, memoryOf } from "./process-figures.ts";
import type { ServerProcess } from "./server-process.ts";
import { ask } from "./server-process.ts";
import type { Site } from "./site.ts";
import { drawUsers, lookupReads, lookups, pages, patches, pointReads } from "./user-requests.ts";
import type { Workplace } from "./workplace.ts";
import { checkedSlice, many, slice, withWire } from "./workplace.ts";

const rssMibMax = 256;
const startMsMax = 2000;

/** Measures it. */
export async function memory(place: Workplace): Promise<PromiseReport> {
  const { database, scale } = place;
  const site = await place.largeSite();
  const startTimes: number[] = [];
  for (let start = 1; start < scale.starts; start += 1) {
    const { server, ms } = await started(place, site);
    startTimes.push(ms);
    await place.stop(server);
  }
  const { server, ms } = await started(place, site);
  startTimes.push(ms);
  const findings: Finding[] = [
    {
      what: "start to first answer",
      ours: `${milliseconds(median(startTimes))}, worst of ${scale.starts} ${milliseconds(Math.max(...startTimes))}`,
      against: "",
      ...within(median(startTimes), startMsMax, "ms"),
    },
  ];
  if (hasProcessFigures) {
    const atStart = memoryOf(server.pid).nowMib;
    forgetPeak(server.pid);
    for (let at = 0; at < scale.slices; at += 1) {
      await mixedLoad(place, site, server, at);
    }
    const { nowMib, peakMib } = memoryOf(server.pid);
    const bound = within(peakMib, rssMibMax, "MiB");
    findings.push({
      what: "resident memory, at its most under mixed load",
      ours: `${peakMib.toFixed(0)} MiB; ${atStart.toFixed(0)} MiB after the start, ${nowMib.toFixed(0)} MiB at the end`,
      against: "",
      // The promise is about the database that lives in the process.
      ...(database.name === "SQLite" ? bound : { ratio: "", ...orientation }),
    });
  }
  return {
    promise: "P8",
    title: "Memory and start",
    findings,
    notes: [
      `${count(scale.large)} users. The load is ${scale.connections} connections with reads by id, look-ups, pages of ${scale.pageSize}, creates and PATCHes. ` +
        "The start is from starting the process to the first person read; the files are in the system's cache.",
    ],
  };
}

async function started(
  place: Workplace,
  site: Site,
): Promise<{ readonly server: ServerProcess; readonly ms: number }> {
  const from = performance.now();
  const server = await place.server(site);
  const path = `/Users/${site.directory.userIdAt(1)}`;
  await withWire(server, (wire) => ask(wire, server, { method: "GET", path }, 200));
  return { server, ms: performance.now() - from };
}

async function mixedLoad(
  { scale, newUser }: Workplace,
  { directory }: Site,
  server: ServerProcess,
  at: number,
): Promise<void> {
  const { connections, requests } = scale;
  const numbers = drawUsers(directory, requests, at);
  const some = numbers.slice(0, Math.ceil(requests / 4));
  const works = [
    pointReads(server, directory, numbers),
    lookupReads(server, directory, numbers, lookups["emails.value eq"] ?? (() => "")),
    pages(server, Math.ceil(requests / 10), {
      startIndex: 1 + at * 10 * scale.pageSize,
      count: scale.pageSize,
    }),
    patches(server, directory, some, `m${at}`),
  ];
  for (const work of works) {
    await checkedSlice(server, connections, work);
  }
  const creates = many(some.length, () =>
    server.encode({ method: "POST", path: "/Users", body: newUser() }),
  );
  await slice(server, connections, creates, expectStatus(201));
}
