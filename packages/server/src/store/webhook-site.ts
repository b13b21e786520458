/** A tenant with webhooks and groups whose changes they are told of, for the contracts of webhooks. */
import assert from "node:assert/strict";
import type { ResourceTypeRegistry } from "@rollcall/scim";
import type { TenantId } from "../domain/tenant.ts";
import type { DeliveryRecord, Webhook, WebhookDelivery, WebhookId } from "../domain/webhook.ts";
import type { TestPopulation } from "./contract-population.ts";
import {
  createPopulation,
  positionBefore,
  testCircumstances,
  testStartMs,
  testTime,
  testTypes,
} from "./contract-population.ts";
import type { Store } from "./store.ts";
import type { StoreContractTest } from "./store-contract-test.ts";

/** A webhook of a tenant, which nobody has made yet. */
export function testWebhook(
  tenantId: TenantId,
  id = "hook",
  differences: Partial<Webhook> = {},
): Webhook {
  return {
    webhookId: id as WebhookId,
    tenantId,
    url: `https://example.com/${id}`,
    types: [],
    secrets: [{ sealed: `sealed for ${id}`, created: testTime(0), ends: undefined }],
    disabled: undefined,
    stream: undefined,
    created: testTime(0),
    ...differences,
  };
}

/** Milliseconds at which everything that tests did is due. */
export const laterMs: number = testStartMs + 3_600_000;

/** What tests do with a tenant and its webhooks. */
export interface WebhookSite {
  readonly store: Store;
  readonly population: TestPopulation;
  readonly tenantId: TenantId;
  /** Makes a webhook. */
  add(id?: string, differences?: Partial<Webhook>): Promise<Webhook>;
  /** Creates a group, which is one event; answers with its id. */
  create(name: string): Promise<string>;
  /** Renames a group, which is one event. */
  rename(id: string, name: string): Promise<void>;
  /** Queues everything, a few events at a time. */
  fill(): Promise<void>;
  claim(wish?: {
    nowMs?: number;
    limit?: number;
    perWebhook?: number;
  }): Promise<readonly WebhookDelivery[]>;
  deliver(delivery: WebhookDelivery | undefined, seconds?: number): Promise<void>;
  fail(delivery: WebhookDelivery | undefined, retrySeconds: number | undefined): Promise<void>;
  list(id?: string): Promise<readonly DeliveryRecord[]>;
}

/** Makes one. */
export async function createWebhookSite(
  store: Store,
  registry: ResourceTypeRegistry,
  slug = "acme",
): Promise<WebhookSite> {
  const { group } = testTypes(registry);
  const population = await createPopulation(store, slug);
  const { tenantId } = population.tenant;
  const { webhooks, webhookQueue } = store;
  return {
    store,
    population,
    tenantId,
    add: async (id, differences) => {
      const webhook = testWebhook(tenantId, id, differences);
      assert.equal(await webhooks.create(webhook, testCircumstances), true);
      return webhook;
    },
    create: async (displayName) => (await population.create(group, { displayName })).id,
    rename: async (id, displayName) => {
      await population.update(group, await population.read(group, id), { after: { displayName } });
    },
    fill: async () => {
      while ((await webhookQueue.fill(testStartMs, 3)) > 0) {
        // Until no webhook lags.
      }
    },
    claim: ({ nowMs = laterMs, limit = 50, perWebhook = 50 } = {}) =>
      webhookQueue.claimDue(nowMs, { limit, perWebhook }),
    deliver: async (delivery, seconds = 3600) => {
      assert.ok(delivery);
      const success = { at: testTime(seconds), status: 204, durationMs: 12 };
      await webhookQueue.markDelivered(delivery, success);
    },
    fail: async (delivery, retrySeconds) => {
      assert.ok(delivery);
      await webhookQueue.markFailed(delivery, {
        at: testTime(3600),
        status: 503,
        error: "the receiver answered 503",
        durationMs: 34,
        retryAt: retrySeconds === undefined ? undefined : testTime(retrySeconds),
      });
    },
    list: (id = "hook") => webhooks.deliveries(tenantId, id as WebhookId, { limit: 100 }),
  };
}

/** One promise, kept on a site of its own. */
export function webhookPromise(
  name: string,
  keep: (site: WebhookSite, registry: ResourceTypeRegistry) => Promise<void>,
): StoreContractTest {
  return {
    name: `webhooks: ${name}`,
    run: async (store, registry) => keep(await createWebhookSite(store, registry), registry),
  };
}

/** The place of a delivery among the events since the tenant was made, from 1. */
export function placeOf({ event }: Pick<WebhookDelivery, "event">): number {
  return event.position - positionBefore;
}

/** The places of some deliveries, in their order. */
export function positionsOf(deliveries: readonly WebhookDelivery[]): readonly number[] {
  return deliveries.map(placeOf);
}
