/** What a store promises about credentials. */
import assert from "node:assert/strict";
import type { CredentialId } from "../domain/tenant.ts";
import {
  createPopulation,
  testCircumstances,
  testCredential,
  testTime,
} from "./contract-population.ts";
import type { StoreContractTest } from "./store-contract-test.ts";

/** Every promise about credentials. */
export const credentialContract: readonly StoreContractTest[] = [
  {
    name: "credentials: are found by id alone and listed by connection",
    run: async (store) => {
      const acme = await createPopulation(store, "acme");
      const globex = await createPopulation(store, "globex");
      const first = testCredential(acme.scope, "first");
      const second = testCredential(acme.scope, "second", {
        created: testTime(1),
        cidrs: ["10.0.0.0/8"],
        scopes: ["scim:read"],
        expires: undefined,
      });
      for (const credential of [second, first]) {
        await store.credentials.create(credential, testCircumstances);
      }
      assert.deepEqual(await store.credentials.byId(first.credentialId), first);
      assert.deepEqual(await store.credentials.list(acme.scope), [first, second]);
      assert.deepEqual(await store.credentials.list(globex.scope), []);
    },
  },
  {
    name: "credentials: neither secret nor its hash is in the audit log",
    run: async (store) => {
      const { scope } = await createPopulation(store);
      const credential = testCredential(scope, "first");
      await store.credentials.create(credential, testCircumstances);
      const [entry] = await store.auditLog.list(scope.tenantId, { limit: 1 });
      assert.equal(entry?.action, "credential.create");
      assert.equal(JSON.stringify(entry).includes(credential.secretHash), false);
    },
  },
  {
    name: "credentials: know whose they are, and tell it the one that takes their place",
    run: async (store) => {
      const { scope } = await createPopulation(store);
      const first = testCredential(scope, "first", { userId: "ann" });
      const second = testCredential(scope, "second", { userId: "ann", created: testTime(1) });
      await store.credentials.create(first, testCircumstances);
      const replaced = { credentialId: first.credentialId, expires: testTime(2) };
      assert.equal(await store.credentials.rotate(second, replaced, testCircumstances), true);
      assert.equal((await store.credentials.byId(first.credentialId))?.userId, "ann");
      assert.deepEqual(await store.credentials.byId(second.credentialId), second);
      const entries = await store.auditLog.list(scope.tenantId, { limit: 10 });
      const told = entries.flatMap(({ differences }) =>
        differences.filter(({ path }) => path === "userId"),
      );
      assert.deepEqual(told, [
        { path: "userId", after: "ann" },
        { path: "userId", after: "ann" },
      ]);
    },
  },
  {
    name: "credentials: are revoked once, and from their own connection alone",
    run: async (store) => {
      const acme = await createPopulation(store, "acme");
      const globex = await createPopulation(store, "globex");
      const credential = testCredential(acme.scope, "first");
      const { credentialId } = credential;
      const { credentials, auditLog } = store;
      await credentials.create(credential, testCircumstances);
      const entries = await auditLog.count(acme.scope.tenantId);
      const at = testTime(5);
      assert.equal(
        await credentials.revoke(globex.scope, credentialId, at, testCircumstances),
        false,
      );
      assert.equal((await credentials.byId(credentialId))?.revoked, undefined);
      assert.equal(await credentials.revoke(acme.scope, credentialId, at, testCircumstances), true);
      assert.equal(
        await credentials.revoke(acme.scope, credentialId, testTime(6), testCircumstances),
        false,
      );
      assert.deepEqual(await credentials.byId(credentialId), { ...credential, revoked: at });
      assert.equal(await auditLog.count(acme.scope.tenantId), entries + 1);
      assert.equal(
        (await auditLog.list(acme.scope.tenantId, { limit: 1 }))[0]?.action,
        "credential.revoke",
      );
    },
  },
  {
    name: "credentials: one takes the place of another, which ends in time and never later than before",
    run: async (store) => {
      const { scope } = await createPopulation(store);
      const { scope: foreign } = await createPopulation(store, "globex");
      const { credentials, auditLog } = store;
      const old = testCredential(scope, "old", { expires: undefined });
      const short = testCredential(scope, "short", { expires: testTime(10) });
      const revoked = testCredential(scope, "revoked", { revoked: testTime(1) });
      for (const credential of [old, short, revoked]) {
        await credentials.create(credential, testCircumstances);
      }
      const before = await auditLog.count(scope.tenantId);
      const rotate = (from: string, id: string, into = scope) =>
        credentials.rotate(
          testCredential(into, id),
          { credentialId: from as CredentialId, expires: testTime(60) },
          testCircumstances,
        );
      assert.equal(await rotate("old", "new"), true);
      assert.equal(await rotate("short", "newer"), true);
      assert.equal(await rotate("revoked", "none"), false);
      assert.equal(await rotate("nobody", "none"), false);
      assert.equal(await rotate("old", "none", foreign), false);
      const all = await credentials.list(scope);
      assert.deepEqual(all.map(({ credentialId, expires }) => [credentialId, expires]).toSorted(), [
        ["new", testTime(3600)],
        ["newer", testTime(3600)],
        ["old", testTime(60)],
        ["revoked", testTime(3600)],
        ["short", testTime(10)],
      ]);
      assert.deepEqual(await credentials.list(foreign), []);
      const actions = await auditLog.list(scope.tenantId, { limit: 10 });
      assert.deepEqual(
        actions.slice(before).map(({ action, target }) => [action, target.id]),
        [
          ["credential.create", "new"],
          ["credential.update", "old"],
          ["credential.create", "newer"],
        ],
      );
    },
  },
  {
    name: "credentials: of those that work one has a name, however many are made at once",
    run: async (store) => {
      const { scope } = await createPopulation(store, "acme");
      const { scope: foreign } = await createPopulation(store, "globex");
      const { credentials, auditLog } = store;
      const entries = await auditLog.count(scope.tenantId);
      const create = (id: string, differences = {}, into = scope) =>
        credentials.create(
          testCredential(into, id, { name: "okta", ...differences }),
          testCircumstances,
        );
      const outcomes = await Promise.all(["one", "two", "three"].map((id) => create(id)));
      assert.deepEqual(outcomes.toSorted(), ["created", "taken", "taken"]);
      const [holder, ...others] = await credentials.list(scope);
      assert.deepEqual(others, []);
      assert.equal(await auditLog.count(scope.tenantId), entries + 1);
      assert.equal(await create("foreign", {}, foreign), "created");
      assert.equal(await create("okta-2", { name: "Okta" }), "created");
      assert.equal(await create("revoked", { revoked: testTime(1) }), "created");
      assert.equal(await create("nameless", { name: "" }), "created");
      assert.equal(await create("nameless-2", { name: "" }), "created");
      // When its holder is revoked or has expired, a name is free.
      assert(holder !== undefined);
      await credentials.revoke(scope, holder.credentialId, testTime(5), testCircumstances);
      assert.equal(await create("next", { expires: testTime(60) }), "created");
      assert.equal(await create("early", { created: testTime(59) }), "taken");
      assert.equal(await create("late", { created: testTime(60), expires: undefined }), "created");
      assert.equal(await create("later", { created: testTime(7200) }), "taken");
    },
  },
  {
    name: "credentials: one that takes the place of another takes its name too",
    run: async (store) => {
      const { scope } = await createPopulation(store);
      const { credentials } = store;
      const named = (id: string) => testCredential(scope, id, { name: "okta", expires: undefined });
      await credentials.create(named("old"), testCircumstances);
      const rotate = (id: string) =>
        credentials.rotate(
          named(id),
          { credentialId: "old" as CredentialId, expires: testTime(60) },
          testCircumstances,
        );
      assert.deepEqual(await Promise.all(["new", "newer"].map(rotate)), [true, true]);
      assert.equal(await rotate("newest"), true);
      assert.equal(await credentials.create(named("other"), testCircumstances), "taken");
      const newest = "newest" as CredentialId;
      await credentials.revoke(scope, newest, testTime(5), testCircumstances);
      assert.equal(await credentials.create(named("another"), testCircumstances), "created");
    },
  },
  {
    name: "credentials: their use is noted once a minute",
    run: async ({ credentials, ...store }) => {
      const { scope } = await createPopulation({ credentials, ...store });
      const credential = testCredential(scope, "first");
      const { credentialId } = credential;
      await credentials.create(credential, testCircumstances);
      const entries = await store.auditLog.count(scope.tenantId);
      for (const [seconds, noted] of [
        [10, 10],
        [69, 10],
        [70, 70],
        [20, 70],
      ] as const) {
        await credentials.touch(credentialId, testTime(seconds));
        assert.equal((await credentials.byId(credentialId))?.lastUsed, testTime(noted));
      }
      assert.equal(await store.auditLog.count(scope.tenantId), entries);
    },
  },
];
