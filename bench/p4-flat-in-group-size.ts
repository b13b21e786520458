/** P4: what a change of one member costs in a large group, over what it costs in a small one; and whole large groups. */
import type { Finding, PromiseReport } from "./finding.ts";
import { atMost, count, milliseconds, orientation, within } from "./finding.ts";
import { groupBody } from "./generate-directory.ts";
import { interleave } from "./interleave.ts";
import type { Slice } from "./load.ts";
import { expectStatus, expectText } from "./load.ts";
import { forgetPeak, hasProcessFigures, memoryOf } from "./process-figures.ts";
import type { ServerProcess } from "./server-process.ts";
import { ask } from "./server-process.ts";
import type { Site } from "./site.ts";
import { countRows, tracesOf } from "./site.ts";
import { drawUsers, pointReads } from "./user-requests.ts";
import type { Workplace } from "./workplace.ts";
import { checkedSlice, many, slice, withWire } from "./workplace.ts";

const promisedRatio = 2;
const putMsMax = 3000;
const getExtraMibMax = 64;
const patchUri = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/** The server with both groups. */
interface Groups {
  readonly place: Workplace;
  readonly site: Site;
  readonly server: ServerProcess;
  readonly small: string;
  readonly large: string;
  /** Ids of people who are in no group. */
  readonly spare: readonly string[];
}

/** Measures it. */
export async function flatInGroupSize(place: Workplace): Promise<PromiseReport> {
  const site = await place.largeSite();
  const server = await place.server(site);
  const { groupIdAt, groupOf100, largestGroup, groupAt } = site.directory;
  const groups: Groups = {
    place,
    site,
    server,
    small: groupIdAt(groupOf100),
    large: groupIdAt(largestGroup),
    spare: await createSpare(place, server),
  };
  const size = groupAt(largestGroup).size;
  return {
    promise: "P4",
    title: "Flat in group size",
    findings: [
      ...(await oneMember(groups)),
      ...(await wholeGroup(groups)),
      await readMemory(groups),
      ...(await readWithoutMembers(groups)),
    ],
    notes: [
      `The large group has ${count(size)} members, the small one 100, in a directory of ${count(site.directory.users)} users. ` +
        "PATCH answers without members, so that the figures are those of the write. " +
        "Rows are counted in the database before and after.",
    ],
  };
}

async function createSpare(
  { scale, newUser }: Workplace,
  server: ServerProcess,
): Promise<readonly string[]> {
  return withWire(server, async (wire) => {
    const ids: string[] = [];
    for (let index = 0; index < scale.spareUsers; index += 1) {
      const request = { method: "POST", path: "/Users", body: newUser() };
      ids.push(String((await ask(wire, server, request, 201))["id"]));
    }
    return ids;
  });
}

/** The ways to change one member: everybody is added before anybody is removed, so that a round ends as it began. */
const changes: Readonly<Record<string, (value: string) => unknown>> = {
  add: (value) => ({ op: "add", path: "members", value: [{ value }] }),
  "remove by path": (value) => ({ op: "remove", path: `members[value eq "${value}"]` }),
  "add again": (value) => ({ op: "add", path: "members", value: [{ value }] }),
  "remove by value": (value) => ({ op: "remove", path: "members", value: [{ value }] }),
};

/** Each slice changes all spare people, one by one, in one group and then in the other. */
async function oneMember({ place, site, server, small, large, spare }: Groups): Promise<Finding[]> {
  const run = (group: string, change: string, connections: number) => {
    const requests = spare.map((value) =>
      server.encode({
        method: "PATCH",
        path: `/Groups/${group}?excludedAttributes=members`,
        body: { schemas: [patchUri], Operations: [changes[change]?.(value)] },
      }),
    );
    return () => slice(server, connections, requests, expectStatus(200, 204));
  };
  const membersBefore = await countRows(site, "members");
  const before = await tracesOf(site);
  const findings: Finding[] = [];
  for (const connections of [1, 16]) {
    const sides: Record<string, () => Promise<Slice>> = {};
    for (const change of Object.keys(changes)) {
      sides[`${change}, small`] = run(small, change, connections);
      sides[`${change}, large`] = run(large, change, connections);
    }
    const measured = await interleave(sides, place.scale.slices);
    for (const change of Object.keys(changes).filter((name) => name !== "add again")) {
      const inLarge = measured[`${change}, large`]?.p50Ms ?? Number.NaN;
      const inSmall = measured[`${change}, small`]?.p50Ms ?? Number.NaN;
      findings.push({
        what: `PATCH one member, ${change}, ${connections === 1 ? "1 connection" : `${connections} connections`}, p50`,
        ours: milliseconds(inLarge),
        against: milliseconds(inSmall),
        ...atMost(inLarge / inSmall, promisedRatio),
      });
    }
  }
  const sent = 2 * 8 * (place.scale.slices + 1) * spare.length;
  const after = await tracesOf(site);
  requireCount("members", await countRows(site, "members"), membersBefore);
  requireCount("audit entries", after.auditEntries - before.auditEntries, sent);
  requireCount("events", after.events - before.events, sent);
  return findings;
}

function requireCount(what: string, found: number, expected: number): void {
  if (found !== expected) {
    throw new Error(`there are ${found} ${what}, and there should be ${expected}`);
  }
}

