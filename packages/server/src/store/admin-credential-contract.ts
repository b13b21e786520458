/** What a store promises about credentials of the admin API. */
import assert from "node:assert/strict";
import { instanceAuditId } from "../domain/admin-credential.ts";
import {
  createPopulation,
  testAdminCredential,
  testCircumstances,
  testTime,
} from "./contract-population.ts";
import type { StoreContractTest } from "./store-contract-test.ts";

/** Every promise about admin credentials. */
export const adminCredentialContract: readonly StoreContractTest[] = [
  {
    name: "admin credentials: are found by id and listed, oldest first",
    run: async (store) => {
      const { scope } = await createPopulation(store);
      const ofTenant = testAdminCredential(scope.tenantId, "tenant");
      const ofInstance = testAdminCredential(undefined, "instance", {
        created: testTime(1),
        expires: undefined,
      });
      for (const credential of [ofInstance, ofTenant]) {
        await store.adminCredentials.create(credential, testCircumstances);
      }
      assert.deepEqual(await store.adminCredentials.byId(ofTenant.credentialId), ofTenant);
      assert.deepEqual(await store.adminCredentials.byId(ofInstance.credentialId), ofInstance);
      assert.deepEqual(await store.adminCredentials.list(), [ofTenant, ofInstance]);
      assert.equal(await store.credentials.byId(ofTenant.credentialId), undefined);
    },
  },
  {
    name: "admin credentials: those of a tenant are in its audit log, the others in that of the instance",
    run: async (store) => {
      const { scope } = await createPopulation(store);
      const before = await store.auditLog.count(scope.tenantId);
      const ofTenant = testAdminCredential(scope.tenantId, "tenant");
      await store.adminCredentials.create(ofTenant, testCircumstances);
      const others = ["one", "two", "three"].map((id) => testAdminCredential(undefined, id));
      await Promise.all(
        others.map((credential) => store.adminCredentials.create(credential, testCircumstances)),
      );
      const [entry, ...more] = (await store.auditLog.list(scope.tenantId, { limit: 10 })).slice(
        before,
      );
      assert.deepEqual(more, []);
      assert.equal(entry?.action, "admin-credential.create");
      assert.equal(JSON.stringify(entry).includes(ofTenant.secretHash), false);
      const ofInstance = await store.auditLog.list(instanceAuditId, { limit: 10 });
      assert.deepEqual(
        ofInstance.map(({ target }) => target.id).toSorted(),
        others.map(({ credentialId }) => credentialId).toSorted(),
      );
    },
  },
  {
    name: "admin credentials: are revoked once",
    run: async (store) => {
      const { adminCredentials, auditLog } = store;
      const { scope } = await createPopulation(store);
      for (const tenantId of [scope.tenantId, undefined]) {
        const logId = tenantId ?? instanceAuditId;
        const credential = testAdminCredential(tenantId, `id-${logId}`);
        const { credentialId } = credential;
        await adminCredentials.create(credential, testCircumstances);
        const entries = await auditLog.count(logId);
        const at = testTime(5);
        assert.equal(await adminCredentials.revoke(credentialId, at, testCircumstances), true);
        assert.equal(
          await adminCredentials.revoke(credentialId, testTime(6), testCircumstances),
          false,
        );
        assert.deepEqual(await adminCredentials.byId(credentialId), { ...credential, revoked: at });
        assert.equal(await auditLog.count(logId), entries + 1);
        const [entry] = await auditLog.list(logId, { limit: 1 });
        assert.equal(entry?.action, "admin-credential.revoke");
      }
    },
  },
  {
    name: "admin credentials: one takes the place of another that is good for the same, which ends in time",
    run: async (store) => {
      const { adminCredentials: table, auditLog } = store;
      const { scope } = await createPopulation(store);
      for (const tenantId of [scope.tenantId, undefined]) {
        const logId = tenantId ?? instanceAuditId;
        const testOne = (id: string) => testAdminCredential(tenantId, `${id}-${logId}`);
        const [old, next, third] = [testOne("old"), testOne("next"), testOne("third")];
        await table.create(old, testCircumstances);
        const entries = await auditLog.count(logId);
        const rotate = (credential: typeof old, { credentialId }: typeof old, at: number) =>
          table.rotate(credential, { credentialId, expires: testTime(at) }, testCircumstances);
        assert.equal(await rotate(next, old, 60), true);
        assert.deepEqual(await table.byId(old.credentialId), { ...old, expires: testTime(60) });
        assert.deepEqual(await table.byId(next.credentialId), next);
        assert.equal(await auditLog.count(logId), entries + 2);
        // It ends no later than it would have.
        assert.equal(await rotate(third, old, 600), true);
        assert.equal((await table.byId(old.credentialId))?.expires, testTime(60));
        await table.revoke(old.credentialId, testTime(1), testCircumstances);
        assert.equal(await rotate(testOne("fourth"), old, 60), false);
        const elsewhere = tenantId === undefined ? scope.tenantId : undefined;
        const wider = testAdminCredential(elsewhere, `wider-${logId}`);
        assert.equal(await rotate(wider, next, 60), false);
        assert.equal(await table.byId(wider.credentialId), undefined);
        assert.deepEqual(await table.byId(next.credentialId), next);
      }
    },
  },
  {
    name: "admin credentials: of those that are good for the same and work one has a name",
    run: async (store) => {
      const { adminCredentials } = store;
      const { scope } = await createPopulation(store, "acme");
      const { scope: foreign } = await createPopulation(store, "globex");
      for (const tenantId of [scope.tenantId, undefined]) {
        const create = (id: string, differences = {}) => {
          const own = testAdminCredential(tenantId, `${id} of ${tenantId}`, { name: "ops" });
          return adminCredentials.create({ ...own, ...differences }, testCircumstances);
        };
        const outcomes = await Promise.all(["one", "two", "three"].map((id) => create(id)));
        assert.deepEqual(outcomes.toSorted(), ["created", "taken", "taken"]);
        const [holder, ...others] = (await adminCredentials.list()).filter(
          (credential) => credential.tenantId === tenantId,
        );
        assert.deepEqual(others, []);
        assert(holder !== undefined);
        const { credentialId } = holder;
        const next = testAdminCredential(tenantId, `next of ${tenantId}`, { name: "ops" });
        const replaced = { credentialId, expires: testTime(60) };
        assert.equal(await adminCredentials.rotate(next, replaced, testCircumstances), true);
        assert.equal(await create("four"), "taken");
        await adminCredentials.revoke(next.credentialId, testTime(5), testCircumstances);
        assert.equal(await create("five", { expires: testTime(60) }), "created");
        assert.equal(await create("six", { created: testTime(60) }), "created");
      }
      const elsewhere = testAdminCredential(foreign.tenantId, "elsewhere", { name: "ops" });
      assert.equal(await adminCredentials.create(elsewhere, testCircumstances), "created");
    },
  },
  {
    name: "admin credentials: their use is noted once a minute",
    run: async ({ adminCredentials, auditLog }) => {
      const credential = testAdminCredential(undefined, "first");
      const { credentialId } = credential;
      await adminCredentials.create(credential, testCircumstances);
      for (const [seconds, noted] of [
        [10, 10],
        [69, 10],
        [70, 70],
        [20, 70],
      ] as const) {
        await adminCredentials.touch(credentialId, testTime(seconds));
        assert.equal((await adminCredentials.byId(credentialId))?.lastUsed, testTime(noted));
      }
      assert.equal(await auditLog.count(instanceAuditId), 1);
    },
  },
];
