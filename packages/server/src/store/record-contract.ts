/** What a store promises about recording: a change, its audit entry and its events are there together or not at all. */
import assert from "node:assert/strict";
import type { TestPopulation } from "./contract-population.ts";
import { createPopulation, positionBefore, testTypes } from "./contract-population.ts";
import type { Store } from "./store.ts";
import type { StoreContractTest } from "./store-contract-test.ts";

type Types = ReturnType<typeof testTypes>;

function recording(
  name: string,
  keep: (population: TestPopulation, types: Types, store: Store) => Promise<void>,
): StoreContractTest {
  return {
    name: `recording: ${name}`,
    run: async (store, registry) => keep(await createPopulation(store), testTypes(registry), store),
  };
}

/** Counts what has been written since. */
async function counter(
  { scope: { tenantId } }: TestPopulation,
  store: Store,
): Promise<() => Promise<{ readonly entries: number; readonly events: number }>> {
  const entries = await store.auditLog.count(tenantId);
  const events = await store.outbox.count(tenantId);
  return async () => ({
    entries: (await store.auditLog.count(tenantId)) - entries,
    events: (await store.outbox.count(tenantId)) - events,
  });
}

async function lastEntry({ scope }: TestPopulation, store: Store) {
  return (await store.auditLog.list(scope.tenantId, { limit: 1 }))[0];
}

