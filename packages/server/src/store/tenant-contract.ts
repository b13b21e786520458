/** What a store promises about tenants. */
import assert from "node:assert/strict";
import type { JsonObject } from "@rollcall/scim";
import {
  createPopulation,
  saveTestSettings,
  testAdminCredential,
  testCircumstances,
  testCredential,
  testTenant,
  testTypes,
} from "./contract-population.ts";
import type { StoreContractTest } from "./store-contract-test.ts";

/** Every promise about tenants. */
export const tenantContract: readonly StoreContractTest[] = [
  {
    name: "tenants: settings are saved only while they are what was expected",
    run: async ({ tenants, auditLog }) => {
      const { tenantId, ...tenant } = testTenant("acme");
      await tenants.create({ tenantId, ...tenant }, testCircumstances);
      const save = (settings: JsonObject, expected: JsonObject) =>
        saveTestSettings({ tenants }, tenantId, settings, { expected });
      const entries = await auditLog.count(tenantId);
      const outcomes = await Promise.all(
        ["invite", "reject", "attach"].map((attachPolicy) => save({ attachPolicy }, {})),
      );
      assert.deepEqual(outcomes.toSorted(), ["moved", "moved", "saved"]);
      assert.equal(await auditLog.count(tenantId), entries + 1);
      const saved = (await tenants.byId(tenantId))?.settings ?? {};
      assert.equal(await save({ accounts: false }, {}), "moved");
      assert.deepEqual((await tenants.byId(tenantId))?.settings, saved);
      assert.equal(await save({ accounts: false }, saved), "saved");
      assert.deepEqual((await tenants.byId(tenantId))?.settings, { accounts: false });
    },
  },
  {
    name: "tenants: are found by name and listed in its order",
    run: async ({ tenants, auditLog }) => {
      const globex = testTenant("globex");
      const acme = testTenant("acme");
      assert.equal(await tenants.create(globex, testCircumstances), "created");
      assert.equal(await tenants.create(acme, testCircumstances), "created");
      assert.deepEqual(await tenants.list(), [acme, globex]);
      assert.deepEqual(await tenants.bySlug("acme"), acme);
      assert.equal(await tenants.bySlug("nobody"), undefined);
      assert.deepEqual(await tenants.byId(acme.tenantId), acme);
      assert.equal(await tenants.byId(testTenant("nobody").tenantId), undefined);
      assert.deepEqual(await tenants.page({ after: "", limit: 1 }), [acme]);
      assert.deepEqual(await tenants.page({ after: "acme", limit: 2 }), [globex]);
      assert.deepEqual(await tenants.page({ after: "globex", limit: 2 }), []);
      const [entry] = await auditLog.list(acme.tenantId, { limit: 10 });
      assert.equal(entry?.action, "tenant.create");
      assert.deepEqual(entry?.actor, testCircumstances.actor);
    },
  },
  {
    name: "tenants: a name is given once",
    run: async ({ tenants, auditLog }) => {
      const acme = testTenant("acme");
      const other = { ...testTenant("other"), slug: "acme" };
      const outcomes = await Promise.all(
        [acme, other].map((tenant) => tenants.create(tenant, testCircumstances)),
      );
      assert.deepEqual(outcomes, ["created", "taken"]);
      assert.deepEqual(await tenants.list(), [acme]);
      assert.equal(await auditLog.count(other.tenantId), 0);
    },
  },
  {
    name: "tenants: deleting removes everything but the entry of the removal, and nothing of others",
    run: async (store, registry) => {
      const { user, group } = testTypes(registry);
      const doomed = await createPopulation(store, "doomed");
      const other = await createPopulation(store, "other");
      for (const population of [doomed, other]) {
        const ann = await population.create(user, { userName: "ann" });
        const bea = await population.create(user, { userName: "bea" });
        await population.create(group, { displayName: "crew" }, { members: [ann.id, bea.id] });
        await population.remove(user, await population.read(user, bea.id));
        const credential = testCredential(population.scope, population.tenant.slug);
        await store.credentials.create(credential, testCircumstances);
        const admin = testAdminCredential(population.scope.tenantId, `a-${population.tenant.slug}`);
        await store.adminCredentials.create(admin, testCircumstances);
      }
      const { tenantId } = doomed.scope;
      await store.tenants.delete(tenantId, testCircumstances);
      assert.deepEqual(await store.tenants.list(), [other.tenant]);
      assert.equal(await store.tenants.bySlug("doomed"), undefined);
      assert.deepEqual(await store.connections.list(tenantId), []);
      assert.deepEqual(await store.credentials.list(doomed.scope), []);
      for (const { accountId } of await store.accounts.page({ after: "", limit: 99 })) {
        assert.ok(!(await store.accounts.tenantsOf(accountId)).includes(tenantId));
        await store.accounts.erase(accountId, testCircumstances);
      }
      assert.equal((await doomed.query(user)).totalResults, 0);
      assert.equal(await store.outbox.count(tenantId), 0);
      const entries = await store.auditLog.list(tenantId, { limit: 100 });
      assert.deepEqual(
        entries.map(({ action, target }) => [action, target.name]),
        [["tenant.delete", "doomed"]],
      );
      assert.equal((await other.query(user)).totalResults, 1);
      assert.equal((await store.credentials.list(other.scope)).length, 1);
      assert.deepEqual(
        (await store.adminCredentials.list()).map(({ tenantId }) => tenantId),
        [other.scope.tenantId],
      );
      const again = { ...testTenant("again"), slug: "doomed" };
      assert.equal(await store.tenants.create(again, testCircumstances), "created");
    },
  },
  {
    name: "tenants: settings are saved with what differs, and the same ones are no change",
    run: async ({ tenants, auditLog }) => {
      const acme = { ...testTenant("acme"), settings: { defaultRole: "user" } };
      const { tenantId } = acme;
      await tenants.create(acme, testCircumstances);
      assert.deepEqual(await tenants.bySlug("acme"), acme);
      const settings = { attachPolicy: "invite", auditRetentionDays: 3 };
      for (const _ of [1, 2]) {
        assert.equal(await saveTestSettings({ tenants }, tenantId, settings), "saved");
      }
      assert.deepEqual(await tenants.bySlug("acme"), { ...acme, settings });
      const entries = await auditLog.list(tenantId, { limit: 10 });
      assert.deepEqual(
        entries.map(({ action }) => action),
        ["tenant.create", "tenant.update"],
      );
      assert.deepEqual(entries[1]?.differences, [
        { path: "settings.attachPolicy", after: "invite" },
        { path: "settings.auditRetentionDays", after: 3 },
        { path: "settings.defaultRole", before: "user" },
      ]);
      const { tenantId: gone } = testTenant("gone");
      assert.equal(await saveTestSettings({ tenants }, gone, settings), "gone");
      assert.equal(await auditLog.count(gone), 0);
    },
  },
  {
    name: "tenants: deleting one that is not there does nothing",
    run: async ({ tenants, auditLog }) => {
      const { tenantId } = testTenant("nobody");
      await tenants.delete(tenantId, testCircumstances);
      assert.equal(await auditLog.count(tenantId), 0);
    },
  },
];
