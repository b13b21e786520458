/** What a store promises about event streams whose receivers fetch what waits for them. */
import assert from "node:assert/strict";
import type { EventStream } from "../domain/event-stream.ts";
import type { WebhookId } from "../domain/webhook.ts";
import { testCircumstances, testTime } from "./contract-population.ts";
import type { StoreContractTest } from "./store-contract-test.ts";
import { createWebhookSite, laterMs, webhookPromise } from "./webhook-site.ts";

const polled: EventStream = {
  delivery: "poll",
  mode: "notice",
  audience: "https://receiver.example",
  token: { secretHash: "5e884898da280471", pepperVersion: 1, lastFour: "a1b2" },
};
const stream = "stream" as WebhookId;

/** Every promise about event streams. */
export const eventStreamContract: readonly StoreContractTest[] = [
  webhookPromise(
    "a stream is found by its id alone, a webhook is not, and it goes with its tenant",
    async (site, registry) => {
      const { store, tenantId } = site;
      const other = await createWebhookSite(store, registry, "globex");
      const made = await site.add("stream", { url: "", secrets: [], stream: polled });
      const pushed = await site.add("pushed", {
        stream: { ...polled, delivery: "push", token: undefined },
      });
      const hook = await site.add("hook");
      assert.deepEqual(await store.eventStreams.byId(stream), made);
      assert.deepEqual(await store.eventStreams.byId(pushed.webhookId), pushed);
      assert.equal(await store.eventStreams.byId(hook.webhookId), undefined);
      const entries = (await store.auditLog.list(tenantId, { limit: 99 })).filter(
        ({ action }) => action === "event-stream.create",
      );
      assert.equal(entries.length, 2);
      assert.equal(JSON.stringify(entries).includes("5e884898da280471"), false);
      await store.webhooks.remove(tenantId, pushed.webhookId, testCircumstances);
      assert.equal(await store.eventStreams.byId(pushed.webhookId), undefined);
      await store.tenants.delete(other.tenantId, testCircumstances);
      assert.deepEqual(await store.eventStreams.byId(stream), made);
      await store.tenants.delete(tenantId, testCircumstances);
      assert.equal(await store.eventStreams.byId(stream), undefined);
    },
  ),
  webhookPromise(
    "nobody claims what a receiver fetches; it is due until it is settled, of a resource one at a time",
    async (site) => {
      const { eventStreams } = site.store;
      const { tenantId } = site;
      await site.add("stream", { url: "", secrets: [], stream: polled });
      const [one, other] = [await site.create("one"), await site.create("other")];
      await site.rename(one, "one more");
      await site.fill();
      assert.deepEqual(await site.claim(), []);
      const due = async (limit = 9) =>
        (await eventStreams.due(tenantId, stream, { nowMs: laterMs, limit })).map(
          ({ resourceId, type }) => [resourceId, type],
        );
      const first = [
        [one, "group.created"],
        [other, "group.created"],
      ];
      assert.deepEqual(await due(), first);
      assert.deepEqual(await due(), first);
      assert.deepEqual(await due(1), first.slice(0, 1));
      const [told, unwanted] = await eventStreams.due(tenantId, stream, {
        nowMs: laterMs,
        limit: 9,
      });
      assert.ok(told && unwanted);
      const settle = (eventId: string, error?: string, id = stream) =>
        eventStreams.settle(tenantId, id, [{ eventId, error }], testTime(60));
      assert.equal(await settle("nothing"), 0);
      assert.equal(await settle(told.eventId, undefined, "nobody" as WebhookId), 0);
      assert.equal(await settle(told.eventId), 1);
      assert.equal(await settle(told.eventId), 0);
      assert.deepEqual(await due(), [
        [other, "group.created"],
        [one, "group.updated"],
      ]);
      assert.equal(await settle(unwanted.eventId, "refused by the receiver: invalid_key"), 1);
      assert.deepEqual(await due(), [[one, "group.updated"]]);
      const records = await site.list("stream");
      assert.deepEqual(
        records.map(({ state, error, attempts }) => [state, error, attempts]),
        [
          ["waiting", undefined, 0],
          ["dead", "refused by the receiver: invalid_key", 1],
          ["delivered", undefined, 1],
        ],
      );
    },
  ),
];
