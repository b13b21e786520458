/** Compares what the event feed tells from its beginning with what SCIM and the admin API show (INV-7). */
import { isDeepStrictEqual } from "node:util";
import { eventFault } from "../../packages/server/src/admin-contract/event-schema.ts";
import type { Instance } from "../../packages/server/src/compose.ts";
import { openInstance } from "../../packages/server/src/compose.ts";
import { scopeOf } from "../../packages/server/src/domain/connection.ts";
import type { Tenant } from "../../packages/server/src/domain/tenant.ts";
import { configForTests } from "../compose-for-tests.ts";
import type { KnownState, ToldEvent } from "./fold-events.ts";
import { foldEvents } from "./fold-events.ts";
import type { Finding } from "./invariants.ts";
import { sendScim } from "./scim-site.ts";

/** A server, and where its data are. */
export interface FeedSite {
  /** Base URL of SCIM. */
  readonly baseUrl: string;
  readonly folder: string;
  readonly databaseUrl?: string;
}

const pageLength = 1000;
const askedAtOnce = 500;
const rule = "INV-7";

/** Lists what an application that has followed the feed knows wrongly, of every tenant; at most three of a kind. */
export async function findUntold({ baseUrl, folder, databaseUrl }: FeedSite): Promise<Finding[]> {
  const instance = await openInstance(configForTests(folder, { databaseUrl }), {
    role: "cli",
    now: Date.now,
  });
  try {
    return await findUntoldIn(instance, baseUrl);
  } finally {
    await instance.close();
  }
}

/** Likewise, of a server whose data are open already. */
export async function findUntoldIn(instance: Instance, baseUrl: string): Promise<Finding[]> {
  const { origin } = new URL(baseUrl);
  const token = await issueAdminToken(instance);
  const findings: Finding[] = [];
  for (const tenant of await instance.store.tenants.list()) {
    const events = await readFeed(origin, token, tenant.slug);
    const known = foldEvents(events);
    findings.push(
      ...faultsOf(events),
      ...(await resourcesUntold(instance, tenant, baseUrl, known)),
      ...(await accessUntold(origin, token, tenant.slug, known)),
    );
  }
  return findings;
}

async function issueAdminToken(instance: Instance): Promise<string> {
  const { token } = await instance.issueAdminCredential({
    tenantId: undefined,
    name: "",
    lifetime: { kind: "days", days: 1 },
    creator: "test",
  });
  return token;
}

/** Reads the feed of a tenant from its beginning to its end. */
async function readFeed(
  origin: string,
  token: string,
  tenant: string,
): Promise<readonly ToldEvent[]> {
  const events: ToldEvent[] = [];
  let after = "";
  for (;;) {
    const url = `${origin}/api/v1/events?tenant=${tenant}&limit=${pageLength}${after}`;
    const { status, body } = await sendScim(url, token, "GET");
    if (status !== 200) {
      throw new Error(`${url}: ${status} ${JSON.stringify(body)}`);
    }
    events.push(...body.items);
    if (body.items.length < pageLength) {
      return events;
    }
    after = `&after=${body.nextCursor}`;
  }
}

function faultsOf(events: readonly ToldEvent[]): Finding[] {
  const ids = new Set(events.map(({ id }) => id));
  const repeated = events.length - ids.size;
  return [
    ...(repeated === 0 ? [] : [{ rule, detail: `${repeated} events come twice` }]),
    ...events
      .flatMap((event) => eventFault(event) ?? [])
      .slice(0, 3)
      .map((detail) => ({ rule, detail })),
  ];
}

