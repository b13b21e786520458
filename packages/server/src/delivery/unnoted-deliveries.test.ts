import { expect, test } from "vitest";
import type { TenantId } from "../domain/tenant.ts";
import type { WebhookId } from "../domain/webhook.ts";
import { createUnnotedDeliveries, unnotedMax } from "./unnoted-deliveries.ts";

const outcome = { kind: "delivered", status: 204, durationMs: 1 } as const;
const claimOf = (eventId: string, claim: number) => ({
  tenantId: "tenant" as TenantId,
  webhookId: "hook" as WebhookId,
  event: { eventId },
  claim,
});

test("an outcome is that of the next claim alone, and gone once any other asks", () => {
  const unnoted = createUnnotedDeliveries();
  unnoted.keep(claimOf("one", 1), outcome);
  expect(unnoted.outcomeOf(claimOf("other", 2))).toBeUndefined();
  expect(unnoted.outcomeOf(claimOf("one", 2))).toBe(outcome);
  expect(unnoted.outcomeOf(claimOf("one", 3))).toBeUndefined();
  expect(unnoted.outcomeOf(claimOf("one", 2))).toBeUndefined();
  unnoted.keep(claimOf("one", 4), outcome);
  unnoted.drop(claimOf("one", 4));
  expect(unnoted.outcomeOf(claimOf("one", 5))).toBeUndefined();
});

test("what nobody asks for any more does not pile up: the oldest goes", () => {
  const unnoted = createUnnotedDeliveries();
  for (let index = 0; index <= unnotedMax; index += 1) {
    unnoted.keep(claimOf(`event-${index}`, 1), outcome);
  }
  expect(unnoted.outcomeOf(claimOf("event-0", 2))).toBeUndefined();
  expect(unnoted.outcomeOf(claimOf("event-1", 2))).toBe(outcome);
  expect(unnoted.outcomeOf(claimOf(`event-${unnotedMax}`, 2))).toBe(outcome);
});