/** Every promise about recording. */
export const recordContract: readonly StoreContractTest[] = [
  recording("a create has one entry and one event", async (population, { user }, store) => {
    const since = await counter(population, store);
    const { id } = await population.create(user, { userName: "ann", externalId: "7" });
    assert.deepEqual(await since(), { entries: 1, events: 1 });
    const entry = await lastEntry(population, store);
    assert.equal(entry?.action, "user.create");
    assert.deepEqual(entry?.target, { type: "User", id, name: "ann", externalId: "7" });
    const [event] = await store.outbox.list(population.scope.tenantId, { after: 0, limit: 10 });
    assert.equal(event?.type, "user.created");
    assert.equal(event?.resourceId, id);
    assert.equal(event?.revision, 1);
  }),
  recording(
    "a change without effect writes nothing",
    async (population, { user, group }, store) => {
      const ann = await population.create(user, { userName: "ann" });
      const crew = await population.create(group, { displayName: "crew" }, { members: [ann.id] });
      const since = await counter(population, store);
      const before = await population.read(group, crew.id, ["members"]);
      const outcome = await population.update(group, before, {
        steps: [
          { op: "remove", ids: [ann.id] },
          { op: "add", ids: [ann.id] },
        ],
      });
      assert.equal(outcome.kind === "committed" && outcome.changed, false);
      await population.update(user, await population.read(user, ann.id), {});
      assert.deepEqual(await since(), { entries: 0, events: 0 });
      assert.deepEqual(await population.read(group, crew.id, ["members"]), before);
    },
  ),
  recording("what is refused writes nothing", async (population, { user, group }, store) => {
    const ann = await population.create(user, { userName: "ann" });
    const before = await population.read(user, ann.id);
    const since = await counter(population, store);
    const taken = await population.create(user, { userName: "ann" });
    assert.deepEqual(taken.outcome, { kind: "taken", path: "userName", holderId: ann.id });
    const refused = await population.create(
      group,
      { displayName: "crew" },
      { members: ["nobody"], options: { strictReferences: true } },
    );
    assert.deepEqual(refused.outcome, { kind: "unknownReferences", ids: ["nobody"] });
    await population.update(user, before, { after: { userName: "anna" } });
    assert.deepEqual(await since(), { entries: 1, events: 1 });
    const stale = await population.update(user, before, { after: { userName: "annie" } });
    assert.deepEqual(stale, { kind: "stale" });
    assert.deepEqual(await population.remove(user, before), { kind: "stale" });
    assert.deepEqual(await since(), { entries: 1, events: 1 });
    assert.equal((await population.query(group)).totalResults, 0);
    assert.equal((await population.query(user)).totalResults, 1);
  }),
  recording("of many creates with one key one is recorded", async (population, { user }, store) => {
    const since = await counter(population, store);
    const outcomes = await Promise.all(
      Array.from({ length: 64 }, () => population.create(user, { userName: "ann" })),
    );
    const kinds = outcomes.map(({ outcome }) => outcome.kind);
    assert.equal(kinds.filter((kind) => kind === "committed").length, 1);
    assert.equal(kinds.filter((kind) => kind === "taken").length, 63);
    assert.deepEqual(await since(), { entries: 1, events: 1 });
  }),
  recording(
    "of many changes of one revision one is recorded",
    async (population, { user }, store) => {
      const { id } = await population.create(user, { userName: "ann" });
      const before = await population.read(user, id);
      const since = await counter(population, store);
      const outcomes = await Promise.all(
        Array.from({ length: 16 }, (_, index) =>
          population.update(user, before, { after: { userName: "ann", title: `${index}` } }),
        ),
      );
      assert.equal(outcomes.filter(({ kind }) => kind === "committed").length, 1);
      assert.deepEqual(await since(), { entries: 1, events: 1 });
      assert.equal((await population.read(user, id)).revision, 2);
    },
  ),
  recording(
    "members are in the entry, by id and number",
    async (population, { user, group }, store) => {
      const ids: string[] = [];
      for (const userName of ["ann", "bea", "cleo"]) {
        ids.push((await population.create(user, { userName })).id);
      }
      const [ann = "", bea = "", cleo = ""] = ids;
      const crew = await population.create(group, { displayName: "crew" }, { members: [ann, bea] });
      await population.update(group, await population.read(group, crew.id), {
        steps: [{ op: "replace", ids: [bea, cleo] }],
      });
      assert.deepEqual((await lastEntry(population, store))?.relations, [
        { attribute: "members", addedCount: 1, removedCount: 1, added: [cleo], removed: [ann] },
      ]);
    },
  ),
  recording("switching a person off has three events", async (population, { user }, store) => {
    const { id } = await population.create(user, { userName: "ann", active: true });
    const since = await counter(population, store);
    await population.update(user, await population.read(user, id), {
      after: { userName: "ann", active: false },
    });
    assert.deepEqual(await since(), { entries: 1, events: 3 });
    const events = await store.outbox.list(population.scope.tenantId, {
      after: positionBefore + 1,
      limit: 10,
    });
    assert.deepEqual(
      events.map(({ position }) => position - positionBefore),
      [2, 3, 4],
    );
    assert.deepEqual(events.map(({ type }) => type).toSorted(), [
      "access.changed",
      "sessions.revoke",
      "user.deactivated",
    ]);
  }),
  recording("a delete tells which groups it left", async (population, { user, group }, store) => {
    const ann = await population.create(user, { userName: "ann" });
    const crew = await population.create(group, { displayName: "crew" }, { members: [ann.id] });
    const since = await counter(population, store);
    const outcome = await population.remove(user, await population.read(user, ann.id));
    assert.equal(outcome.kind === "committed" && outcome.changed, true);
    assert.equal((await since()).entries, 1);
    const [event] = await store.outbox.list(population.scope.tenantId, {
      after: positionBefore + 2,
      limit: 1,
    });
    assert.equal(event?.type, "user.deleted");
    assert.deepEqual(event?.data["leftRelationsOf"], [crew.id]);
    const left = await population.read(group, crew.id, ["members"]);
    assert.deepEqual([left.revision, left.relations], [2, { members: [] }]);
  }),
  recording(
    "positions have no gaps and lists go on behind one",
    async (population, { user }, store) => {
      for (const userName of ["ann", "bea", "ann", "cleo"]) {
        await population.create(user, { userName });
      }
      const { tenantId } = population.scope;
      const events = await store.outbox.list(tenantId, { after: 0, limit: 10 });
      assert.deepEqual(
        events.map(({ position }) => position - positionBefore),
        [1, 2, 3],
      );
      const rest = await store.outbox.list(tenantId, {
        after: positionBefore + 1,
        limit: 1,
      });
      assert.deepEqual(rest, events.slice(1, 2));
    },
  ),
  recording("the audit log lists by target, newest last", async (population, { user }, store) => {
    const { id } = await population.create(user, { userName: "ann" });
    await population.create(user, { userName: "bea" });
    await population.update(user, await population.read(user, id), {
      after: { userName: "ann", title: "Dr" },
    });
    const { tenantId } = population.scope;
    const ofAnn = await store.auditLog.list(tenantId, { limit: 10, targetId: id });
    assert.deepEqual(
      ofAnn.map(({ action }) => action),
      ["user.create", "user.patch"],
    );
    assert.deepEqual(ofAnn[1]?.differences, [{ path: "title", after: "Dr" }]);
    const latest = await store.auditLog.list(tenantId, { limit: 2 });
    assert.deepEqual(
      latest.map(({ target }) => target.name),
      ["bea", "ann"],
    );
  }),
  recording(
    "without an expected revision the attributes stay",
    async (population, { user, group }) => {
      const ann = await population.create(user, { userName: "ann" });
      const crew = await population.create(group, { displayName: "crew" });
      const before = await population.read(group, crew.id);
      await population.update(group, before, { after: { displayName: "team" } });
      const outcome = await population.update(group, before, {
        steps: [{ op: "add", ids: [ann.id] }],
        options: { expectedRevision: undefined },
      });
      assert.equal(outcome.kind === "committed" && outcome.revision, 3);
      assert.deepEqual((await population.read(group, crew.id)).attributes, { displayName: "team" });
    },
  ),
  recording(
    "what is kept of deleted resources goes when its time is over, for one tenant",
    async (population, { user }, store) => {
      const other = await createPopulation(store, "other");
      for (const one of [population, other]) {
        const { id } = await one.create(user, { userName: "ann" });
        await one.remove(user, await one.read(user, id));
      }
      const since = await counter(population, store);
      const ages = { restorableSince: "2999-01-01T00:00:00.000Z", rememberedSince: "" };
      assert.equal(await store.resources.pruneTombstones(population.scope.tenantId, ages), 1);
      assert.equal(await store.resources.pruneTombstones(population.scope.tenantId, ages), 0);
      assert.equal(await store.resources.pruneTombstones(other.scope.tenantId, ages), 1);
      assert.deepEqual(await since(), { entries: 0, events: 0 });
    },
  ),
];