async function resourcesUntold(
  instance: Instance,
  tenant: Tenant,
  baseUrl: string,
  known: KnownState,
): Promise<Finding[]> {
  const users = new Map<string, object>();
  const groups = new Map<string, { attributes: object; members: ReadonlySet<string> }>();
  for (const connection of await instance.store.connections.list(tenant.tenantId)) {
    const { token } = await instance.issueCredential({
      scope: scopeOf(connection),
      name: "",
      lifetime: { kind: "days", days: 1 },
      scopes: ["scim:read"],
      cidrs: [],
      creator: "test",
    });
    for (const { id, attributes } of await listAll(`${baseUrl}/Users`, token)) {
      users.set(id, attributes);
    }
    for (const { id, attributes, members } of await listAll(`${baseUrl}/Groups`, token)) {
      groups.set(id, { attributes, members });
    }
  }
  const told = [...known.groups].map(([id, group]): [string, object] => [
    id,
    // Of members that were told by their number alone nothing can be said.
    { ...group, members: group.members ?? groups.get(id)?.members },
  ]);
  return [
    ...differences("User", users, known.users),
    ...differences("Group", groups, new Map(told)),
  ];
}

/** What is derived when it is read, and no part of what an event tells. */
const derived = /^(schemas|id|meta|groups|members|urn:rollcall:)/;

async function listAll(url: string, token: string) {
  const found: { id: string; attributes: object; members: ReadonlySet<string> }[] = [];
  for (let start = 1, total = 1; start <= total; start += pageLength) {
    const page = `${url}?startIndex=${start}&count=${pageLength}`;
    const { status, body } = await sendScim(page, token, "GET");
    if (status !== 200 && status !== 403) {
      throw new Error(`${page}: ${status} ${JSON.stringify(body)}`);
    }
    total = body.totalResults ?? 0;
    for (const resource of body.Resources ?? []) {
      const attributes = Object.entries(resource).filter(([name]) => !derived.test(name));
      const members = (resource.members ?? []).map(({ value }: { value: string }) => value);
      found.push({
        id: resource.id,
        attributes: Object.fromEntries(attributes),
        members: new Set<string>(members),
      });
    }
  }
  return found;
}

function differences(
  what: string,
  shown: ReadonlyMap<string, unknown>,
  told: ReadonlyMap<string, unknown>,
): Finding[] {
  const ids = [...new Set([...shown.keys(), ...told.keys()])];
  return ids
    .filter((id) => !isDeepStrictEqual(shown.get(id), told.get(id)))
    .slice(0, 3)
    .map((id) => ({
      rule,
      detail: `${what} ${id} is ${textOf(shown.get(id))}, told was ${textOf(told.get(id))}`,
    }));
}

function textOf(value: unknown): string {
  return String(
    JSON.stringify(value, (_, inner) => (inner instanceof Set ? [...inner].toSorted() : inner)),
  );
}

async function accessUntold(
  origin: string,
  token: string,
  tenant: string,
  known: KnownState,
): Promise<Finding[]> {
  const members = new Set(known.access.keys());
  let cursor = "";
  do {
    const url = `${origin}/api/v1/tenants/${tenant}/members?limit=${pageLength}${cursor}`;
    const { body } = await sendScim(url, token, "GET");
    for (const { accountId } of body.items) {
      members.add(accountId);
    }
    cursor = body.nextCursor === null ? "" : `&cursor=${body.nextCursor}`;
  } while (cursor !== "");
  const accounts = [...members];
  const shown = new Map<string, unknown>();
  for (let first = 0; first < accounts.length; first += askedAtOnce) {
    const checks = accounts
      .slice(first, first + askedAtOnce)
      .map((account) => ({ tenant, account }));
    for (const { account, state, role } of await check(origin, token, checks)) {
      shown.set(account, { state, role });
    }
  }
  const nobody = { state: "none", role: null };
  const told = new Map(accounts.map((account) => [account, known.access.get(account) ?? nobody]));
  return differences("access of", shown, told);
}

async function check(
  origin: string,
  token: string,
  checks: readonly { readonly tenant: string; readonly account: string }[],
): Promise<readonly { account: string; state: string; role: string | null }[]> {
  const response = await fetch(`${origin}/api/v1/access/check`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ checks }),
  });
  const body = await response.json();
  if (response.status !== 200) {
    throw new Error(`${response.status} ${JSON.stringify(body)}`);
  }
  return Object(body).items;
}
