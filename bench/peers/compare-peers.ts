/** The same work done by other SCIM servers for Node and by ours, in one interleaved run. */
import { milliseconds, rate } from "../finding.ts";
import type { Directory, GeneratedUser } from "../generate-directory.ts";
import { generateDirectory, userBody } from "../generate-directory.ts";
import type { Measured } from "../interleave.ts";
import { interleave } from "../interleave.ts";
import type { Slice } from "../load.ts";
import { expectStatus, expectText } from "../load.ts";
import type { Scale } from "../scale.ts";
import type { ServerProcess } from "../server-process.ts";
import { ask } from "../server-process.ts";
import type { BenchDatabase } from "../site.ts";
import type { Surroundings } from "../workplace.ts";
import { inWorkplace, many, slice, withWire } from "../workplace.ts";
import type { Peer } from "./install-peer.ts";
import { installPeer, peers, startPeer } from "./install-peer.ts";

/** The comparison as a table. */
export interface PeerReport {
  readonly columns: readonly string[];
  /** One line for each work, the cells in the order of the columns. */
  readonly rows: readonly (readonly string[])[];
  readonly notes: readonly string[];
}

/** A server in the comparison, with the people it has. */
interface Contestant {
  readonly name: string;
  readonly server: ServerProcess;
  /** Its ids of the people of the directory, by number. */
  readonly ids: string[];
  /** Its groups, by size. */
  readonly groups: Map<number, string>;
}

const connections = 8;
const patchUri = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const groupUri = "urn:ietf:params:scim:schemas:core:2.0:Group";

/** Measures ours on every database given and every peer that can be had. */
export async function comparePeers(
  databases: readonly BenchDatabase[],
  scale: Scale,
): Promise<PeerReport> {
  const [largest = 100] = [...scale.peerGroups].sort((one, other) => other - one);
  const spare = (scale.slices + 1) * addsInSlice;
  const directory = generateDirectory(5, { users: largest + spare });
  const contestants: Contestant[] = [];
  const failed: string[] = [];
  const stops: (() => Promise<void>)[] = [];
  try {
    for (const peer of peers) {
      const started = await startedPeer(peer, databases, stops);
      if (typeof started === "string") {
        failed.push(started);
      } else {
        contestants.push(started);
      }
    }
    return await withOurs(databases, scale, [], async (ours) => {
      const all = [...ours, ...contestants];
      for (const contestant of all) {
        await prepare(contestant, directory, scale.peerGroups);
      }
      const rows = await measureAll(all, directory, scale);
      return {
        columns: ["work", ...all.map(({ name }) => name)],
        rows,
        notes: [
          `${directory.users} users before the creates, ${connections} connections; one member is added on 1 connection, each time another one. ` +
            "Every server gets the same bodies; ours authenticates a token, writes audit entries and events, and is durable when it answers.",
          "SCIMMY keeps resources in a Map and answers a filter by looking at all of them, as its documentation shows; " +
            "the Polis library ignores `members` of POST, answers a group without its members and finds people by e-mail address " +
            "where the filter says `userName`, so that only those are looked up for whom both are the same.",
          ...failed,
        ],
      };
    });
  } finally {
    for (const stop of stops) {
      await stop();
    }
  }
}

const addsInSlice = 5;

async function startedPeer(
  peer: Peer,
  databases: readonly BenchDatabase[],
  stops: (() => Promise<void>)[],
): Promise<Contestant | string> {
  const name = `${peer.name} (${peer.store})`;
  const database = databases.find((one) => one.name === peer.store);
  if (peer.store === "PostgreSQL" && database === undefined) {
    return `${name}: not measured, there is no such database in this run.`;
  }
  try {
    const folder = await installPeer(peer);
    const site = await database?.createEmpty();
    if (site !== undefined) {
      stops.unshift(() => site.remove());
    }
    const server = await startPeer(peer, folder, site?.databaseUrl);
    stops.unshift(() => server.stop());
    return { name, server, ids: [], groups: new Map() };
  } catch (error) {
    return `${name}: not measured, it could not be installed or started: ${firstLine(error)}`;
  }
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split("\n")[0] ?? "";
}

/** Starts our server on each database in turn, then does the work with all of them running. */
async function withOurs<Result>(
  databases: readonly BenchDatabase[],
  scale: Scale,
  started: readonly Contestant[],
  work: (ours: readonly Contestant[]) => Promise<Result>,
): Promise<Result> {
  const [database, ...others] = databases;
  if (database === undefined) {
    return work(started);
  }
  const surroundings: Surroundings = {
    database,
    scale,
    largeSite: async () => {
      throw new TypeError("the comparison has a directory of its own");
    },
  };
  return inWorkplace(surroundings, async (place) => {
    const server = await place.server(await place.site({ users: 0 }));
    const ours = { name: `Rollcall (${database.name})`, server, ids: [], groups: new Map() };
    return withOurs(others, scale, [...started, ours], work);
  });
}

