/** The dispatcher of a server: takes deliveries to webhooks that are due and sends them, each at least once, those of one resource in order (Standard Webhooks 1.0). */
import { setTimeout as pause } from "node:timers/promises";
import { retryAtOf } from "../domain/retry-schedule.ts";
import type { TenantId } from "../domain/tenant.ts";
import type { WebhookDelivery } from "../domain/webhook.ts";
import type { Store, WebhookQueue } from "../store/store.ts";
import type { SendWebhook, WebhookOutcome } from "./send-webhook.ts";
import { createUnnotedDeliveries } from "./unnoted-deliveries.ts";
import { startWorkLoop } from "./work-loop.ts";

/** What a dispatcher works with. */
export interface WebhookDispatcherParts {
  readonly queue: WebhookQueue;
  readonly tenants: Pick<Store["tenants"], "byId">;
  readonly send: SendWebhook;
  readonly now: () => number;
  /** From 0 to 1, so that many that failed together are not tried again together. */
  readonly chance: () => number;
  readonly log: {
    warn(message: string, fields: Readonly<Record<string, string | number | undefined>>): void;
    error(message: string, error: unknown): void;
  };
  readonly times?: Partial<DispatcherTimes>;
}

/** Delivers in the background. */
export interface WebhookDispatcher {
  /** Says that there may be something to deliver. */
  wake(): void;
  /** Takes nothing new, waits a moment for what is under way and gives the rest back. */
  stop(): Promise<void>;
}

/** How a dispatcher spends its time. */
export interface DispatcherTimes {
  /** How often the queue is looked at when nobody says that there is something. */
  readonly pollMs: number;
  /** How long it leaves the database alone between two looks at least. */
  readonly gapMsMin: number;
  /** How long when there was something, and no place has become free. */
  readonly gapMs: number;
  /** And how long when there was nothing. */
  readonly idleGapMs: number;
  /** How late a timer may be in a process that has nothing else to do. */
  readonly idleLateMsMax: number;
  /** How long after a claim sending may still begin; a claim lasts a minute, and sending takes 20 seconds. */
  readonly beginMsMax: number;
  /** How long what is under way may take when the server stops. */
  readonly stopMsMax: number;
}

const timesDefault: DispatcherTimes = {
  pollMs: 1_000,
  gapMsMin: 10,
  gapMs: 50,
  idleGapMs: 100,
  idleLateMsMax: 5,
  beginMsMax: 30_000,
  stopMsMax: 5_000,
};
/** The most deliveries that are under way at once. */
const placesMax = 256;
/** The most of them to one webhook, so that one that takes long holds up no other. */
const placesMaxPerWebhook = 8;
/** How much longer it waits than a timer was late, which tells how busy the process is. */
const latenessFactor = 4;
/** And how long at most, so that what has to be told is told while a sync goes on. */
const lateGapMsMax = 400;
/** How many events are queued for a webhook at a time. */
const fillMax = 200;
/** How many names of tenants are kept. */
const slugsKeptMax = 1_000;

/** Starts a dispatcher. */
export function createWebhookDispatcher({
  times,
  ...parts
}: WebhookDispatcherParts): WebhookDispatcher {
  const all = { ...timesDefault, ...times };
  const stopping = new AbortController();
  const deliver = createDelivery(parts, { beginMsMax: all.beginMsMax, signal: stopping.signal });
  const { queue, now, log } = parts;
  const freed = createFreed();
  const loop = startWorkLoop({
    placesMax,
    pollMs: all.pollMs,
    take: async (places) => {
      freed.reset();
      const filled = await queue.fill(now(), fillMax);
      const claimedMs = now();
      const claimed = await queue.claimDue(claimedMs, wishOf(places));
      const taken = claimed.map((delivery) => ({ delivery, claimedMs }));
      return { taken, found: filled > 0 || taken.length > 0 };
    },
    work: ({ delivery, claimedMs }) => deliver(delivery, claimedMs).finally(freed.note),
    pause: (found) => yieldFor(found ? all.gapMs : all.idleGapMs, all, freed),
    onTrouble: (error) => log.error("deliveries to webhooks could not be taken", error),
  });
  return {
    wake: loop.wake,
    stop: async () => {
      freed.note();
      await loop.halt();
      const patience = setTimeout(() => stopping.abort(), all.stopMsMax);
      await loop.settled();
      clearTimeout(patience);
    },
  };
}

type Parts = Omit<WebhookDispatcherParts, "times">;

/** One delivery with the time of its claim; settles when all about it is noted, and never throws. */
type Deliver = (delivery: WebhookDelivery, claimedMs: number) => Promise<void>;

/**
 * Waits, and the longer the busier the process is: a sync must not be slower for being told of. A process that has
 * nothing else to do looks again as soon as a place is free, so that one receiver takes as much as it can.
 */
async function yieldFor(
  gapMs: number,
  { gapMsMin, idleLateMsMax }: Pick<DispatcherTimes, "gapMsMin" | "idleLateMsMax">,
  freed: Freed,
): Promise<void> {
  const shortMs = Math.min(gapMs, gapMsMin);
  const restMs = gapMs - shortMs;
  if ((await latenessAfter(shortMs)) <= idleLateMsMax) {
    await freed.within(restMs);
    return;
  }
  await pause(Math.min((await latenessAfter(restMs)) * latenessFactor, lateGapMsMax));
}

