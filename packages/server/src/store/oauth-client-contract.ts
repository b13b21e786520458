/** What a store promises about OAuth clients and the assertions that they have used. */
import assert from "node:assert/strict";
import type { CredentialId } from "../domain/tenant.ts";
import {
  createPopulation,
  testCircumstances,
  testOauthClient,
  testTime,
} from "./contract-population.ts";
import type { StoreContractTest } from "./store-contract-test.ts";

/** Every promise about OAuth clients. */
export const oauthClientContract: readonly StoreContractTest[] = [
  {
    name: "OAuth clients: are found by id alone and listed by connection, with all that was said of them",
    run: async (store) => {
      const acme = await createPopulation(store, "acme");
      const globex = await createPopulation(store, "globex");
      const { oauthClients } = store;
      const first = testOauthClient(acme.scope, "first");
      const second = testOauthClient(acme.scope, "second", {
        created: testTime(1),
        secrets: [],
        scopes: ["scim:read"],
        cidrs: ["192.0.2.0/24"],
        proof: {
          method: "federated",
          keys: { kind: "url", url: "https://login.example/keys" },
          issuer: "https://login.example/t/v2.0",
          subject: "sync",
          audience: "api://x",
        },
      });
      for (const client of [second, first]) {
        assert.equal(await oauthClients.create(client, testCircumstances), "created");
      }
      assert.deepEqual(await oauthClients.byId(first.clientId), first);
      assert.deepEqual(await oauthClients.byId(second.clientId), second);
      assert.equal(await oauthClients.byId("nobody" as CredentialId), undefined);
      assert.deepEqual(await oauthClients.list(acme.scope), [first, second]);
      assert.deepEqual(await oauthClients.list(globex.scope), []);
      assert.equal(await store.credentials.byId(first.clientId), undefined);
      const nowhere = { ...acme.scope, connectionId: globex.scope.connectionId };
      const lost = testOauthClient(nowhere, "lost");
      assert.equal(await oauthClients.create(lost, testCircumstances), "gone");
      assert.equal(await oauthClients.byId(lost.clientId), undefined);
    },
  },
  {
    name: "OAuth clients: of a connection one has a name, and nothing of a secret is in the audit log",
    run: async (store) => {
      const acme = await createPopulation(store, "acme");
      const globex = await createPopulation(store, "globex");
      const { oauthClients, auditLog } = store;
      const create = (scope: typeof acme.scope, id: string, name: string) =>
        oauthClients.create(testOauthClient(scope, id, { name }), testCircumstances);
      const entries = await auditLog.count(acme.scope.tenantId);
      const outcomes = await Promise.all(["a", "b"].map((id) => create(acme.scope, id, "entra")));
      assert.deepEqual(outcomes.toSorted(), ["created", "taken"]);
      assert.equal(await create(globex.scope, "c", "entra"), "created");
      assert.equal(await create(acme.scope, "d", ""), "created");
      assert.equal(await create(acme.scope, "e", ""), "created");
      assert.equal((await oauthClients.list(acme.scope)).length, 3);
      assert.equal(await auditLog.count(acme.scope.tenantId), entries + 3);
      const made = (await auditLog.list(acme.scope.tenantId, { limit: 100 })).slice(entries);
      assert.deepEqual(
        made.map(({ action }) => action),
        ["oauth-client.create", "oauth-client.create", "oauth-client.create"],
      );
      assert.equal(JSON.stringify(made).includes("5e884898da280471"), false);
    },
  },
  {
    name: "OAuth clients: get another secret once, and only what was read before is replaced",
    run: async (store) => {
      const { scope } = await createPopulation(store);
      const { oauthClients, auditLog } = store;
      const before = testOauthClient(scope, "first");
      await oauthClients.create(before, testCircumstances);
      const [old] = before.secrets;
      assert(old !== undefined);
      const secrets = [
        { ...old, secretHash: "other", lastFour: "zzzz" },
        { ...old, ends: testTime(60) },
      ];
      const after = { ...before, secrets, tokensSince: testTime(9) };
      const entries = await auditLog.count(scope.tenantId);
      assert.equal(await oauthClients.renew(before, after, testCircumstances), true);
      assert.equal(await oauthClients.renew(before, before, testCircumstances), false);
      assert.deepEqual(await oauthClients.byId(before.clientId), after);
      assert.equal(await auditLog.count(scope.tenantId), entries + 1);
      const [entry] = (await auditLog.list(scope.tenantId, { limit: 100 })).slice(entries);
      assert.equal(entry?.action, "oauth-client.rotate");
      assert.deepEqual(entry?.differences, [
        { path: "secret", after: "(hidden)" },
        { path: "tokensSince", after: testTime(9) },
      ]);
    },
  },
  {
    name: "OAuth clients: are removed once, from their own connection alone, with the assertions they have used",
    run: async (store) => {
      const acme = await createPopulation(store, "acme");
      const globex = await createPopulation(store, "globex");
      const { oauthClients, auditLog } = store;
      const client = testOauthClient(acme.scope, "first");
      const { clientId } = client;
      const { tenantId } = acme.scope;
      await oauthClients.create(client, testCircumstances);
      const used = { clientId, assertionId: "one", ends: testTime(60) };
      assert.equal(await oauthClients.useAssertion(tenantId, used), true);
      const entries = await auditLog.count(tenantId);
      assert.equal(await oauthClients.remove(globex.scope, clientId, testCircumstances), false);
      assert.deepEqual(await oauthClients.byId(clientId), client);
      assert.equal(await oauthClients.remove(acme.scope, clientId, testCircumstances), true);
      assert.equal(await oauthClients.remove(acme.scope, clientId, testCircumstances), false);
      assert.equal(await oauthClients.byId(clientId), undefined);
      assert.equal(await auditLog.count(tenantId), entries + 1);
      assert.equal(await oauthClients.useAssertion(tenantId, used), false);
      await oauthClients.create(client, testCircumstances);
      assert.equal(await oauthClients.useAssertion(tenantId, used), true);
      await store.tenants.delete(tenantId, testCircumstances);
      assert.equal(await oauthClients.byId(clientId), undefined);
    },
  },
  {
    name: "OAuth clients: an assertion is used once, however many come with it at once, until it is forgotten",
    run: async (store) => {
      const { scope } = await createPopulation(store);
      const { oauthClients, auditLog } = store;
      const { tenantId } = scope;
      const [one, other] = [testOauthClient(scope, "one"), testOauthClient(scope, "other")];
      await oauthClients.create(one, testCircumstances);
      await oauthClients.create(other, testCircumstances);
      const entries = await auditLog.count(tenantId);
      const use = (clientId: CredentialId, assertionId: string, seconds: number) =>
        oauthClients.useAssertion(tenantId, { clientId, assertionId, ends: testTime(seconds) });
      const outcomes = await Promise.all([1, 2, 3].map(() => use(one.clientId, "a", 60)));
      assert.deepEqual(outcomes.toSorted(), [false, false, true]);
      assert.equal(await use(other.clientId, "a", 60), true);
      assert.equal(await use(one.clientId, "b", 90), true);
      assert.equal(await oauthClients.pruneAssertions(tenantId, testTime(60)), 0);
      assert.equal(await oauthClients.pruneAssertions(tenantId, testTime(61)), 2);
      assert.equal(await use(one.clientId, "a", 60), true);
      assert.equal(await use(one.clientId, "b", 90), false);
      assert.equal(await auditLog.count(tenantId), entries);
    },
  },
  {
    name: "OAuth clients: their use is noted once a minute",
    run: async (store) => {
      const { scope } = await createPopulation(store);
      const { oauthClients } = store;
      const { clientId, ...client } = testOauthClient(scope, "first");
      await oauthClients.create({ ...client, clientId }, testCircumstances);
      for (const [seconds, noted] of [
        [10, 10],
        [69, 10],
        [70, 70],
        [20, 70],
      ] as const) {
        await oauthClients.touch(clientId, testTime(seconds));
        assert.equal((await oauthClients.byId(clientId))?.lastUsed, testTime(noted));
      }
    },
  },
];
