/** What a store promises about many writes at once: totals are exact, numbers have no gaps, order holds per resource. */
import assert from "node:assert/strict";
import type { JsonObject, JsonValue } from "@rollcall/scim";
import { isJsonObject } from "@rollcall/scim";
import { accessJson } from "../domain/access-difference.ts";
import type { Account, AccountId } from "../domain/account.ts";
import { effectiveAccessOf } from "../domain/effective-access.ts";
import type { TestPopulation } from "./contract-population.ts";
import {
  createPopulation,
  populationOf,
  positionBefore,
  testCircumstances,
  testConnection,
  testTime,
  testTypes,
} from "./contract-population.ts";
import type { Store } from "./store.ts";
import type { StoreContractTest } from "./store-contract-test.ts";

type Types = ReturnType<typeof testTypes>;

function atOnce(
  name: string,
  keep: (population: TestPopulation, types: Types, store: Store) => Promise<void>,
): StoreContractTest {
  return {
    name: `at once: ${name}`,
    run: async (store, registry) => keep(await createPopulation(store), testTypes(registry), store),
  };
}

function times<Result>(count: number, act: (index: number) => Promise<Result>): Promise<Result[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => act(index)));
}

function createAccount(store: Store, index: number): Promise<unknown> {
  const account: Account = {
    accountId: `account-${index}` as AccountId,
    email: emailOf(index),
    emailVerified: true,
    hasLogin: true,
    name: undefined,
    preferredLanguage: undefined,
    ref: undefined,
    madeBy: undefined,
    created: testTime(0),
    revision: 1,
  };
  return store.accounts.create(account, testCircumstances);
}

function emailOf(index: number): string {
  return `person${index}@acme.example`;
}

function revisionIn({ data }: { readonly data: JsonObject }): number {
  return Number(data["accessRevision"]);
}

/** Access with its grants in one order: that of the database is any. */
function inOrder(access: JsonValue | undefined): unknown {
  assert(isJsonObject(access) && Array.isArray(access["grants"]));
  return { ...access, grants: access["grants"].map((grant) => JSON.stringify(grant)).toSorted() };
}

/** Asserts that what was told last of everybody's access is what they have, and that nobody was told twice. */
async function checkTold({ scope: { tenantId } }: TestPopulation, store: Store, people: number) {
  const events = await store.outbox.list(tenantId, { after: 0, limit: 1000 });
  const mails = await store.mails.list(tenantId, { limit: 1000 });
  const settings = await store.memberships.settings(tenantId);
  assert(settings !== undefined);
  for (let index = 0; index < people; index++) {
    const accountId = `account-${index}` as AccountId;
    // Of events about several resources the revision of the access tells which is the last.
    const told = events
      .filter(({ data }) => data["accountId"] === accountId && data["access"] !== undefined)
      .toSorted((one, other) => revisionIn(one) - revisionIn(other));
    const member = await store.memberships.read(tenantId, accountId);
    const access = accessJson(effectiveAccessOf(member?.facts, settings));
    assert.deepEqual(inOrder(told.at(-1)?.data["access"]), inOrder({ ...access }));
    assert.equal(mails.filter((mail) => mail.accountId === accountId).length <= 1, true);
  }
}

