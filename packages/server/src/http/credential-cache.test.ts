import { expect, test } from "vitest";
import type { AdminCredential } from "../domain/admin-credential.ts";
import type { Connection } from "../domain/connection.ts";
import type { Credential } from "../domain/credential.ts";
import type { CredentialId, TenantId } from "../domain/tenant.ts";
import type { Store } from "../store/store.ts";
import {
  createAdminCredentialCache,
  createCredentialCache,
  credentialLifeMs,
  credentialsKeptMax,
  tellingStore,
} from "./credential-cache.ts";

const id = (text: string) => text as CredentialId;

/** Tables whose rows the test changes, and which count how often they are read. */
function tables() {
  const reads = { credentials: 0, connections: 0 };
  const revoked = new Set<string>();
  const gone = new Set<string>();
  const gate: { wait?: Promise<void> } = {};
  const credentials = {
    byId: async (credentialId: CredentialId) => {
      reads.credentials += 1;
      const credential = {
        credentialId,
        connectionId: `c-${credentialId}`,
        revoked: revoked.has(credentialId) ? "at" : undefined,
      };
      await gate.wait;
      return credentialId.startsWith("unknown") ? undefined : (credential as unknown as Credential);
    },
  };
  const connections = {
    read: async ({ connectionId }: { connectionId: string }) => {
      reads.connections += 1;
      return gone.has(connectionId) ? undefined : ({ connectionId } as Connection);
    },
  };
  const store = { credentials, connections } as unknown as Store;
  return { store, reads, revoked, gone, gate };
}

test("what was read is believed until its time is up, and then read again", async () => {
  const { store, reads, revoked } = tables();
  const cache = createCredentialCache(store, () => 0);
  const first = await cache.find(id("a"), 1_000);
  expect(first?.connection?.connectionId).toBe("c-a");
  revoked.add("a");
  expect(await cache.find(id("a"), 1_000 + credentialLifeMs - 1)).toBe(first);
  expect(reads).toEqual({ credentials: 1, connections: 1 });
  const later = await cache.find(id("a"), 1_000 + credentialLifeMs);
  expect(later?.credential.revoked).toBe("at");
  expect(reads).toEqual({ credentials: 2, connections: 2 });
});

test("a use does not make it live longer", async () => {
  const { store, revoked } = tables();
  const cache = createCredentialCache(store, () => 0);
  await cache.find(id("a"), 0);
  revoked.add("a");
  for (let nowMs = 500; nowMs < credentialLifeMs; nowMs += 500) {
    expect((await cache.find(id("a"), nowMs))?.credential.revoked).toBeUndefined();
  }
  expect((await cache.find(id("a"), credentialLifeMs))?.credential.revoked).toBe("at");
});

test("a clock that is set back, or stands still, does not make it live longer", async () => {
  const { store, revoked } = tables();
  let runningMs = 0;
  const cache = createCredentialCache(store, () => runningMs);
  await cache.find(id("back"), 10_000);
  await cache.find(id("still"), 10_000);
  revoked.add("back").add("still");
  expect((await cache.find(id("still"), 10_000))?.credential.revoked).toBeUndefined();
  expect((await cache.find(id("back"), 9_999))?.credential.revoked).toBe("at");
  runningMs = credentialLifeMs;
  expect((await cache.find(id("still"), 10_000))?.credential.revoked).toBe("at");
});

test("what is not there is asked for each time, and so is what has no connection", async () => {
  const { store, reads, gone } = tables();
  const cache = createCredentialCache(store, () => 0);
  expect(await cache.find(id("unknown"), 0)).toBeUndefined();
  expect(await cache.find(id("unknown"), 0)).toBeUndefined();
  expect(reads).toEqual({ credentials: 2, connections: 0 });
  gone.add("c-a");
  expect((await cache.find(id("a"), 0))?.connection).toBeUndefined();
  gone.clear();
  expect((await cache.find(id("a"), 0))?.connection).toBeDefined();
});

