/** Small populations for the store contract and for tests of stores. */
import assert from "node:assert/strict";
import type {
  CommitOptions,
  CommitOutcome,
  JsonObject,
  RelationStep,
  ResolvedFilter,
  ResourcePage,
  ResourceQuery,
  ResourceType,
  ResourceTypeRegistry,
  StoredResource,
} from "@rollcall/scim";
import { parseFilter, resolveFilter, uniqueKeysOf } from "@rollcall/scim";
import type { AdminCredential } from "../domain/admin-credential.ts";
import type { Circumstances } from "../domain/audit-entry.ts";
import type { Connection } from "../domain/connection.ts";
import { scopeOf } from "../domain/connection.ts";
import type { Credential } from "../domain/credential.ts";
import type { OauthClient } from "../domain/oauth-client.ts";
import type { ConnectionId, CredentialId, Scope, Tenant, TenantId } from "../domain/tenant.ts";
import type { SettingsOutcome } from "../domain/tenant-settings.ts";
import type { Store } from "./store.ts";

/** Who does what tests do. */
export const testCircumstances: Circumstances = {
  actor: { kind: "operator", id: "test" },
  requestId: "request-1",
};

/** Saves settings of a tenant as whoever asks nothing first. */
export async function saveTestSettings(
  { tenants }: Pick<Store, "tenants">,
  tenantId: TenantId,
  settings: JsonObject,
  {
    circumstances = testCircumstances,
    expected,
  }: { readonly circumstances?: Circumstances; readonly expected?: JsonObject } = {},
): Promise<SettingsOutcome> {
  const mode = { kind: "apply", token: undefined } as const;
  const outcome = await tenants.changeSettings(
    tenantId,
    { settings, expected, mode },
    circumstances,
  );
  if (typeof outcome === "string" || outcome.kind === "last-owner") {
    return outcome;
  }
  assert.equal(outcome.kind, "done");
  return "saved";
}

/** The time of what tests do first. */
export const testStartMs: number = Date.UTC(2025, 5, 15, 12);

/** A time some seconds after the start. */
export function testTime(seconds: number): string {
  return new Date(testStartMs + 1000 * seconds).toISOString();
}

/** A tenant with a name. */
export function testTenant(slug: string): Tenant {
  return {
    tenantId: `tenant-${slug}` as TenantId,
    slug,
    name: `The ${slug}`,
    settings: {},
    created: testTime(0),
  };
}

/** A connection of a tenant. */
export function testConnection({ tenantId, slug }: Tenant, name = "main"): Connection {
  return {
    tenantId,
    connectionId: `connection-${slug}-${name}` as ConnectionId,
    slug: name,
    name: `The ${name}`,
    profile: "generic",
    settings: {},
    disabled: false,
    staged: false,
    created: testTime(0),
  };
}

/** A credential of a connection. */
export function testCredential(
  { tenantId, connectionId }: Scope,
  id: string,
  differences: Partial<Credential> = {},
): Credential {
  return {
    credentialId: id as CredentialId,
    tenantId,
    connectionId,
    name: `token ${id}`,
    secretHash: "5e884898da280471",
    pepperVersion: 1,
    lastFour: "a1b2",
    scopes: ["scim:read", "scim:write"],
    cidrs: [],
    created: testTime(0),
    creator: "cli",
    expires: testTime(3600),
    revoked: undefined,
    lastUsed: undefined,
    ...differences,
  };
}

/** An OAuth client of a connection with one secret. */
export function testOauthClient(
  { tenantId, connectionId }: Scope,
  id: string,
  differences: Partial<OauthClient> = {},
): OauthClient {
  return {
    clientId: id as CredentialId,
    tenantId,
    connectionId,
    name: `client ${id}`,
    proof: { method: "client_secret_basic" },
    secrets: [
      {
        secretHash: "5e884898da280471",
        pepperVersion: 1,
        lastFour: "a1b2",
        created: testTime(0),
        ends: undefined,
      },
    ],
    scopes: ["scim:read", "scim:write"],
    cidrs: [],
    created: testTime(0),
    creator: "cli",
    tokensSince: undefined,
    lastUsed: undefined,
    ...differences,
  };
}

/** A credential of the admin API; of the whole instance when no tenant is given. */
export function testAdminCredential(
  tenantId: TenantId | undefined,
  id: string,
  differences: Partial<AdminCredential> = {},
): AdminCredential {
  return {
    credentialId: id as CredentialId,
    tenantId,
    name: `token ${id}`,
    secretHash: "5e884898da280471",
    pepperVersion: 1,
    lastFour: "a1b2",
    created: testTime(0),
    creator: "cli",
    expires: testTime(3600),
    revoked: undefined,
    lastUsed: undefined,
    ...differences,
  };
}