/** Every promise about writes at once. */
export const concurrencyContract: readonly StoreContractTest[] = [
  atOnce("totals count what there is", async (population, { user, group }) => {
    const created = await times(40, (index) =>
      population.create(user, { userName: `user ${index}` }),
    );
    assert.equal((await population.query(user)).totalResults, 40);
    const doomed = created.slice(0, 15);
    await Promise.all([
      ...doomed.map(async ({ id }) => population.remove(user, await population.read(user, id))),
      times(10, (index) => population.create(user, { userName: `more ${index}` })),
      times(5, (index) => population.create(group, { displayName: `group ${index}` })),
      // Refused, and therefore counted nowhere.
      times(5, () => population.create(user, { userName: "user 39" })),
    ]);
    for (const filter of [undefined, "userName pr"]) {
      const { totalResults, resources } = await population.query(user, filter);
      assert.deepEqual([totalResults, resources.length], [35, 35]);
    }
    assert.equal((await population.query(group)).totalResults, 5);
  }),
  atOnce("numbers and positions have no gaps", async (population, { user }, store) => {
    const { tenantId } = population.scope;
    const readers: Promise<unknown>[] = [];
    await times(30, async (index) => {
      const { id } = await population.create(user, { userName: `user ${index}` });
      if (index % 3 === 0) {
        // Whoever reads numbers what there is, while others write.
        readers.push(store.outbox.list(tenantId, { after: 0, limit: 1 }));
        readers.push(store.auditLog.list(tenantId, { limit: 1 }));
      }
      const before = await population.read(user, id);
      await population.update(user, before, { after: { userName: `user ${index}`, title: "Dr" } });
      await population.remove(user, await population.read(user, id));
    });
    await Promise.all(readers);
    const events = await store.outbox.list(tenantId, { after: 0, limit: 1000 });
    assert.deepEqual(
      events.map(({ position }) => position - positionBefore),
      events.map((_, index) => index + 1),
    );
    assert.equal(events.length, await store.outbox.count(tenantId));
    for (const { resourceId } of events.filter(({ resourceType }) => resourceType === "User")) {
      const own = events.filter((event) => event.resourceId === resourceId);
      const revisions = own.map(({ revision }) => revision);
      assert.deepEqual(revisions, revisions.toSorted());
      assert.deepEqual([...new Set(revisions)], [1, 2, 3]);
    }
    const entries = await store.auditLog.list(tenantId, { limit: 1000 });
    assert.equal(entries.length, await store.auditLog.count(tenantId));
    assert.equal(new Set(entries.map(({ entryId }) => entryId)).size, entries.length);
  }),
  atOnce("a position that was read once never changes", async (population, { user }, store) => {
    const { tenantId } = population.scope;
    const list = () => store.outbox.list(tenantId, { after: 0, limit: 1000 });
    await times(10, (index) => population.create(user, { userName: `user ${index}` }));
    const first = await list();
    await times(10, (index) => population.create(user, { userName: `more ${index}` }));
    const second = await list();
    assert.deepEqual(second.slice(0, 10), first);
    assert.equal(second.length, 20);
  }),
  atOnce("members that are added while one of them goes", async (population, types) => {
    const { user, group } = types;
    const created = await times(8, (index) =>
      population.create(user, { userName: `user ${index}` }),
    );
    const ids = created.map(({ id }) => id);
    const crew = await population.create(group, { displayName: "crew" });
    const [gone = "", ...staying] = ids;
    const empty = await population.read(group, crew.id);
    await Promise.all([
      ...ids.map((id) =>
        population.update(group, empty, {
          steps: [{ op: "add", ids: [id] }],
          options: { expectedRevision: undefined },
        }),
      ),
      population.remove(user, await population.read(user, gone)),
    ]);
    const { relations } = await population.read(group, crew.id, ["members"]);
    assert.deepEqual(
      (relations["members"] ?? []).map(({ value }) => value).toSorted(),
      staying.toSorted(),
    );
  }),
  atOnce(
    "whoever two connections attach is told of once, and the application knows all of the access",
    async (population, { user }, store) => {
      const connection = testConnection(population.tenant, "other");
      await store.connections.create(connection, testCircumstances);
      const other = populationOf(store, population.tenant, connection);
      await times(20, (index) => createAccount(store, index));
      await times(20, (index) =>
        Promise.all([
          population.create(user, { userName: emailOf(index), roles: ["admin"] }),
          other.create(user, { userName: emailOf(index), roles: ["viewer"] }),
        ]),
      );
      await checkTold(population, store, 20);
      assert.equal((await store.mails.list(population.scope.tenantId, { limit: 99 })).length, 20);
    },
  ),
  atOnce(
    "whoever is added by hand while a connection attaches them has both, and the application knows",
    async (population, { user }, store) => {
      const { tenantId } = population.scope;
      const wish = { kind: "add", role: "admin" } as const;
      // The first User prepares the population, while which nobody else gets far.
      await population.create(user, { userName: "somebody" });
      await times(20, (index) => createAccount(store, index));
      await times(20, (index) =>
        Promise.all([
          population.create(user, { userName: emailOf(index), roles: ["viewer"] }),
          store.memberships.fulfil(
            tenantId,
            `account-${index}` as AccountId,
            wish,
            testCircumstances,
          ),
        ]),
      );
      await checkTold(population, store, 20);
    },
  ),
];
