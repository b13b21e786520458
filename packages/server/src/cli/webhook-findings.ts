/** What `rollcall doctor` says of webhooks. */
import type { Webhook } from "../domain/webhook.ts";
import type { Finding } from "./finding.ts";

/** A webhook with what has not reached it. */
export interface WebhookFacts {
  /** Of its tenant. */
  readonly slug: string;
  readonly webhook: Pick<Webhook, "webhookId" | "disabled">;
  readonly dead: number;
}

/** Puts webhooks that are told nothing, or not everything, into words. */
export function webhookFindings(webhooks: readonly WebhookFacts[]): readonly Finding[] {
  const warnings = webhooks.flatMap(warningsOf);
  return warnings.length > 0
    ? warnings.map((text) => ({ check: "webhooks", state: "warning", text }))
    : [{ check: "webhooks", state: "ok", text: `${webhooks.length} of them, nothing given up` }];
}

function warningsOf({ slug, webhook, dead }: WebhookFacts): readonly string[] {
  const { webhookId, disabled } = webhook;
  const name = `webhook ${webhookId} of ${slug}`;
  return [
    ...(disabled === undefined
      ? []
      : [
          `${name} is disabled since ${disabled.at} (${disabled.reason}): enable it once its receiver is there again, or remove it`,
        ]),
    ...(dead === 0
      ? []
      : [
          `${name} was not told of ${dead} event${dead === 1 ? "" : "s"} that nobody tries to deliver any more: look with rollcall webhook deliveries, then rollcall webhook replay`,
        ]),
  ];
}