/** Waits; how much later than it should have been it was over tells how busy the process is. */
async function latenessAfter(ms: number): Promise<number> {
  const startedMs = performance.now();
  await pause(ms);
  return Math.max(performance.now() - startedMs - ms, 0);
}

/** Whether a place has become free since the last look: a receiver may be sent the next one. */
interface Freed {
  note(): void;
  reset(): void;
  /** Settles when one is free, and at the latest after some time. */
  within(ms: number): Promise<void>;
}

function createFreed(): Freed {
  const state = { isFree: false, wake: () => {} };
  return {
    note: () => {
      state.isFree = true;
      state.wake();
    },
    reset: () => {
      state.isFree = false;
    },
    within: async (ms) => {
      if (state.isFree) {
        return;
      }
      await new Promise<void>((settle) => {
        const timer = setTimeout(settle, ms);
        state.wake = () => {
          clearTimeout(timer);
          settle();
        };
      });
    },
  };
}

/** Half of what is free, and the less is free the less for one webhook: dozens that hang leave something to all others. */
function wishOf(free: number): { readonly limit: number; readonly perWebhook: number } {
  const share = Math.floor(free / (2 * placesMaxPerWebhook));
  return {
    limit: Math.ceil(free / 2),
    perWebhook: Math.min(Math.max(share, 1), placesMaxPerWebhook),
  };
}

/** Makes the function that sends one delivery and notes what came of it. */
function createDelivery(
  parts: Parts,
  { beginMsMax, signal }: { readonly beginMsMax: number; readonly signal: AbortSignal },
): Deliver {
  const { queue, now, log } = parts;
  const slugOf = createSlugs(parts.tenants);
  const unnoted = createUnnotedDeliveries();
  const attempt = async (
    delivery: WebhookDelivery,
    claimedMs: number,
  ): Promise<WebhookOutcome | undefined> => {
    const slug = await slugOf(delivery.tenantId);
    // A process that was frozen has lost the claim: others are at it.
    const held = { up: false };
    const mayBegin = (): boolean => {
      held.up = now() - claimedMs > beginMsMax;
      return !held.up;
    };
    if (slug === undefined || signal.aborted || !mayBegin()) {
      return undefined;
    }
    const message = { webhook: delivery, event: delivery.event, tenantSlug: slug };
    const outcome = await parts.send(message, { mayBegin, signal });
    const isUntried = outcome.kind === "failed" && (held.up || signal.aborted);
    return isUntried ? undefined : outcome;
  };
  const settle = async (delivery: WebhookDelivery, claimedMs: number): Promise<void> => {
    const outcome = unnoted.outcomeOf(delivery) ?? (await attempt(delivery, claimedMs));
    if (outcome === undefined) {
      await queue.release(delivery);
    } else if (outcome.kind === "failed") {
      await noteFailure(delivery, outcome, parts);
    } else {
      unnoted.keep(delivery, outcome);
      const { status, durationMs } = outcome;
      await queue.markDelivered(delivery, { at: timeOf(now()), status, durationMs });
      unnoted.drop(delivery);
    }
  };
  return (delivery, claimedMs) =>
    settle(delivery, claimedMs).catch((error: unknown) => {
      log.error("what came of a delivery to a webhook could not be noted", error);
    });
}

async function noteFailure(
  delivery: WebhookDelivery,
  failure: WebhookOutcome & { readonly kind: "failed" },
  { queue, now, chance, log }: Parts,
): Promise<void> {
  const { tenantId, webhookId, event } = delivery;
  const { status, error, durationMs, retryAfterMs, isGone, isFinal } = failure;
  const attempts = delivery.attempts + 1;
  const nowMs = now();
  const at = timeOf(nowMs);
  const retryAt = isFinal
    ? undefined
    : retryAtOf({ attempts, nowMs, chance: chance(), retryAfterMs });
  log.warn("delivery to a webhook failed", {
    tenantId,
    webhookId,
    eventId: event.eventId,
    attempts,
    status,
    error,
    retryAt,
  });
  if (isGone) {
    // Before the delivery is marked: nothing may be claimed in between.
    await queue.disable(delivery, { at, reason: error });
  }
  await queue.markFailed(delivery, { at, status, error, durationMs, retryAt });
}

/** Finds the names of tenants, which never change. */
function createSlugs({
  byId,
}: WebhookDispatcherParts["tenants"]): (tenantId: TenantId) => Promise<string | undefined> {
  const slugs = new Map<TenantId, string>();
  return async (tenantId) => {
    const slug = slugs.get(tenantId) ?? (await byId(tenantId))?.slug;
    if (slugs.size >= slugsKeptMax) {
      slugs.clear();
    }
    if (slug !== undefined) {
      slugs.set(tenantId, slug);
    }
    return slug;
  };
}

function timeOf(nowMs: number): string {
  return new Date(nowMs).toISOString();
}
