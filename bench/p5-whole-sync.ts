/** P5: a whole sync as clients do it, from an empty database, and a second one that finds nothing to do. */
import type { Finding, PromiseReport } from "./finding.ts";
import { count, milliseconds, orientation, rate, within } from "./finding.ts";
import type { Directory } from "./generate-directory.ts";
import { generateDirectory, groupBody, userBody } from "./generate-directory.ts";
import type { ServerProcess } from "./server-process.ts";
import { ask } from "./server-process.ts";
import { countRows, tracesOf } from "./site.ts";
import type { Wire } from "./wire.ts";
import type { Workplace } from "./workplace.ts";
import { withWires } from "./workplace.ts";

const connections = 16;
const promisedSeconds = { SQLite: 60, PostgreSQL: 120 };
const fullUsers = 10_000;
/** Members in one PATCH. */
const batch = 20;
const patchUri = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/** A client in the middle of a sync. */
interface Client {
  readonly server: ServerProcess;
  readonly directory: Directory;
  /** The server's ids of people, by number. */
  readonly userIds: string[];
  requests: number;
}

/** Measures it. */
export async function wholeSync(place: Workplace): Promise<PromiseReport> {
  const { users, groups, memberships } = place.scale.sync;
  const site = await place.site({ users: 0 });
  const server = await place.server(site);
  const groupSize = memberships / groups;
  const directory = generateDirectory(3, { users, groups, groupSize, largestGroup: groupSize });
  const first: Client = { server, directory, userIds: [], requests: 0 };
  const firstSeconds = await secondsOf(async () => {
    await inTurn(first, users, createUser);
    await inTurn(first, groups, createGroup);
  });
  await requireCounts(place, site);
  const before = await tracesOf(site);
  const second: Client = { server, directory, userIds: [...first.userIds], requests: 0 };
  const secondSeconds = await secondsOf(async () => {
    await inTurn(second, users, repeatUser);
    await inTurn(second, groups, repeatGroup);
  });
  const after = await tracesOf(site);
  const written = [
    after.auditEntries - before.auditEntries,
    after.events - before.events,
    after.revisions - before.revisions,
  ];
  const bound = (promisedSeconds[place.database.name] * users) / fullUsers;
  return {
    promise: "P5",
    title: "Whole sync",
    findings: [
      {
        what: `${count(users)} users, ${groups} groups, ${count(memberships)} memberships from empty`,
        ours: `${milliseconds(1000 * firstSeconds)}; ${first.requests} requests, ${rate(first.requests / firstSeconds)}`,
        against: "",
        ...within(firstSeconds, bound, "s"),
      },
      unchangedFinding(written),
      {
        what: "how long that takes",
        ours: `${milliseconds(1000 * secondSeconds)}; ${second.requests} requests, ${rate(second.requests / secondSeconds)}`,
        against: "",
        ratio: "",
        ...orientation,
      },
    ],
    notes: [
      `${connections} connections. The client looks up each person by \`userName\` and creates who is missing, looks up each group ` +
        `by \`displayName\`, creates it and adds its members in PATCHes of ${batch}; the second time it looks up everything and PUTs it as it is.`,
      ...(users === fullUsers ? [] : ["The promise is scaled to the size of this sync."]),
    ],
  };
}

function unchangedFinding(written: readonly number[]): Finding {
  return {
    what: "the same again: what it writes",
    ours: `${written[0]} audit entries, ${written[1]} events, ${written[2]} revisions`,
    against: "",
    ratio: "",
    promised: "0, 0, 0",
    kept: written.every((value) => value === 0),
  };
}

async function secondsOf(work: () => Promise<void>): Promise<number> {
  const from = performance.now();
  await work();
  return (performance.now() - from) / 1000;
}

