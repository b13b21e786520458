/** What was delivered while the database was away, so that it could not be noted: it need not be sent again. No I/O. */
import type { WebhookDelivery } from "../domain/webhook.ts";
import type { WebhookOutcome } from "./send-webhook.ts";

type Delivered = WebhookOutcome & { readonly kind: "delivered" };

/** Which claim of which delivery. */
type Claim = Pick<WebhookDelivery, "tenantId" | "webhookId" | "claim"> & {
  readonly event: Pick<WebhookDelivery["event"], "eventId">;
};

/** Remembers outcomes. */
export interface UnnotedDeliveries {
  /** What came of the claim before this one. Behind any other the event may have been asked for again. */
  outcomeOf(delivery: Claim): Delivered | undefined;
  keep(delivery: Claim, outcome: Delivered): void;
  drop(delivery: Claim): void;
}

/** How many are remembered; another process may have taken over what was kept longest. */
export const unnotedMax = 1_000;

/** Makes it. */
export function createUnnotedDeliveries(): UnnotedDeliveries {
  const kept = new Map<string, { readonly claim: number; readonly outcome: Delivered }>();
  const keyOf = ({ tenantId, webhookId, event }: Claim): string =>
    `${tenantId}/${webhookId}/${event.eventId}`;
  return {
    outcomeOf(delivery) {
      const key = keyOf(delivery);
      const known = kept.get(key);
      if (known?.claim === delivery.claim - 1) {
        return known.outcome;
      }
      kept.delete(key);
      return undefined;
    },
    keep(delivery, outcome) {
      const key = keyOf(delivery);
      // Put behind all others, whether it was there or not.
      kept.delete(key);
      const [oldest] = kept.size < unnotedMax ? [] : kept.keys();
      if (oldest !== undefined) {
        kept.delete(oldest);
      }
      kept.set(key, { claim: delivery.claim, outcome });
    },
    drop(delivery) {
      kept.delete(keyOf(delivery));
    },
  };
}
