/** Credentials, those of SCIM with their connections, kept for a few seconds, so that most requests are authenticated without a read (RFC 7644 §2). */
import type { AdminCredential } from "../domain/admin-credential.ts";
import type { Connection } from "../domain/connection.ts";
import type { Credential } from "../domain/credential.ts";
import type { OauthClient } from "../domain/oauth-client.ts";
import type { CredentialId } from "../domain/tenant.ts";
import type { Store } from "../store/store.ts";

/** How long what was read is believed: what another process revokes or changes has effect here after that. */
export const credentialLifeMs = 4_000;
/** The most credentials kept; those kept longest go first. */
export const credentialsKeptMax = 1_000;

/** A credential with its connection. */
export interface FoundCredential {
  readonly credential: Credential;
  /** Undefined when it is gone. */
  readonly connection: Connection | undefined;
}

/** Finds credentials of some kind. */
export interface CredentialCache<Found = FoundCredential> {
  find(credentialId: CredentialId, nowMs: number): Promise<Found | undefined>;
  /** Forgets everything, because something has changed. */
  forget(): void;
}

interface Kept<Found> {
  readonly found: Found;
  readonly readAt: Moment;
}

/** A time by two clocks: the server's, which tests and operators can set, and one that only ever goes forward. */
interface Moment {
  readonly nowMs: number;
  readonly runningMs: number;
}

/** Makes a cache of the credentials of connections. What is not there, or has no connection, is never kept. */
export function createCredentialCache(
  { credentials, connections }: Pick<Store, "credentials" | "connections">,
  runningMs?: () => number,
): CredentialCache {
  const read = async (credentialId: CredentialId) => {
    const credential = await credentials.byId(credentialId);
    if (credential === undefined) {
      return undefined;
    }
    const { tenantId, connectionId } = credential;
    return { credential, connection: await connections.read({ tenantId, connectionId }) };
  };
  return createCache(read, ({ connection }) => connection !== undefined, runningMs);
}

/** An OAuth client with its connection. */
export interface FoundOauthClient {
  readonly client: OauthClient;
  /** Undefined when it is gone. */
  readonly connection: Connection | undefined;
}

/** Makes a cache of OAuth clients. What is not there, or has no connection, is never kept. */
export function createOauthClientCache(
  { oauthClients, connections }: Pick<Store, "oauthClients" | "connections">,
  runningMs?: () => number,
): CredentialCache<FoundOauthClient> {
  const read = async (clientId: CredentialId) => {
    const client = await oauthClients.byId(clientId);
    if (client === undefined) {
      return undefined;
    }
    const { tenantId, connectionId } = client;
    return { client, connection: await connections.read({ tenantId, connectionId }) };
  };
  return createCache(read, ({ connection }) => connection !== undefined, runningMs);
}

/** Makes a cache of the credentials of the admin API. What is not there is never kept. */
export function createAdminCredentialCache(
  { adminCredentials }: Pick<Store, "adminCredentials">,
  runningMs?: () => number,
): CredentialCache<AdminCredential> {
  return createCache(adminCredentials.byId, () => true, runningMs);
}

function createCache<Found>(
  readNow: (credentialId: CredentialId) => Promise<Found | undefined>,
  isWhole: (found: Found) => boolean,
  runningMs: () => number = () => performance.now(),
): CredentialCache<Found> {
  const kept = new Map<CredentialId, Kept<Found>>();
  let forgotten = 0;

  const read = async (credentialId: CredentialId, readAt: Moment) => {
    const forgottenBefore = forgotten;
    const found = await readNow(credentialId);
    // What was read while something changed may be what was there before.
    if (found !== undefined && isWhole(found) && forgotten === forgottenBefore) {
      const [oldest] = kept.size < credentialsKeptMax ? [] : kept.keys();
      if (oldest !== undefined) {
        kept.delete(oldest);
      }
      kept.set(credentialId, { found, readAt });
    }
    return found;
  };

  return {
    async find(credentialId, nowMs) {
      const moment = { nowMs, runningMs: runningMs() };
      const known = kept.get(credentialId);
      if (known !== undefined && isYoung(known, moment)) {
        return known.found;
      }
      kept.delete(credentialId);
      return read(credentialId, moment);
    },
    forget() {
      forgotten += 1;
      kept.clear();
    },
  };
}

/** A clock that was set back must not make anything live longer. */
function isYoung({ readAt }: Kept<unknown>, { nowMs, runningMs }: Moment): boolean {
  const age = nowMs - readAt.nowMs;
  return age >= 0 && age < credentialLifeMs && runningMs - readAt.runningMs < credentialLifeMs;
}

/** The same store, which calls `onChange` after everything that can take a credential its effect or change it. */
export function tellingStore(store: Store, onChange: () => void): Store {
  const telling =
    <Arguments extends readonly unknown[], Result>(
      write: (...given: Arguments) => Promise<Result>,
    ) =>
    (...given: Arguments): Promise<Result> =>
      write(...given).finally(onChange);
  return {
    ...store,
    tenants: { ...store.tenants, delete: telling(store.tenants.delete) },
    connections: { ...store.connections, save: telling(store.connections.save) },
    credentials: {
      ...store.credentials,
      revoke: telling(store.credentials.revoke),
      rotate: telling(store.credentials.rotate),
    },
    oauthClients: {
      ...store.oauthClients,
      renew: telling(store.oauthClients.renew),
      remove: telling(store.oauthClients.remove),
    },
    adminCredentials: {
      ...store.adminCredentials,
      revoke: telling(store.adminCredentials.revoke),
      rotate: telling(store.adminCredentials.rotate),
    },
  };
}
