/** What a store promises about deliveries that wait: each event once, in the order of its resource, by one at a time. */
import assert from "node:assert/strict";
import type { WebhookDelivery } from "../domain/webhook.ts";
import { positionBefore, testCircumstances, testStartMs, testTime } from "./contract-population.ts";
import type { StoreContractTest } from "./store-contract-test.ts";
import {
  createWebhookSite,
  laterMs,
  placeOf,
  positionsOf,
  webhookPromise,
} from "./webhook-site.ts";

const range = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

/** Every promise about the queue. */
export const webhookQueueContract: readonly StoreContractTest[] = [
  webhookPromise(
    "what happens from now on is queued once for each, with all that is sent",
    async (site) => {
      await site.create("before");
      const webhook = await site.add();
      await site.add("other");
      const id = await site.create("one");
      await site.fill();
      await site.fill();
      assert.equal((await site.list()).length, 1);
      const [first, second, ...none] = await site.claim();
      assert.deepEqual(none, []);
      const [event] = await site.store.outbox.list(site.tenantId, {
        after: positionBefore + 1,
        limit: 9,
      });
      assert.equal(event?.resourceId, id);
      const expected: WebhookDelivery = {
        tenantId: site.tenantId,
        webhookId: webhook.webhookId,
        url: webhook.url,
        secrets: webhook.secrets,
        stream: undefined,
        event,
        attempts: 0,
        claim: 1,
      };
      assert.deepEqual(first, expected);
      assert.equal(second?.webhookId, "other");
    },
  ),
  webhookPromise("only the types that are wanted are queued", async (site) => {
    await site.add("hook", { types: ["group.updated", "user."] });
    await site.add("groups", { types: ["group."] });
    await site.add("nothing", { types: ["Group.", "group_"] });
    const id = await site.create("one");
    await site.rename(id, "two");
    await site.fill();
    const typesFor = async (hook: string) => (await site.list(hook)).map(({ type }) => type);
    assert.deepEqual(await typesFor("hook"), ["group.updated"]);
    assert.deepEqual(await typesFor("groups"), ["group.updated", "group.created"]);
    assert.deepEqual(await typesFor("nothing"), []);
  }),
  webhookPromise(
    "filling says how far it went, and two who fill queue nothing twice",
    async (site) => {
      const { webhookQueue } = site.store;
      await site.add("hook", { types: ["user."] });
      await site.add("all");
      for (const count of range(7)) {
        await site.create(`group ${count}`);
      }
      assert.equal(await webhookQueue.fill(testStartMs, 5), 10);
      assert.equal(await webhookQueue.fill(testStartMs, 5), 4);
      assert.equal(await webhookQueue.fill(testStartMs, 5), 0);
      for (const count of range(20)) {
        await site.create(`other ${count}`);
      }
      const rounds = await Promise.all(range(8).map(() => webhookQueue.fill(testStartMs, 2)));
      assert.ok(rounds.some((count) => count > 0));
      await site.fill();
      assert.deepEqual(
        (await site.list("all")).map(({ position }) => position - positionBefore),
        range(27).toReversed(),
      );
    },
  ),
  webhookPromise(
    "of a resource one at a time is claimed, in order; others do not wait for it",
    async (site) => {
      await site.add();
      const one = await site.create("one");
      const two = await site.create("two");
      await site.rename(one, "one again");
      await site.rename(two, "two again");
      await site.rename(one, "one for all");
      await site.fill();
      const [first, second, ...none] = await site.claim();
      assert.deepEqual([first && placeOf(first), second && placeOf(second), none], [1, 2, []]);
      assert.deepEqual(await site.claim(), []);
      await site.fail(first, 7200);
      await site.deliver(second);
      const [fourth, ...others] = await site.claim();
      assert.deepEqual([fourth && placeOf(fourth), others], [4, []]);
      // What comes while something waits stands behind it.
      await site.rename(one, "one once more");
      await site.fill();
      assert.deepEqual(await site.claim(), []);
      const order: number[] = [];
      for (let seconds = 7200; seconds < 7210; seconds += 1) {
        for (const delivery of await site.claim({ nowMs: testStartMs + seconds * 1000 })) {
          order.push(placeOf(delivery));
          await site.deliver(delivery, seconds);
        }
      }
      assert.deepEqual(
        order.filter((position) => position !== 4),
        [1, 3, 5, 6],
      );
    },
  ),
  webhookPromise("several who claim at once claim no more than may be under way", async (site) => {
    await site.add();
    for (const count of range(12)) {
      await site.create(`group ${count}`);
    }
    await site.fill();
    const claims = await Promise.all(range(6).map(() => site.claim({ perWebhook: 4 })));
    assert.equal(claims.flat().length, 4);
    assert.equal(new Set(positionsOf(claims.flat())).size, 4);
  }),
  webhookPromise(
    "replays while others deliver leave nothing behind that waits for ever",
    async (site) => {
      const { webhookId } = await site.add();
      const id = await site.create("one");
      for (const count of range(4)) {
        await site.rename(id, `name ${count}`);
      }
      const underWay = new Set<number>();
      const work = async (): Promise<void> => {
        for (const delivery of await site.claim({ perWebhook: 3 })) {
          assert.deepEqual([...underWay], [], "two of one resource are under way");
          underWay.add(delivery.event.position);
          await site.store.webhookQueue.fill(testStartMs, 2);
          underWay.delete(delivery.event.position);
          await site.deliver(delivery);
        }
      };
      for (const round of range(15)) {
        const after = positionBefore + (round % 5);
        await Promise.all([
          site.store.webhooks.replay(site.tenantId, webhookId, { after }, testCircumstances),
          site.store.webhookQueue.fill(testStartMs, 2),
          work(),
          work(),
          site.fill(),
        ]);
      }
      await site.fill();
      for (const _ of range(20)) {
        await work();
      }
      assert.deepEqual(
        (await site.list()).map(({ state }) => state),
        Array(5).fill("delivered"),
      );
    },
  ),
  webhookPromise("a dead letter lets the next event of its resource go", async (site) => {
    await site.add();
    const id = await site.create("one");
    await site.rename(id, "two");
    await site.fill();
    const [first] = await site.claim();
    await site.fail(first, undefined);
    const [second] = await site.claim();
    assert.equal(second && placeOf(second), 2);
    await site.deliver(second);
    assert.deepEqual(await site.claim({ nowMs: testStartMs + 1e12 }), []);
  }),
  webhookPromise("attempts are counted, and what failed waits for its time", async (site) => {
    await site.add();
    await site.create("one");
    await site.fill();
    const [first] = await site.claim();
    await site.fail(first, 4000);
    assert.deepEqual(await site.claim({ nowMs: testStartMs + 3_999_999 }), []);
    const [record] = await site.list();
    assert.deepEqual(
      [record?.state, record?.attempts, record?.due, record?.status, record?.settled],
      ["waiting", 1, testTime(4000), 503, undefined],
    );
    const [second] = await site.claim({ nowMs: testStartMs + 4_000_000 });
    assert.equal(second?.attempts, 1);
    await site.deliver(second, 4001);
    const [delivered] = await site.list();
    assert.deepEqual([delivered?.attempts, delivered?.error], [2, undefined]);
  }),
  webhookPromise("two who claim have nothing in common, and together everything", async (site) => {
    await site.add();
    for (const count of range(12)) {
      await site.create(`group ${count}`);
    }
    await site.fill();
    const claimed = (await Promise.all(range(6).map(() => site.claim({ limit: 3 })))).flat();
    for (let round = 0; round < 4; round += 1) {
      claimed.push(...(await site.claim({ limit: 3 })));
    }
    const positions = positionsOf(claimed).toSorted((left, right) => left - right);
    assert.deepEqual(positions, range(12));
  }),
  webhookPromise("of one webhook only so many are under way, whoever asks", async (site) => {
    await site.add();
    await site.add("other");
    for (const count of range(5)) {
      await site.create(`group ${count}`);
    }
    await site.fill();
    const wish = { limit: 3, perWebhook: 2 };
    const first = await site.claim(wish);
    const of = (deliveries: readonly WebhookDelivery[]) =>
      deliveries.map(({ webhookId }) => webhookId).toSorted();
    assert.deepEqual(of(first), ["hook", "hook", "other"]);
    const second = await site.claim(wish);
    assert.deepEqual(of(second), ["other"]);
    assert.deepEqual(await site.claim(wish), []);
    await site.deliver(first.find(({ webhookId }) => webhookId === "hook"));
    assert.deepEqual(of(await site.claim(wish)), ["hook"]);
  }),
  webhookPromise("webhooks take turns, those of other tenants too", async (site, registry) => {
    const other = await createWebhookSite(site.store, registry, "globex");
    for (const each of [site, other]) {
      await each.add();
      for (const count of range(5)) {
        await each.create(`group ${count}`);
      }
    }
    await site.fill();
    const order: string[] = [];
    for (let round = 0; round < 4; round += 1) {
      order.push(...(await site.claim({ limit: 1 })).map(({ tenantId }) => tenantId));
    }
    assert.deepEqual(order, [site.tenantId, other.tenantId, site.tenantId, other.tenantId]);
  }),
  webhookPromise(
    "a claim is over after a minute, and what its holder says then is dropped",
    async (site) => {
      await site.add();
      const id = await site.create("one");
      await site.rename(id, "two");
      await site.fill();
      const [slow] = await site.claim();
      assert.deepEqual(await site.claim({ nowMs: laterMs + 59_999 }), []);
      const [quick, ...others] = await site.claim({ nowMs: laterMs + 60_000 });
      assert.deepEqual([quick?.event, others], [slow?.event, []]);
      await site.fail(slow, undefined);
      await site.deliver(slow);
      const [, waiting] = await site.list();
      assert.deepEqual([waiting?.state, waiting?.attempts], ["waiting", 0]);
      await site.deliver(quick);
      await site.fail(quick, undefined);
      const [, delivered] = await site.list();
      assert.deepEqual([delivered?.state, delivered?.attempts], ["delivered", 1]);
    },
  ),
  webhookPromise(
    "who was slow may still say what came of it when nobody else has claimed",
    async (site) => {
      await site.add();
      await site.create("one");
      await site.fill();
      const [only] = await site.claim();
      await site.deliver(only, 9999);
      assert.deepEqual(await site.claim({ nowMs: testStartMs + 1e12 }), []);
    },
  ),
  webhookPromise("a claim that is given back counts no attempt, once", async (site) => {
    const { webhookQueue } = site.store;
    await site.add();
    await site.create("one");
    await site.fill();
    const [first] = await site.claim();
    assert.ok(first);
    await webhookQueue.release(first);
    await site.deliver(first);
    const [second] = await site.claim();
    assert.deepEqual([second?.event, second?.attempts, second?.claim], [first.event, 0, 2]);
    await webhookQueue.release(first);
    assert.deepEqual(await site.claim(), []);
  }),
  webhookPromise("settled and queued at once, nothing is left behind", async (site) => {
    await site.add();
    const id = await site.create("one");
    for (let round = 2; round <= 12; round += 1) {
      await site.fill();
      const [delivery, ...none] = await site.claim();
      assert.deepEqual([delivery && placeOf(delivery), none], [round - 1, []]);
      await site.rename(id, `name ${round}`);
      await Promise.all([site.fill(), site.deliver(delivery)]);
    }
    assert.deepEqual(positionsOf(await site.claim()), [12]);
  }),
];
