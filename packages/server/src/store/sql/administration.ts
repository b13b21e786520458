/** The tables of an operator's size, the same on every database: tenants, connections, credentials, keys, facts of the instance. */
import type { CredentialId, TenantId } from "../../domain/tenant.ts";
import type { Store } from "../store.ts";
import { storeAwayError } from "../store-away.ts";
import {
  adminCredentialById,
  createAdminCredential,
  listAdminCredentials,
  revokeAdminCredential,
  rotateAdminCredential,
  touchAdminCredential,
} from "./admin-credentials.ts";
import { attachWaiting, connectionsWaiting, countWaiting } from "./attach-waiting.ts";
import { changeSettings, recordRefusedSettings } from "./change-settings.ts";
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
  rotateCredential,
  touchCredential,
} from "./credentials.ts";
import {
  claimIdempotencyKey,
  hasOldIdempotencyKeys,
  pruneIdempotencyKeys,
  releaseIdempotencyKey,
  settleIdempotencyKey,
} from "./idempotency-keys.ts";
import { claimInstanceFact, instanceFact } from "./instance-facts.ts";
import {
  createOauthClient,
  listOauthClients,
  oauthClientById,
  pruneAssertions,
  removeOauthClient,
  renewOauthClient,
  touchOauthClient,
  useAssertion,
} from "./oauth-clients.ts";
import { ping } from "./ping.ts";
import type { RunWrite } from "./record-prepared.ts";
import { removeConnection } from "./remove-connection.ts";
import type { Script, Verdict } from "./script.ts";
import type { SqlContext } from "./sql-context.ts";
import { stageConnection } from "./stage-connection.ts";
import {
  createTenant,
  deleteTenant,
  listTenants,
  tenantById,
  tenantBySlug,
  tenantsBehind,
} from "./tenants.ts";

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

/** How often waiting Users are tried when somebody else is faster. */
const trialsMax = 8;

/** Makes the tables. */
export function createAdministration({
  context,
  write,
  readOnce,
  dropRequestLog,
}: AdministrationParts): Pick<
  Store,
  | "tenants"
  | "connections"
  | "credentials"
  | "oauthClients"
  | "adminCredentials"
  | "idempotencyKeys"
  | "claimInstanceFact"
  | "ping"