/** One connection of one tenant, and what tests do in it; every write is one second after the one before. */
export interface TestPopulation {
  readonly tenant: Tenant;
  readonly connection: Connection;
  readonly scope: Scope;
  create(
    type: ResourceType,
    attributes: JsonObject,
    write?: {
      readonly id?: string;
      readonly members?: readonly string[];
      readonly options?: Partial<CommitOptions>;
    },
  ): Promise<{ readonly id: string; readonly outcome: CommitOutcome }>;
  update(
    type: ResourceType,
    before: StoredResource,
    write: {
      readonly after?: JsonObject;
      readonly steps?: readonly RelationStep[];
      readonly options?: Partial<CommitOptions>;
    },
  ): Promise<CommitOutcome>;
  remove(type: ResourceType, before: StoredResource): Promise<CommitOutcome>;
  read(type: ResourceType, id: string, relations?: readonly string[]): Promise<StoredResource>;
  query(type: ResourceType, filter?: string): Promise<ResourcePage>;
}

/** The last position in the outbox of a population that nothing was done in. */
export const positionBefore = 1;

/** Makes a tenant with a connection, and a population to work on. */
export async function createPopulation(
  store: Store,
  slug = "acme",
  connectionSlug = "main",
): Promise<TestPopulation> {
  const tenant = testTenant(slug);
  const connection = testConnection(tenant, connectionSlug);
  await store.tenants.create(tenant, testCircumstances);
  await addConnection(store, connection);
  return populationOf(store, tenant, connection);
}

/** Adds a connection, without the event of it: what tests look at begins behind it, and it is of the real time. */
export async function addConnection(store: Store, connection: Connection): Promise<void> {
  await store.connections.create(connection, testCircumstances);
  await store.outbox.prune(connection.tenantId, "2999-01-01T00:00:00.000Z");
}

/** The population of a connection that is there already. */
export function populationOf(
  store: Store,
  tenant: Tenant,
  connection: Connection,
  /** When a write is made; one second after the one before unless told otherwise. */
  nowMs?: () => number,
): TestPopulation {
  const scope = scopeOf(connection);
  const { resources } = store;
  let commits = 0;
  let ids = 0;
  const optionsFrom = (expectedRevision: number | undefined): CommitOptions => {
    commits += 1;
    return {
      expectedRevision,
      strictReferences: false,
      nowMs: nowMs?.() ?? testStartMs + 1000 * commits,
      baseUrl: "https://scim.example/v2",
    };
  };
  const keysOf = (type: ResourceType, attributes: JsonObject) =>
    uniqueKeysOf(type, attributes, { uniqueExternalId: true, uniqueGroupNames: true });
  const membersOf = (steps: readonly RelationStep[] | undefined) =>
    steps === undefined ? [] : [{ attribute: "members", steps }];
  return {
    tenant,
    connection,
    scope,
    create: async (resourceType, after, { id, members, options } = {}) => {
      ids += 1;
      const newId = id ?? `${tenant.slug}-${connection.slug}-${resourceType.name}-${ids}`;
      const change = {
        kind: "create" as const,
        resourceType,
        id: newId,
        after,
        relations: membersOf(members && [{ op: "replace", ids: members }]),
        uniqueKeys: keysOf(resourceType, after),
      };
      const allOptions = { ...optionsFrom(undefined), ...options };
      return {
        id: newId,
        outcome: await resources.record(scope, change, allOptions, testCircumstances),
      };
    },
    update: (resourceType, before, { after = before.attributes, steps, options }) =>
      resources.record(
        scope,
        {
          kind: "update",
          cause: "patch",
          resourceType,
          id: before.id,
          before,
          after,
          relations: membersOf(steps),
          uniqueKeys: keysOf(resourceType, after),
        },
        { ...optionsFrom(before.revision), ...options },
        testCircumstances,
      ),
    remove: (resourceType, before) =>
      resources.record(
        scope,
        { kind: "delete", resourceType, id: before.id, before },
        optionsFrom(before.revision),
        testCircumstances,
      ),
    read: async (type, id, relations = []) => {
      const stored = await resources.read(scope, type, id, relations);
      if (stored === undefined) {
        throw new Error(`${id} should be there`);
      }
      return stored;
    },
    query: (resourceType, filter) =>
      resources.query(scope, {
        ...testQuery(resourceType, filter),
        startIndex: 1,
        count: 100,
      }),
  };
}

/** A query of one type as a store gets it, for the total alone. */
export function testQuery(resourceType: ResourceType, filter?: string): ResourceQuery {
  const resolved = filter === undefined ? undefined : resolvedFilter(filter, resourceType);
  return {
    parts: [{ resourceType, filter: resolved, sortBy: undefined, relations: [] }],
    order: "created",
    startIndex: 1,
    count: 0,
    baseUrl: "https://scim.example/v2",
  };
}

/** A filter as a store gets it. */
export function resolvedFilter(filter: string, resourceType: ResourceType): ResolvedFilter {
  const schemaUris = [resourceType.schema.id, ...resourceType.extensions.map((e) => e.schema.id)];
  const reading = { strict: true, unqualifiedExtensionNames: false };
  return resolveFilter(parseFilter(filter, { ...reading, schemaUris }), resourceType, reading);
}

/** The resource types that tests work with. */
export function testTypes(registry: ResourceTypeRegistry): {
  readonly user: ResourceType;
  readonly group: ResourceType;
} {
  const user = registry.named("User");
  const group = registry.named("Group");
  if (user === undefined || group === undefined) {
    throw new TypeError("the contract needs a registry with User and Group");
  }
  return { user, group };
}