test("it keeps a bounded number, and those read last", async () => {
  const { store, reads } = tables();
  const cache = createCredentialCache(store, () => 0);
  for (let index = 0; index <= credentialsKeptMax; index += 1) {
    await cache.find(id(`k${index}`), 0);
  }
  const readSoFar = reads.credentials;
  await cache.find(id("k1"), 0);
  await cache.find(id(`k${credentialsKeptMax}`), 0);
  expect(reads.credentials).toBe(readSoFar);
  await cache.find(id("k0"), 0);
  expect(reads.credentials).toBe(readSoFar + 1);
});

test("credentials of the admin API are believed as long, and no longer", async () => {
  const reads: string[] = [];
  const byId = async (credentialId: CredentialId) => {
    reads.push(credentialId);
    return credentialId === "unknown" ? undefined : ({ credentialId } as AdminCredential);
  };
  const store = { adminCredentials: { byId } } as unknown as Store;
  const cache = createAdminCredentialCache(store, () => 0);
  for (const nowMs of [0, credentialLifeMs - 1, credentialLifeMs]) {
    expect((await cache.find(id("a"), nowMs))?.credentialId).toBe("a");
    expect(await cache.find(id("unknown"), nowMs)).toBeUndefined();
  }
  expect(reads).toEqual(["a", "unknown", "unknown", "a", "unknown"]);
});

test("what was read while something changed is not kept", async () => {
  const { store, revoked, gate } = tables();
  const cache = createCredentialCache(store, () => 0);
  let open = () => {};
  gate.wait = new Promise((resolve) => {
    open = resolve;
  });
  const underWay = cache.find(id("a"), 0);
  revoked.add("a");
  cache.forget();
  open();
  expect((await underWay)?.credential.revoked).toBeUndefined();
  expect((await cache.find(id("a"), 1))?.credential.revoked).toBe("at");
});

test("a store tells of revoking, saving and deleting, when they are done or have failed, and of nothing else", async () => {
  const told: string[] = [];
  const failing = async (): Promise<never> => {
    throw new Error("away");
  };
  const done = (what: string, result?: unknown) => async () => {
    told.push(what);
    return result;
  };
  const store = {
    tenants: { delete: done("delete"), list: done("list", []) },
    connections: { save: failing, read: done("read") },
    credentials: {
      revoke: done("revoke", true),
      rotate: done("rotate", true),
      touch: done("touch"),
      create: done("create"),
    },
    oauthClients: {
      renew: done("renew", true),
      remove: done("remove", true),
      touch: done("touch"),
    },
    adminCredentials: {
      revoke: done("revoke admin", true),
      rotate: done("rotate admin"),
      list: done("list", []),
    },
  } as unknown as Store;
  const telling = tellingStore(store, () => told.push("changed"));
  const { tenants, connections, credentials, adminCredentials, oauthClients } = telling;
  const nothing = undefined as never;
  await tenants.list();
  await credentials.touch(id("a"), "");
  await credentials.create(nothing, nothing);
  await connections.read(nothing);
  expect(told).toEqual(["list", "touch", "create", "read"]);
  told.length = 0;
  await tenants.delete("t" as TenantId, nothing);
  expect(await credentials.revoke(nothing, id("a"), "", nothing)).toBe(true);
  expect(told).toEqual(["delete", "changed", "revoke", "changed"]);
  told.length = 0;
  await credentials.rotate(nothing, nothing, nothing);
  await adminCredentials.revoke(id("a"), "", nothing);
  await adminCredentials.rotate(nothing, nothing, nothing);
  expect(told).toEqual(["rotate", "changed", "revoke admin", "changed", "rotate admin", "changed"]);
  await expect(connections.save(nothing, [], nothing)).rejects.toThrow("away");
  expect(told).toHaveLength(7);
  await adminCredentials.list();
  expect(told).toHaveLength(8);
  told.length = 0;
  await oauthClients.touch(id("a"), "");
  await oauthClients.renew(nothing, nothing, nothing);
  await oauthClients.remove(nothing, id("a"), nothing);
  expect(told).toEqual(["touch", "renew", "changed", "remove", "changed"]);
});