/** Creates the people and the groups, each member by PATCH: not everybody takes them in POST. */
async function prepare(
  { server, ids, groups }: Contestant,
  { users, userAt }: Directory,
  sizes: readonly number[],
): Promise<void> {
  const requests = many(users, (index) =>
    server.encode({ method: "POST", path: "/Users", body: userBody(userAt(index)) }),
  );
  const isCreated = expectStatus(201);
  await slice(server, connections, requests, (answer, index) => {
    isCreated(answer, index);
    ids[index] = JSON.parse(answer.body.toString()).id;
  });
  await withWire(server, async (wire) => {
    for (const size of sizes) {
      const body = { schemas: [groupUri], displayName: `Group of ${size}` };
      const created = await ask(wire, server, { method: "POST", path: "/Groups", body }, 201);
      const group = String(created["id"]);
      groups.set(size, group);
      const { status } = await wire.send(addMembers(server, group, ids.slice(0, size)));
      if (status !== 200 && status !== 204) {
        throw new Error(`${size} members were answered with ${status}`);
      }
    }
  });
}

function addMembers(server: ServerProcess, group: string, ids: readonly string[]): Buffer {
  return server.encode({
    method: "PATCH",
    path: `/Groups/${group}`,
    body: {
      schemas: [patchUri],
      Operations: [{ op: "add", path: "members", value: ids.map((value) => ({ value })) }],
    },
  });
}

/** Tells whether somebody signs in with the e-mail address as it is written. */
function isEmail({ userName, email }: GeneratedUser): boolean {
  return userName === email;
}

async function measureAll(
  all: readonly Contestant[],
  directory: Directory,
  scale: Scale,
): Promise<string[][]> {
  const rows: string[][] = [];
  const measure = async (
    what: string,
    written: (measured: Measured) => string,
    run: (contestant: Contestant, at: number) => Promise<Slice>,
  ): Promise<void> => {
    const sides: Record<string, (at: number) => Promise<Slice>> = {};
    for (const contestant of all) {
      sides[contestant.name] = (at) => run(contestant, at);
    }
    const measured = await interleave(sides, scale.slices);
    rows.push([what, ...Object.values(measured).map(written)]);
  };
  const [perSecond, median] = [
    (measured: Measured) => rate(measured.perSecond),
    (measured: Measured) => milliseconds(measured.p50Ms),
  ];
  const requests = Math.ceil(scale.requests / 20);
  const numbers = (at: number) =>
    many(requests, (index) => ((index + at * requests) * 37) % directory.users);

  await measure("POST /Users", perSecond, ({ server }, at) => {
    const bodies = many(requests, (index) =>
      userBody(directory.userAt(1_000_000 + at * requests + index)),
    );
    const creates = bodies.map((body) => server.encode({ method: "POST", path: "/Users", body }));
    return slice(server, connections, creates, expectStatus(201));
  });
  await measure("GET /Users/{id}", perSecond, ({ server, ids }, at) => {
    const wanted = numbers(at).map((number) => ids[number] ?? "");
    const gets = wanted.map((id) => server.encode({ method: "GET", path: `/Users/${id}` }));
    const hasId = expectText((index) => `"id":"${wanted[index]}"`);
    return slice(server, connections, gets, hasId);
  });
  await measure("GET /Users?filter=userName eq", perSecond, ({ server, ids }, at) => {
    const wanted = numbers(at)
      .filter((number) => isEmail(directory.userAt(number)))
      .slice(0, Math.max(10, requests / 4));
    const gets = wanted.map((number) => {
      const filter = `userName eq ${JSON.stringify(directory.userAt(number).userName)}`;
      return server.encode({ method: "GET", path: `/Users?filter=${encodeURIComponent(filter)}` });
    });
    const hasId = expectText((index) => `"id":"${ids[wanted[index] ?? -1]}"`);
    return slice(server, connections, gets, hasId);
  });
  for (const size of scale.peerGroups) {
    await measure(`PATCH add one member to ${size}`, median, ({ server, ids, groups }, at) => {
      const adds = many(addsInSlice, (index) => {
        const id = ids[directory.users - 1 - at * addsInSlice - index] ?? "";
        return addMembers(server, groups.get(size) ?? "", [id]);
      });
      return slice(server, 1, adds, expectStatus(200, 204));
    });
  }
  return rows;
}
