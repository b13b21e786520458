/** The tables of an operator's size, the same on every database: tenants, connections, credentials, facts of the instance. */
import type { TenantId } from "../../domain/tenant.ts";
import type { Store } from "../store.ts";
import {
  connectionById,
  connectionBySlug,
  createConnection,
  listConnections,
  saveConnection,
} from "./connections.ts";
import {
  createCredential,
  credentialById,
  listCredentials,
  revokeCredential,
  touchCredential,
} from "./credentials.ts";
import { claimInstanceFact, instanceFact } from "./instance-facts.ts";
import { ping } from "./ping.ts";
import type { RunWrite } from "./record-prepared.ts";
import type { Script } from "./script.ts";
import type { SqlContext } from "./sql-context.ts";
import { createTenant, deleteTenant, listTenants, tenantBySlug } from "./tenants.ts";

/** What the tables need of the database they are in. */
export interface AdministrationParts {
  readonly context: SqlContext;
  readonly write: RunWrite;
  /** Reads what is committed; the statements of a script need no snapshot in common. */
  readonly readOnce: <Result>(script: Script<Result>) => Promise<Result>;
  readonly dropRequestLog: (tenantId: TenantId) => Promise<void>;
}

/** A credential's time of use is noted once a minute. */
const touchIntervalMs = 60_000;

/** Makes the tables. */
export function createAdministration({
  context,
  write,
  readOnce,
  dropRequestLog,
}: AdministrationParts): Pick<
  Store,
  "tenants" | "connections" | "credentials" | "claimInstanceFact" | "ping"
> {
  return {
    tenants: {
      create: (tenant, circumstances) => write(() => createTenant(tenant, circumstances, context)),
      list: () => readOnce(listTenants()),
      bySlug: (slug) => readOnce(tenantBySlug(slug)),
      delete: async (tenantId, circumstances) => {
        await write(() => deleteTenant(tenantId, circumstances, context));
        await dropRequestLog(tenantId);
      },
    },
    connections: {
      create: (connection, circumstances) =>
        write(() => createConnection(connection, circumstances, context)),
      list: (tenantId) => readOnce(listConnections(tenantId)),
      bySlug: (tenantId, slug) => readOnce(connectionBySlug(tenantId, slug)),
      read: (scope) => readOnce(connectionById(scope)),
      save: (connection, rules, circumstances) =>
        write(() => saveConnection(connection, rules, circumstances, context)),
    },
    credentials: {
      create: (credential, circumstances) =>
        write(() => createCredential(credential, circumstances, context)),
      byId: (credentialId) => readOnce(credentialById(credentialId)),
      list: (scope) => readOnce(listCredentials(scope)),
      revoke: (scope, credentialId, at, circumstances) =>
        write(() => revokeCredential(scope, credentialId, at, circumstances, context)),
      touch: async (credentialId, at) => {
        const notedSince = new Date(Date.parse(at) - touchIntervalMs).toISOString();
        // Read first: requests that only read must not queue for a writer.
        const credential = await readOnce(credentialById(credentialId));
        const { lastUsed } = credential ?? {};
        if (credential !== undefined && (lastUsed === undefined || lastUsed <= notedSince)) {
          await write(() => touchCredential(credentialId, at, notedSince));
        }
      },
    },
    // Read first: what is noted is asked for at every opening, beside a server that writes.
    claimInstanceFact: async (name, value) =>
      (await readOnce(instanceFact(name))) ?? write(() => claimInstanceFact(name, value)),
    ping: () => readOnce(ping()),
  };
}