/** Works through all numbers, as many at once as there are connections. */
async function inTurn(
  client: Client,
  total: number,
  work: (client: Client, wire: Wire, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  await withWires(client.server, connections, async (wires) => {
    await Promise.all(
      wires.map(async (wire) => {
        for (let index = next++; index < total; index = next++) {
          await work(client, wire, index);
        }
      }),
    );
  });
}

async function sent(
  client: Client,
  wire: Wire,
  request: { readonly method: string; readonly path: string; readonly body?: unknown },
  status: number,
): Promise<Record<string, unknown>> {
  client.requests += 1;
  return ask(wire, client.server, request, status);
}

/** Looks up one resource; answers with its id, or undefined when there is none. */
async function found(
  client: Client,
  wire: Wire,
  path: string,
  filter: string,
): Promise<string | undefined> {
  const query = `filter=${encodeURIComponent(filter)}&excludedAttributes=members`;
  const answer = await sent(client, wire, { method: "GET", path: `${path}?${query}` }, 200);
  const resources = Array.isArray(answer["Resources"]) ? answer["Resources"] : [];
  if (Number(answer["totalResults"]) !== resources.length || resources.length > 1) {
    throw new Error(`${filter} finds ${answer["totalResults"]}`);
  }
  return resources[0]?.id;
}

function userFilter(directory: Directory, index: number): string {
  return `userName eq ${JSON.stringify(directory.userAt(index).userName)}`;
}

function groupFilter(directory: Directory, index: number): string {
  return `displayName eq ${JSON.stringify(directory.groupAt(index).displayName)}`;
}

async function createUser(client: Client, wire: Wire, index: number): Promise<void> {
  const { directory, userIds } = client;
  if ((await found(client, wire, "/Users", userFilter(directory, index))) !== undefined) {
    throw new Error(`person ${index} is there already`);
  }
  const body = userBody(directory.userAt(index));
  const created = await sent(client, wire, { method: "POST", path: "/Users", body }, 201);
  userIds[index] = String(created["id"]);
}

function memberIds({ directory, userIds }: Client, index: number): readonly string[] {
  return Array.from(directory.groupAt(index).members(), (member) => userIds[member] ?? "");
}

async function createGroup(client: Client, wire: Wire, index: number): Promise<void> {
  const { directory } = client;
  if ((await found(client, wire, "/Groups", groupFilter(directory, index))) !== undefined) {
    throw new Error(`group ${index} is there already`);
  }
  const body = groupBody(directory.groupAt(index), []);
  const created = await sent(client, wire, { method: "POST", path: "/Groups", body }, 201);
  const members = memberIds(client, index);
  for (let from = 0; from < members.length; from += batch) {
    const value = members.slice(from, from + batch).map((id) => ({ value: id }));
    const patch = {
      method: "PATCH",
      path: `/Groups/${created["id"]}?excludedAttributes=members`,
      body: { schemas: [patchUri], Operations: [{ op: "add", path: "members", value }] },
    };
    await sent(client, wire, patch, 200);
  }
}

async function repeatUser(client: Client, wire: Wire, index: number): Promise<void> {
  const { directory, userIds } = client;
  const id = await found(client, wire, "/Users", userFilter(directory, index));
  if (id === undefined || id !== userIds[index]) {
    throw new Error(`person ${index} is ${id} and was ${userIds[index]}`);
  }
  const body = userBody(directory.userAt(index));
  await sent(client, wire, { method: "PUT", path: `/Users/${id}`, body }, 200);
}

async function repeatGroup(client: Client, wire: Wire, index: number): Promise<void> {
  const { directory } = client;
  const id = await found(client, wire, "/Groups", groupFilter(directory, index));
  const body = groupBody(directory.groupAt(index), memberIds(client, index));
  const path = `/Groups/${id}?excludedAttributes=members`;
  await sent(client, wire, { method: "PUT", path, body }, 200);
}

async function requireCounts(
  { scale }: Workplace,
  site: Parameters<typeof countRows>[0],
): Promise<void> {
  const { users, groups, memberships } = scale.sync;
  const [resources, members] = [
    await countRows(site, "resources"),
    await countRows(site, "members"),
  ];
  if (resources !== users + groups || members !== memberships) {
    throw new Error(`the sync left ${resources} resources and ${members} memberships`);
  }
}