/** PUT of the whole group: without one member, with it again, and the same once more. */
async function wholeGroup({ site, server, large }: Groups): Promise<readonly Finding[]> {
  const { directory } = site;
  const group = directory.groupAt(directory.largestGroup);
  const ids = Array.from(group.members(), directory.userIdAt);
  const put = (members: readonly string[]) =>
    slice(
      server,
      1,
      [
        server.encode({
          method: "PUT",
          path: `/Groups/${large}?excludedAttributes=members`,
          body: groupBody(group, members),
        }),
      ],
      expectStatus(200),
    );
  const findings: Finding[] = [];
  const steps = [
    { what: "one member less", members: ids.slice(0, -1), rows: 1, written: 1 },
    { what: "one member more", members: ids, rows: 1, written: 1 },
    { what: "no difference", members: ids, rows: 0, written: 0 },
  ];
  for (const { what, members, rows, written } of steps) {
    const before = { traces: await tracesOf(site), rows: await memberRows(site, large) };
    const taken = await put(members);
    const after = { traces: await tracesOf(site), rows: await memberRows(site, large) };
    const ms = taken.times[0] ?? Number.NaN;
    const found = {
      rows: differenceOf(before.rows, after.rows),
      entries: after.traces.auditEntries - before.traces.auditEntries,
      events: after.traces.events - before.traces.events,
    };
    findings.push({
      what: `PUT ${count(ids.length)} members, ${what}`,
      ours: `${milliseconds(ms)}; ${found.rows} member rows, ${found.entries} audit entries, ${found.events} events`,
      against: "",
      ratio: "",
      promised: `≤ ${putMsMax / 1000} s; ${rows}, ${written}, ${written}`,
      kept:
        ms <= putMsMax &&
        found.rows === rows &&
        found.entries === written &&
        found.events === written,
    });
  }
  return findings;
}

async function memberRows(site: Site, group: string): Promise<ReadonlySet<string>> {
  const rows = await site.select(
    `SELECT position, value FROM members WHERE resource_id = '${group}'`,
  );
  return new Set(rows.map(({ position, value }) => `${position} ${value}`));
}

function differenceOf(before: ReadonlySet<string>, after: ReadonlySet<string>): number {
  const gone = [...before].filter((row) => !after.has(row)).length;
  return gone + [...after].filter((row) => !before.has(row)).length;
}

async function readMemory({ place, site, server, large }: Groups): Promise<Finding> {
  const { directory } = site;
  const what = "GET of the large group: the most memory it takes beside what was in use";
  if (!hasProcessFigures) {
    return {
      what,
      ours: "this system does not tell",
      against: "",
      ratio: "",
      promised: `< ${getExtraMibMax} MiB`,
      kept: undefined,
    };
  }
  // A server that has worked has its code and its caches in memory.
  const numbers = drawUsers(directory, place.scale.requests, 0);
  await checkedSlice(server, place.scale.connections, pointReads(server, directory, numbers));
  const { size } = directory.groupAt(directory.largestGroup);
  const request = server.encode({ method: "GET", path: `/Groups/${large}` });
  const extras: number[] = [];
  const taken: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    forgetPeak(server.pid);
    const { nowMib } = memoryOf(server.pid);
    const result = await slice(server, 1, [request], (answer, index) => {
      expectStatus(200)(answer, index);
      const members = JSON.parse(answer.body.toString()).members.length;
      requireCount("members in the answer", members, size);
    });
    extras.push(memoryOf(server.pid).peakMib - nowMib);
    taken.push(result.times[0] ?? Number.NaN);
  }
  const worst = Math.max(...extras);
  return {
    what,
    ours: `${worst.toFixed(0)} MiB, worst of 3; ${milliseconds(Math.max(...taken))}`,
    against: "",
    ...within(worst, getExtraMibMax, "MiB"),
  };
}

async function readWithoutMembers({
  place,
  site,
  server,
  large,
  small,
}: Groups): Promise<readonly Finding[]> {
  const { scale } = place;
  const read = (group: string) => {
    const path = `/Groups/${group}?excludedAttributes=members`;
    const requests = many(scale.requests, () => server.encode({ method: "GET", path }));
    return () =>
      slice(
        server,
        scale.connections,
        requests,
        expectText(() => `"id":"${group}"`),
      );
  };
  const user = (at: number): Promise<Slice> => {
    const numbers = drawUsers(site.directory, scale.requests, at);
    return checkedSlice(server, scale.connections, pointReads(server, site.directory, numbers));
  };
  const measured = await interleave({ large: read(large), small: read(small), user }, scale.slices);
  return [
    {
      what: "GET of the large group with excludedAttributes=members, p50",
      ours: milliseconds(measured.large.p50Ms),
      against: `small group ${milliseconds(measured.small.p50Ms)}`,
      ...atMost(measured.large.p50Ms / measured.small.p50Ms, 1.5),
    },
    {
      what: "the same",
      ours: milliseconds(measured.large.p50Ms),
      against: `GET /Users/{id} ${milliseconds(measured.user.p50Ms)}`,
      ...orientation,
      ratio: `${(measured.large.p50Ms / measured.user.p50Ms).toFixed(2)} ×`,
    },
  ];
}