> {
  return {
    tenants: {
      create: (tenant, circumstances) => write(() => createTenant(tenant, circumstances, context)),
      list: () => readOnce(listTenants()),
      page: (options) => readOnce(tenantsBehind(options)),
      bySlug: (slug) => readOnce(tenantBySlug(slug)),
      byId: (tenantId) => readOnce(tenantById(tenantId)),
      changeSettings: async (tenantId, { beside = "", trying, ...wish }, circumstances) => {
        const outcome = await tried(write, () =>
          changeSettings(tenantId, { ...wish, beside, trying }, circumstances, context),
        );
        const isRefused = typeof outcome !== "string" && outcome.kind === "last-owner";
        if (isRefused && wish.mode.kind === "apply") {
          // Behind what was taken back.
          await write(() => recordRefusedSettings(tenantId, circumstances, context));
        }
        return outcome;
      },
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
      stage: (scope, isStaged, circumstances) =>
        write(() => stageConnection({ scope, isStaged }, circumstances, context)),
      attachWaiting: (wish, circumstances) =>
        tried(write, () => attachWaiting(wish, circumstances, context)),
      countWaiting: (scope, reason) => readOnce(countWaiting(scope, reason)),
      waiting: (tenantId, reason) => readOnce(connectionsWaiting(tenantId, reason)),
      remove: (scope, removal, circumstances) =>
        write(() => removeConnection({ scope, ...removal }, circumstances, context)),
    },
    credentials: {
      create: (credential, circumstances) =>
        write(() => createCredential(credential, circumstances, context)),
      byId: (credentialId) => readOnce(credentialById(credentialId)),
      list: (scope) => readOnce(listCredentials(scope)),
      revoke: (scope, credentialId, at, circumstances) =>
        write(() => revokeCredential(scope, credentialId, at, circumstances, context)),
      rotate: (credential, replaced, circumstances) =>
        write(() => rotateCredential(credential, replaced, circumstances, context)),
      touch: touching({ readOnce, write, byId: credentialById, touch: touchCredential }),
    },
    oauthClients: {
      create: (client, circumstances) =>
        write(() => createOauthClient(client, circumstances, context)),
      byId: (clientId) => readOnce(oauthClientById(clientId)),
      list: (scope) => readOnce(listOauthClients(scope)),
      renew: (before, after, circumstances) =>
        write(() => renewOauthClient(before, after, circumstances, context)),
      remove: (scope, clientId, circumstances) =>
        write(() => removeOauthClient(scope, clientId, circumstances, context)),
      touch: touching({ readOnce, write, byId: oauthClientById, touch: touchOauthClient }),
      useAssertion: (tenantId, used) => write(() => useAssertion(tenantId, used)),
      pruneAssertions: (tenantId, before) => pruneAssertions(tenantId, before, { readOnce, write }),
    },
    adminCredentials: {
      create: (credential, circumstances) =>
        write(() => createAdminCredential(credential, circumstances, context)),
      byId: (credentialId) => readOnce(adminCredentialById(credentialId)),
      list: () => readOnce(listAdminCredentials()),
      revoke: (credentialId, at, circumstances) =>
        write(() => revokeAdminCredential(credentialId, at, circumstances, context)),
      rotate: (credential, replaced, circumstances) =>
        write(() => rotateAdminCredential(credential, replaced, circumstances, context)),
      touch: touching({
        readOnce,
        write,
        byId: adminCredentialById,
        touch: touchAdminCredential,
      }),
    },
    idempotencyKeys: {
      claim: (claim, ages) => write(() => claimIdempotencyKey(claim, ages)),
      settle: (claim, answer) => write(() => settleIdempotencyKey(claim, answer)),
      release: (claim) => write(() => releaseIdempotencyKey(claim)),
      prune: async (before) => {
        // Read first: on most days nothing is due, and nobody has to wait for that.
        if (await readOnce(hasOldIdempotencyKeys(before))) {
          await write(() => pruneIdempotencyKeys(before));
        }
      },
    },
    // Read first: what is noted is asked for at every opening, beside a server that writes.
    claimInstanceFact: async (name, value) =>
      (await readOnce(instanceFact(name))) ?? write(() => claimInstanceFact(name, value)),
    ping: () => readOnce(ping()),
  };
}

/** Runs a script until nobody else is faster with an account. */
async function tried<Outcome>(
  write: RunWrite,
  script: () => Script<Verdict<Outcome | { readonly kind: "again" }>>,
): Promise<Outcome> {
  for (let round = 0; round < trialsMax; round += 1) {
    const outcome = await write(script);
    if (!isAgain(outcome)) {
      return outcome;
    }
  }
  throw storeAwayError("accounts are changed by others all the time");
}

function isAgain<Outcome>(
  outcome: Outcome | { readonly kind: "again" },
): outcome is { readonly kind: "again" } {
  return (
    typeof outcome === "object" && outcome !== null && "kind" in outcome && outcome.kind === "again"
  );
}

/** Makes the function that notes the use of a credential of some kind. */
function touching({
  readOnce,
  write,
  byId,
  touch,
}: Pick<AdministrationParts, "readOnce" | "write"> & {
  readonly byId: (
    credentialId: CredentialId,
  ) => Script<{ readonly lastUsed: string | undefined } | undefined>;
  readonly touch: (
    credentialId: CredentialId,
    at: string,
    notedSince: string,
  ) => Script<Verdict<void>>;
}): (credentialId: CredentialId, at: string) => Promise<void> {
  return async (credentialId, at) => {
    const notedSince = new Date(Date.parse(at) - touchIntervalMs).toISOString();
    // Read first: requests that only read must not queue for a writer.
    const credential = await readOnce(byId(credentialId));
    const { lastUsed } = credential ?? {};
    if (credential !== undefined && (lastUsed === undefined || lastUsed <= notedSince)) {
      await write(() => touch(credentialId, at, notedSince));
    }
  };
}
