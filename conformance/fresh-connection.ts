/** Makes connections with a population of their own on the server under test. */
import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { ClientProfileName, ClientSettings } from "@rollcall/scim";
import { inject } from "vitest";
import type { Instance } from "../packages/server/src/compose.ts";
import { openInstance } from "../packages/server/src/compose.ts";
import type { AuditEntry } from "../packages/server/src/domain/audit-entry.ts";
import type { Connection } from "../packages/server/src/domain/connection.ts";
import {
  connectionSettingsOf,
  scopeOf,
  uniqueKeyPathsOf,
} from "../packages/server/src/domain/connection.ts";
import type { CredentialScope } from "../packages/server/src/domain/credential.ts";
import { parseLifetime } from "../packages/server/src/domain/credential.ts";
import type { OutboxEvent } from "../packages/server/src/domain/outbox-event.ts";
import type { RequestLogEntry } from "../packages/server/src/domain/request-log-entry.ts";
import type { StoredPart } from "./everything-stored.ts";
import { everythingStored } from "./everything-stored.ts";
import type { Target } from "./scim-client.ts";

/** What a connection shall be like. */
export interface ConnectionWish {
  readonly profile?: ClientProfileName;
  readonly settings?: Partial<ClientSettings>;
  readonly scopes?: readonly CredentialScope[];
  /** The token ran out before it was made. */
  readonly expired?: boolean;
  /** The id of the User whose token it is. */
  readonly userId?: string | undefined;
}

/** Where requests go, and what an operator knows about it. */
export interface OwnTarget extends Target {
  readonly token: string;
  readonly connection: Connection;
  readonly credentialId: string;
}

/** What an operator does to the server under test. */
export interface Administration {
  readonly instance: Instance;
  create(wish: ConnectionWish): Promise<OwnTarget>;
  connectionOf(target: Target): Connection;
  /** Makes another token of a connection; with the id of a User, one of that User. */
  newToken(target: Target, userId?: string): Promise<string>;
  /** Revokes the token of a target, and waits until every process has to know. */
  revoke(target: Target): Promise<void>;
  disable(target: Target, disabled: boolean): Promise<void>;
  /** The requests of a target's tenant so far, once they number at least `count`; the log is written with a delay. */
  requests(target: Target, count: number): Promise<readonly RequestLogEntry[]>;
  /** The audit entries of a target's tenant about one resource. */
  audits(target: Target, targetId: string): Promise<readonly AuditEntry[]>;
  /** All that the server has written so far. */
  everythingStored(): Promise<readonly StoredPart[]>;
  /** The outbox events of a target's tenant about one resource. */
  events(target: Target, resourceId: string): Promise<readonly OutboxEvent[]>;
}

const provider = inject("provider");
const dayMs = 86_400_000;
const yearsAgo = 3 * 365 * dayMs;
/** How long a server may take to learn what another process has changed. */
const reachMs = 5_000;

/** Undefined when the service provider is a foreign one, whose tests then share one population. */
export const administration: Administration | undefined =
  provider === undefined ? undefined : await administer(provider);

/** Makes a tenant with one connection and a token, or names the foreign service provider. */
export async function freshConnection(wish: ConnectionWish = {}): Promise<Target> {
  if (administration !== undefined) {
    return administration.create(wish);
  }
  const { SCIM_URL: baseUrl = "", SCIM_TOKEN: token } = process.env;
  return { baseUrl: baseUrl.replace(/\/$/, ""), token };
}

/** Opens the data folder of the running server beside it, as the command line does. */
async function administer({
  dataFolder,
  baseUrl,
  databaseUrl,
}: NonNullable<typeof provider>): Promise<Administration> {
  const config = {
    data: dataFolder,
    pepper: undefined,
    publicUrl: undefined,
    port: 0,
    databaseUrl,
    databasePool: 2,
    attachPolicy: "attach" as const,
    attachPolicyMax: "attach" as const,
    webhookAllow: [],
  };
  const instance = await openInstance(config, { role: "cli", now: Date.now });
  const { store, registry, circumstances } = instance;
  const made = new Map<string, OwnTarget>();
  const known = ({ token }: Target): OwnTarget => {
    const target = made.get(String(token));
    if (target === undefined) {
      throw new TypeError("this target was not made here");
    }
    return target;
  };
  const reachServer = () => setTimeout(reachMs);
  const save = (connection: Connection) =>
    store.connections.save(
      connection,
      uniqueKeyPathsOf(connectionSettingsOf(connection), registry),
      circumstances(),
    );
  const issue = async (connection: Connection, wish: ConnectionWish): Promise<OwnTarget> => {
    // An expired token is one that was made long ago.
    const maker = wish.expired
      ? await openInstance(config, { role: "cli", now: () => Date.now() - yearsAgo })
      : instance;
    const { token, credential } = await maker.issueCredential({
      scope: scopeOf(connection),
      name: "",
      lifetime: parseLifetime("365d"),
      scopes: wish.scopes ?? ["scim:read", "scim:write"],
      cidrs: [],
      userId: wish.userId,
      creator: "conformance",
    });
    if (maker !== instance) {
      await maker.close();
    }
    const target = { baseUrl, token, connection, credentialId: credential.credentialId };
    made.set(token, target);
    return target;
  };
  return {
    instance,
    create: async (wish) => {
      const slug = `t-${randomUUID().slice(0, 13)}`;
      const tenant = await instance.createTenant({ slug, name: undefined });
      const profile = wish.profile ?? "generic";
      const empty = await instance.createConnection({
        tenant,
        profile,
        slug: "c",
        name: undefined,
      });
      const connection = { ...empty, settings: wish.settings ?? {} };
      if (wish.settings !== undefined) {
        await save(connection);
      }
      return issue(connection, wish);
    },
    connectionOf: (target) => known(target).connection,
    newToken: async (target, userId) => (await issue(known(target).connection, { userId })).token,
    revoke: async (target) => {
      const { connection, credentialId } = known(target);
      const listed = await store.credentials.list(scopeOf(connection));
      const credential = listed.find((one) => one.credentialId === credentialId);
      if (credential !== undefined) {
        const at = new Date().toISOString();
        await store.credentials.revoke(
          scopeOf(connection),
          credential.credentialId,
          at,
          circumstances(),
        );
      }
      await reachServer();
    },
    disable: async (target, disabled) => {
      await save({ ...known(target).connection, disabled });
      await reachServer();
    },
    requests: async (target, count) => {
      const { tenantId } = known(target).connection;
      for (;;) {
        const entries = await store.requestLog.list({ tenantId, limit: 1000 });
        if (entries.length >= count) {
          return entries;
        }
        await setTimeout(50);
      }
    },
    audits: (target, targetId) =>
      store.auditLog.list(known(target).connection.tenantId, { limit: 1000, targetId }),
    everythingStored: () => everythingStored(dataFolder, databaseUrl),
    events: async (target, resourceId) => {
      const { tenantId } = known(target).connection;
      const events = await store.outbox.list(tenantId, { after: 0, limit: 1000 });
      return events.filter((event) => event.resourceId === resourceId);
    },
  };
}
