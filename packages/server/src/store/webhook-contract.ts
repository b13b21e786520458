/** What a store promises about webhooks: what is kept of them, what is queued again, and what goes when. */
import assert from "node:assert/strict";
import type { WebhookId, WebhookSecret } from "../domain/webhook.ts";
import { positionBefore, testCircumstances, testTime } from "./contract-population.ts";
import type { StoreContractTest } from "./store-contract-test.ts";
import {
  createWebhookSite,
  placeOf,
  positionsOf,
  testWebhook,
  webhookPromise,
} from "./webhook-site.ts";

const hook = "hook" as WebhookId;
const nobody = "nobody" as WebhookId;

function secretAt(seconds: number): WebhookSecret {
  return { sealed: `sealed at ${seconds}`, created: testTime(seconds), ends: undefined };
}

/** Every promise about webhooks. */
export const webhookContract: readonly StoreContractTest[] = [
  webhookPromise("are found in their tenant alone, as they were made", async (site, registry) => {
    const { webhooks } = site.store;
    const other = await createWebhookSite(site.store, registry, "globex");
    const first = await site.add("b");
    const second = await site.add("a", { created: testTime(1), types: ["user.", "group.created"] });
    assert.deepEqual(await webhooks.list(site.tenantId), [first, second]);
    assert.deepEqual(await webhooks.byId(site.tenantId, second.webhookId), second);
    assert.deepEqual(await webhooks.list(other.tenantId), []);
    assert.equal(await webhooks.byId(other.tenantId, second.webhookId), undefined);
    await other.add("a");
    assert.equal((await webhooks.list(site.tenantId)).length, 2);
    const stray = testWebhook("tenant-gone" as typeof site.tenantId);
    assert.equal(await webhooks.create(stray, testCircumstances), false);
  }),
  webhookPromise("each change leaves an audit entry, and none a secret", async (site) => {
    const { webhooks, auditLog } = site.store;
    const { tenantId } = site;
    await site.add();
    const change = {
      types: ["user."],
      address: { url: "https://x.example/", secret: secretAt(9) },
    };
    await webhooks.update(tenantId, hook, change, testCircumstances);
    await webhooks.update(tenantId, hook, { types: ["user."] }, testCircumstances);
    await webhooks.rotate(tenantId, hook, secretAt(10), testCircumstances);
    const disabling = { at: testTime(11), reason: "no more" };
    await webhooks.disable(tenantId, hook, disabling, testCircumstances);
    await webhooks.disable(tenantId, hook, disabling, testCircumstances);
    await webhooks.enable(tenantId, hook, testCircumstances);
    await webhooks.enable(tenantId, hook, testCircumstances);
    await webhooks.remove(tenantId, hook, testCircumstances);
    const entries = (await auditLog.list(tenantId, { limit: 99 })).filter(
      ({ target }) => target.type === "webhook",
    );
    assert.deepEqual(
      entries.map(({ action }) => action),
      ["create", "update", "rotate", "disable", "enable", "remove"].map(
        (verb) => `webhook.${verb}`,
      ),
    );
    assert.ok(!JSON.stringify(entries).includes("sealed"));
    assert.deepEqual(entries[1]?.differences, [
      { path: "url", before: "https://example.com/hook", after: "https://x.example/" },
      { path: "types", before: [], after: ["user."] },
    ]);
  }),
  webhookPromise("what is gone cannot be changed", async ({ store, tenantId }) => {
    const { webhooks } = store;
    const all = [
      await webhooks.update(tenantId, nobody, { types: [] }, testCircumstances),
      await webhooks.rotate(tenantId, nobody, secretAt(1), testCircumstances),
      await webhooks.disable(tenantId, nobody, { at: testTime(1), reason: "" }, testCircumstances),
      await webhooks.enable(tenantId, nobody, testCircumstances),
      await webhooks.remove(tenantId, nobody, testCircumstances),
      await webhooks.replay(tenantId, nobody, { after: 0 }, testCircumstances),
    ];
    assert.deepEqual(all, [undefined, false, false, false, false, undefined]);
  }),
  webhookPromise(
    "a rotation keeps the secret before it for a day, another address none",
    async (site) => {
      const { webhooks } = site.store;
      const { tenantId } = site;
      const { secrets, ...webhook } = await site.add();
      await webhooks.rotate(tenantId, hook, secretAt(10), testCircumstances);
      assert.deepEqual((await webhooks.byId(tenantId, hook))?.secrets, [
        secretAt(10),
        { ...secrets[0], ends: testTime(10 + 86_400) },
      ]);
      const address = { url: "https://other.example/", secret: secretAt(20) };
      const updated = await webhooks.update(tenantId, hook, { address }, testCircumstances);
      const expected = { ...webhook, url: address.url, secrets: [secretAt(20)] };
      assert.deepEqual(updated, expected);
      assert.deepEqual(await webhooks.byId(tenantId, hook), expected);
    },
  ),
  webhookPromise(
    "a disabled one is told nothing, the others of it, and goes on where it stopped",
    async (site) => {
      const { webhooks } = site.store;
      await site.add();
      await site.add("other");
      await site.create("one");
      await site.fill();
      const disabling = { at: testTime(2), reason: "the receiver answered 410" };
      await webhooks.disable(site.tenantId, hook, disabling, testCircumstances);
      assert.deepEqual((await webhooks.byId(site.tenantId, hook))?.disabled, disabling);
      await site.create("two");
      await site.fill();
      const toOther = await site.claim();
      assert.ok(toOther.every(({ webhookId }) => webhookId === "other"));
      assert.deepEqual(toOther.map(({ event }) => event.type).toSorted(), [
        "group.created",
        "group.created",
        "webhook.disabled",
      ]);
      const told = toOther.find(({ event }) => event.type === "webhook.disabled")?.event.data;
      assert.deepEqual(told, {
        webhookId: hook,
        origin: "https://example.com",
        reason: disabling.reason,
      });
      assert.equal((await site.list()).length, 1);
      await webhooks.enable(site.tenantId, hook, testCircumstances);
      await site.fill();
      const claimed = await site.claim();
      assert.equal(claimed.filter(({ webhookId }) => webhookId === hook).length, 3);
    },
  ),
  webhookPromise("the queue disables in the name of the system", async (site) => {
    await site.add();
    const { tenantId } = site;
    const read = async () => (await site.store.webhooks.byId(tenantId, hook)) ?? assert.fail();
    const { url } = await read();
    const key = { tenantId, webhookId: hook, url };
    const disabling = { at: testTime(1), reason: "gone" };
    // The answer of a receiver that was there before says nothing about the one that is there now.
    await site.store.webhookQueue.disable({ ...key, url: "https://before.example/" }, disabling);
    assert.equal((await read()).disabled, undefined);
    await site.store.webhookQueue.disable(key, disabling);
    assert.deepEqual((await read()).disabled, disabling);
    const [entry] = await site.store.auditLog.list(tenantId, { limit: 1 });
    assert.deepEqual([entry?.action, entry?.actor.kind], ["webhook.disable", "system"]);
  }),
  webhookPromise(
    "deliveries are listed the latest first, page by page and by state",
    async (site) => {
      const { webhooks } = site.store;
      await site.add();
      for (const name of ["one", "two", "three"]) {
        await site.create(name);
      }
      await site.fill();
      const [first, second] = await site.claim();
      await site.deliver(first);
      await site.fail(second, undefined);
      const list = async (options: Parameters<typeof webhooks.deliveries>[2]) =>
        (await webhooks.deliveries(site.tenantId, hook, options)).map(
          ({ position }) => position - positionBefore,
        );
      assert.deepEqual(await list({ limit: 9 }), [3, 2, 1]);
      assert.deepEqual(await list({ limit: 1, before: positionBefore + 3 }), [2]);
      assert.deepEqual(await list({ limit: 9, state: "delivered" }), [1]);
      assert.deepEqual(await list({ limit: 9, state: "dead" }), [2]);
      assert.deepEqual(await list({ limit: 9, state: "waiting", before: positionBefore + 3 }), []);
      const [, dead, delivered] = await webhooks.deliveries(site.tenantId, hook, { limit: 9 });
      assert.ok(delivered);
      const { eventId, resourceId, ...known } = delivered;
      assert.deepEqual([eventId, resourceId], [first?.event.eventId, first?.event.resourceId]);
      assert.deepEqual(known, {
        position: positionBefore + 1,
        type: "group.created",
        at: testTime(1),
        resourceType: "Group",
        state: "delivered",
        attempts: 1,
        due: undefined,
        settled: testTime(3600),
        status: 204,
        error: undefined,
        durationMs: 12,
      });
      assert.deepEqual(
        [dead?.state, dead?.status, dead?.error, dead?.settled, dead?.due],
        ["dead", 503, "the receiver answered 503", testTime(3600), undefined],
      );
      assert.deepEqual(await webhooks.countUnsettled(site.tenantId, hook), { waiting: 1, dead: 1 });
      assert.deepEqual(await webhooks.deliveries(site.tenantId, nobody, { limit: 9 }), []);
    },
  ),
  webhookPromise("one event is queued again by its id, a dead letter too", async (site) => {
    const { webhooks } = site.store;
    await site.add("hook", { types: ["group.deleted"] });
    await site.add("all");
    await site.create("one");
    await site.create("two");
    await site.fill();
    for (const delivery of await site.claim()) {
      await site.fail(delivery, undefined);
    }
    const [, dead] = await site.list("all");
    assert.equal(dead?.state, "dead");
    const event = { eventId: dead.eventId };
    const again = (id: string, which = event) =>
      webhooks.replay(site.tenantId, id as WebhookId, which, testCircumstances);
    assert.equal(await again("all"), 1);
    // Whoever asks for one event gets it, whatever the types are.
    assert.equal(await again("hook"), 1);
    assert.equal(await again("all", { eventId: "unknown" }), 0);
    const claimed = await site.claim();
    assert.deepEqual(
      claimed
        .map(({ webhookId, event: { eventId }, attempts }) => [webhookId, eventId, attempts])
        .toSorted(),
      [
        ["all", dead.eventId, 0],
        ["hook", dead.eventId, 0],
      ],
    );
    for (const delivery of claimed) {
      await site.deliver(delivery);
    }
    assert.deepEqual(
      (await site.list("all")).map(({ state }) => state),
      ["dead", "delivered"],
    );
    const entries = await site.store.auditLog.list(site.tenantId, { limit: 99 });
    assert.equal(entries.filter(({ action }) => action === "webhook.replay").length, 2);
  }),
  webhookPromise(
    "all events from some on are queued again, from before it was made too",
    async (site) => {
      const { webhooks } = site.store;
      const one = await site.create("one");
      await site.create("two");
      await site.rename(one, "one again");
      await site.add("hook", { types: ["group."] });
      await site.create("four");
      await site.fill();
      assert.deepEqual(positionsOf(await site.claim()), [4]);
      const replay = (which: { after: number } | { since: string }) =>
        webhooks.replay(site.tenantId, hook, which, testCircumstances);
      assert.equal(await replay({ since: testTime(60) }), 0);
      assert.equal(await replay({ since: testTime(2) }), 3);
      await site.fill();
      // The fourth is under way and is not sent twice at once; of one resource the earlier event goes first.
      assert.deepEqual(positionsOf(await site.claim()), [2, 3]);
      assert.equal(await replay({ after: 0 }), 4);
      assert.equal(await replay({ since: "2020-01-01T00:00:00.000Z" }), 4);
      await site.fill();
      // The first one waits for the third, of the same group, which somebody is sending.
      assert.deepEqual(await site.claim(), []);
      assert.deepEqual(
        (await site.list()).map(({ position, due }) => [
          position - positionBefore,
          due !== undefined,
        ]),
        [
          [4, true],
          [3, true],
          [2, true],
          [1, false],
        ],
      );
    },
  ),
  webhookPromise("what is replayed comes before what its resource waits with", async (site) => {
    await site.add();
    const id = await site.create("one");
    await site.fill();
    await site.deliver((await site.claim())[0]);
    await site.rename(id, "two");
    await site.fill();
    await site.store.webhooks.replay(site.tenantId, hook, { after: 0 }, testCircumstances);
    await site.fill();
    const [first, ...others] = await site.claim();
    assert.deepEqual([first && placeOf(first), others], [1, []]);
    await site.deliver(first);
    assert.deepEqual(positionsOf(await site.claim()), [2]);
  }),
  webhookPromise(
    "a single event from before what fails is sent once that is tried again",
    async (site) => {
      await site.add();
      const id = await site.create("one");
      await site.rename(id, "two");
      await site.fill();
      const [one] = await site.claim();
      await site.deliver(one);
      const [two] = await site.claim();
      assert.ok(one && two);
      const which = { eventId: one.event.eventId };
      await site.store.webhooks.replay(site.tenantId, hook, which, testCircumstances);
      assert.deepEqual(await site.claim(), []);
      await site.fail(two, 3700);
      const [again, ...others] = await site.claim();
      assert.deepEqual([again && placeOf(again), others], [1, []]);
      await site.deliver(again);
      assert.deepEqual(positionsOf(await site.claim()), [2]);
    },
  ),
  webhookPromise(
    "what was settled goes when its time is over, and what waits stays",
    async (site) => {
      const { webhooks } = site.store;
      await site.add();
      for (const name of ["one", "two", "three", "four"]) {
        await site.create(name);
      }
      await site.fill();
      const [first, second, third] = await site.claim();
      await site.deliver(first, 10);
      await site.deliver(second, 20);
      await site.fail(third, undefined);
      const prune = (delivered: number, dead: number) =>
        webhooks.prune(site.tenantId, {
          deliveredSince: testTime(delivered),
          deadSince: testTime(dead),
        });
      assert.equal(await prune(10, 10), 0);
      assert.equal(await prune(11, 10), 1);
      assert.deepEqual(
        (await site.list()).map(({ position }) => position - positionBefore),
        [4, 3, 2],
      );
      assert.equal(await prune(9999, 9999), 2);
      assert.equal(await prune(9999, 9999), 0);
      assert.deepEqual(
        (await site.list()).map(({ position }) => position - positionBefore),
        [4],
      );
    },
  ),
  webhookPromise("what waits for an event that is not kept any more is given up", async (site) => {
    const { webhooks, outbox } = site.store;
    await site.add();
    const id = await site.create("one");
    await site.rename(id, "two");
    await site.fill();
    assert.equal(await outbox.prune(site.tenantId, testTime(2)), 1);
    assert.deepEqual(await site.claim(), []);
    const ages = { deliveredSince: testTime(2), deadSince: testTime(2) };
    assert.equal(await webhooks.prune(site.tenantId, ages), 1);
    const [, gone] = await site.list();
    assert.deepEqual([gone?.state, gone?.error], ["dead", "the event is not kept any more"]);
    assert.deepEqual(positionsOf(await site.claim()), [2]);
    const which = { eventId: gone?.eventId ?? "" };
    assert.equal(await webhooks.replay(site.tenantId, hook, which, testCircumstances), 0);
  }),
  webhookPromise(
    "go with their deliveries when they are removed, and with their tenant",
    async (site, registry) => {
      const { webhooks, webhookQueue, tenants } = site.store;
      const other = await createWebhookSite(site.store, registry, "globex");
      await other.add();
      await other.create("one");
      await site.add();
      await site.add("kept");
      await site.create("one");
      await site.fill();
      const [mine] = await site.claim({ limit: 1 });
      assert.equal(await webhooks.remove(site.tenantId, hook, testCircumstances), true);
      assert.deepEqual(await site.list(), []);
      assert.equal((await site.list("kept")).length, 1);
      assert.ok(mine);
      await webhookQueue.markDelivered(mine, { at: testTime(1), status: 200, durationMs: 1 });
      await webhookQueue.markFailed(mine, { at: testTime(1), error: "late", retryAt: testTime(2) });
      assert.deepEqual(await site.list(), []);
      await tenants.delete(site.tenantId, testCircumstances);
      assert.deepEqual(await webhooks.list(site.tenantId), []);
      assert.deepEqual(await site.list("kept"), []);
      const left = await site.claim();
      assert.ok(left.every(({ tenantId }) => tenantId === other.tenantId));
    },
  ),
];
