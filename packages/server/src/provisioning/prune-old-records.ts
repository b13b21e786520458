/** Drops what is kept for a time only: request log entries, what is left of deleted resources, old audit entries, mails, events and deliveries. */
import { mailRetentionDaysDefault, parseTenantSettings } from "../domain/tenant-settings.ts";
import type { Store } from "../store/store.ts";

/** How long the request log keeps its entries. */
export const requestLogDays: number = 30;
/** How long a deleted resource could be restored. */
export const tombstoneContentDays: number = 30;
/** How long a deleted resource is recognised. */
export const tombstoneDays: number = 400;

/** How long events are kept for whoever follows or replays them. */
export const eventDays: number = 90;

/** How long deliveries to webhooks are listed. */
export const deliveryDays: number = 30;
/** How long those are kept that nobody tries any more, and may be delivered again. */
export const deadLetterDays: number = 90;

/** How long an answer is kept for repeated requests, in hours. */
export const idempotencyHours: number = 24;

const dayMs = 86_400_000;

/** Drops everything whose time is over at `nowMs`. */
export async function pruneOldRecords(store: Store, nowMs: number): Promise<void> {
  const { requestLog, tenants, resources, idempotencyKeys, auditLog } = store;
  const { outbox, mails, webhooks, oauthClients } = store;
  const before = (days: number) => new Date(nowMs - days * dayMs).toISOString();
  await requestLog.prune(before(requestLogDays));
  await idempotencyKeys.prune(before(idempotencyHours / 24));
  const ages = {
    restorableSince: before(tombstoneContentDays),
    rememberedSince: before(tombstoneDays),
  };
  const deliveryAges = {
    deliveredSince: before(deliveryDays),
    deadSince: before(deadLetterDays),
  };
  for (const { tenantId, settings } of await tenants.list()) {
    const { auditRetentionDays, mailRetentionDays = mailRetentionDaysDefault } =
      parseTenantSettings(JSON.stringify(settings));
    await inRounds(() => resources.pruneTombstones(tenantId, ages));
    await inRounds(() => mails.prune(tenantId, before(mailRetentionDays)));
    await inRounds(() => outbox.prune(tenantId, before(eventDays)));
    await inRounds(() => oauthClients.pruneAssertions(tenantId, before(0)));
    await inRounds(() => webhooks.prune(tenantId, deliveryAges));
    if (auditRetentionDays !== undefined) {
      await inRounds(() => auditLog.prune(tenantId, before(auditRetentionDays)));
    }
  }
}

/** One tenant and a few rows at a time, so that other writes get in between. */
async function inRounds(prune: () => Promise<number>): Promise<void> {
  while ((await prune()) > 0) {
    // There may be more.
  }
}
