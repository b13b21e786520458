/** Webhooks: who is told of events, by which address and secrets. */
import type { AttributeDifference, Circumstances } from "../../domain/audit-entry.ts";
import type { EventStream } from "../../domain/event-stream.ts";
import type { OutboxEvent } from "../../domain/outbox-event.ts";
import type { TenantId } from "../../domain/tenant.ts";
import type { Webhook, WebhookDisabling, WebhookId, WebhookSecret } from "../../domain/webhook.ts";
import { rotatedSecrets } from "../../domain/webhook.ts";
import type { WebhookChange } from "../store.ts";
import { jsonColumn } from "./json-column.ts";
import { adminAuditEntry, consequenceRows } from "./record-consequences.ts";
import type { Script, Verdict } from "./script.ts";
import { changesOf, firstRowOf, rowsOf } from "./script.ts";
import type { SqlContext } from "./sql-context.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import { statement } from "./statement.ts";

/** A row of a webhook. */
export interface WebhookRow {
  readonly tenant_id: TenantId;
  readonly webhook_id: WebhookId;
  readonly url: string;
  /** JSON. */
  readonly types: string;
  /** JSON. */
  readonly secrets: string;
  readonly disabled_at: string | null;
  readonly disabled_reason: string | null;
  readonly created_at: string;
  /** JSON. */
  readonly stream: string | null;
  readonly filled_to: number;
}

const columns = `tenant_id, webhook_id, url, types, secrets, disabled_at, disabled_reason,
  created_at, stream, filled_to`;

/** Adds a webhook that is told of what comes from now on; answers false when the tenant is gone. */
export function* createWebhook(
  webhook: Webhook,
  circumstances: Circumstances,
  context: SqlContext,
): Script<Verdict<boolean>> {
  const { tenantId, webhookId, url, types, secrets, created, stream } = webhook;
  const added = yield* changesOf(
    statement(
      `INSERT INTO webhooks
         (tenant_id, webhook_id, url, types, secrets, created_at, stream, filled_to)
       SELECT t.tenant_id, ?, ?, ?, ?, ?, ?, t.last_outbox_position FROM tenants AS t
       WHERE t.tenant_id = ?`,
      ...[webhookId, url, JSON.stringify(types), JSON.stringify(secrets), created],
      ...[stream === undefined ? null : JSON.stringify(stream), tenantId],
    ),
  );
  if (added === 0) {
    return { kind: "undo", result: false };
  }
  if (stream !== undefined) {
    // A receiver that polls is found by its id alone, as a credential is.
    yield [
      statement(
        `INSERT INTO credential_ids (credential_id, tenant_id) VALUES (?, ?)`,
        webhookId,
        tenantId,
      ),
    ];
  }
  const differences = [
    { path: "url", after: url },
    { path: "types", after: [...types] },
    ...streamDifferences(webhook),
  ];
  yield* recordWebhook({ webhook, verb: "create", differences }, circumstances, context);
  return { kind: "keep", result: true };
}

function streamDifferences({ stream }: Webhook): readonly AttributeDifference[] {
  return stream === undefined
    ? []
    : [
        { path: "delivery", after: stream.delivery },
        { path: "mode", after: stream.mode },
        { path: "audience", after: stream.audience },
      ];
}

/** Lists the webhooks of a tenant and its event streams, the oldest first. */
export function* listWebhooks(tenantId: TenantId): Script<readonly Webhook[]> {
  const rows = yield* rowsOf<WebhookRow>(
    statement(
      `SELECT ${columns} FROM webhooks WHERE tenant_id = ? ORDER BY created_at, webhook_id`,
      tenantId,
    ),
  );
  return rows.map(webhookOf);
}

/** Finds a webhook. */
export function* webhookById(
  tenantId: TenantId,
  webhookId: WebhookId,
): Script<Webhook | undefined> {
  const row = yield* webhookRow(tenantId, webhookId, "");
  return row && webhookOf(row);
}

/** Saves another address with its secret, or other types; what is the same is no change. */
export function* updateWebhook(
  { tenantId, webhookId }: WebhookKey,
  { address, types }: WebhookChange,
  circumstances: Circumstances,
  context: SqlContext,
): Script<Verdict<Webhook | undefined>> {
  const row = yield* webhookRow(tenantId, webhookId, lockOf(context.dialect));
  if (row === undefined) {
    return { kind: "undo", result: undefined };
  }
  const before = webhookOf(row);
  const webhook: Webhook = {
    ...before,
    ...(address === undefined ? {} : { url: address.url, secrets: [address.secret] }),
    ...(types === undefined ? {} : { types }),
  };
  const differences = differencesBetween(before, webhook);
  if (differences.length === 0 && address === undefined) {
    return { kind: "undo", result: before };
  }
  yield [
    statement(
      `UPDATE webhooks SET url = ?, types = ?, secrets = ? WHERE tenant_id = ? AND webhook_id = ?`,
      webhook.url,
      JSON.stringify(webhook.types),
      JSON.stringify(webhook.secrets),
      tenantId,
      webhookId,
    ),
  ];
  yield* recordWebhook({ webhook, verb: "update", differences }, circumstances, context);
  return { kind: "keep", result: webhook };
}

/** Adds a secret, beside which the one before it lives for a while; answers false when the webhook is gone. */
export function* rotateWebhook(
  { tenantId, webhookId }: WebhookKey,
  secret: WebhookSecret,
  circumstances: Circumstances,
  context: SqlContext,
): Script<Verdict<boolean>> {
  const row = yield* webhookRow(tenantId, webhookId, lockOf(context.dialect));
  if (row === undefined) {
    return { kind: "undo", result: false };
  }
  const webhook = webhookOf(row);
  yield [
    statement(
      `UPDATE webhooks SET secrets = ? WHERE tenant_id = ? AND webhook_id = ?`,
      JSON.stringify(rotatedSecrets(webhook.secrets, secret)),
      tenantId,
      webhookId,
    ),
  ];
  yield* recordWebhook({ webhook, verb: "rotate", differences: [] }, circumstances, context);
  return { kind: "keep", result: true };
}

/**
 * Disables a webhook, which the application is told of elsewhere; answers false when it is gone. With a `url` nothing
 * happens to one that has another by now.
 */
export function* disableWebhook(
  { tenantId, webhookId, url }: WebhookKey & { readonly url?: string },
  { at, reason }: WebhookDisabling,
  circumstances: Circumstances,
  context: SqlContext,
): Script<Verdict<boolean>> {
  const row = yield* webhookRow(tenantId, webhookId, lockOf(context.dialect));
  const isOther = url !== undefined && row?.url !== url;
  if (row === undefined || row.disabled_at !== null || isOther) {
    return { kind: "undo", result: row !== undefined };
  }
  yield [
    statement(
      `UPDATE webhooks SET disabled_at = ?, disabled_reason = ?
       WHERE tenant_id = ? AND webhook_id = ?`,
      ...[at, reason, tenantId, webhookId],
    ),
  ];
  const event: OutboxEvent = {
    eventId: context.newId(),
    type: "webhook.disabled",
    at,
    resourceType: "Webhook",
    resourceId: webhookId,
    revision: 1,
    // To every receiver of the tenant: the path of another one may be its secret.
    data: { webhookId, origin: new URL(row.url).origin, reason },
  };
  yield* recordWebhook(
    {
      webhook: webhookOf(row),
      verb: "disable",
      differences: [{ path: "disabled", after: reason }],
      events: [event],
    },
    circumstances,
    context,
  );
  return { kind: "keep", result: true };
}

/** Lets a disabled webhook go on where it stopped; answers false when it is gone. */
export function* enableWebhook(
  { tenantId, webhookId }: WebhookKey,
  circumstances: Circumstances,
  context: SqlContext,
): Script<Verdict<boolean>> {
  const row = yield* webhookRow(tenantId, webhookId, lockOf(context.dialect));
  if (row === undefined || row.disabled_at === null) {
    return { kind: "undo", result: row !== undefined };
  }
  yield [
    statement(
      `UPDATE webhooks SET disabled_at = NULL, disabled_reason = NULL
       WHERE tenant_id = ? AND webhook_id = ?`,
      tenantId,
      webhookId,
    ),
  ];
  const differences = [{ path: "disabled", before: row.disabled_reason }];
  const webhook = webhookOf(row);
  yield* recordWebhook({ webhook, verb: "enable", differences }, circumstances, context);
  return { kind: "keep", result: true };
}

/** Removes a webhook with its deliveries; answers false when it was gone. */
export function* removeWebhook(
  { tenantId, webhookId }: WebhookKey,
  circumstances: Circumstances,
  context: SqlContext,
): Script<Verdict<boolean>> {
  const row = yield* webhookRow(tenantId, webhookId, lockOf(context.dialect));
  if (row === undefined) {
    return { kind: "undo", result: false };
  }
  yield [
    statement(
      `DELETE FROM webhook_deliveries WHERE tenant_id = ? AND webhook_id = ?`,
      tenantId,
      webhookId,
    ),
    statement(`DELETE FROM webhooks WHERE tenant_id = ? AND webhook_id = ?`, tenantId, webhookId),
    ...(row.stream === null
      ? []
      : [statement(`DELETE FROM credential_ids WHERE credential_id = ?`, webhookId)]),
  ];
  const webhook = webhookOf(row);
  yield* recordWebhook({ webhook, verb: "remove", differences: [] }, circumstances, context);
  return { kind: "keep", result: true };
}

/** Which webhook. */
export type WebhookKey = Pick<Webhook, "tenantId" | "webhookId">;

/** Reads the row of a webhook; `lock` is what stands behind the statement. */
export function* webhookRow(
  tenantId: TenantId,
  webhookId: WebhookId,
  lock: string,
): Script<WebhookRow | undefined> {
  return yield* firstRowOf<WebhookRow>(
    statement(
      `SELECT ${columns} FROM webhooks WHERE tenant_id = ? AND webhook_id = ? ${lock}`.trimEnd(),
      tenantId,
      webhookId,
    ),
  );
}

/** Where many transactions write at once, whoever changes what is queued for a webhook, or itself, is alone. */
export function lockOf({ writers }: Pick<SqlDialect, "writers">): string {
  return writers === "one" ? "" : "FOR UPDATE";
}

/** Makes a webhook of its row. */
export function webhookOf(row: WebhookRow): Webhook {
  return {
    webhookId: row.webhook_id,
    tenantId: row.tenant_id,
    url: row.url,
    types: jsonColumn(row.types),
    secrets: secretsIn(row.secrets),
    disabled:
      row.disabled_at === null
        ? undefined
        : { at: row.disabled_at, reason: row.disabled_reason ?? "" },
    stream: row.stream === null ? undefined : streamIn(row.stream),
    created: row.created_at,
  };
}

function streamIn(text: string): EventStream {
  const stream = jsonColumn<Omit<EventStream, "token"> & Partial<EventStream>>(text);
  return { ...stream, token: stream.token };
}

function secretsIn(text: string): readonly WebhookSecret[] {
  const secrets: readonly (Omit<WebhookSecret, "ends"> & { readonly ends?: string })[] =
    jsonColumn(text);
  return secrets.map((secret) => ({ ...secret, ends: secret.ends }));
}

/** Writes what was done to a webhook into the audit log, and what the application is told of it. */
export function* recordWebhook(
  {
    webhook,
    verb,
    differences,
    events = [],
  }: {
    readonly webhook: Webhook;
    readonly verb: string;
    readonly differences: readonly AttributeDifference[];
    readonly events?: readonly OutboxEvent[];
  },
  circumstances: Circumstances,
  context: SqlContext,
): Script<void> {
  const { tenantId, webhookId, url } = webhook;
  const type = webhook.stream === undefined ? "webhook" : "event-stream";
  const target = { type, id: webhookId, name: url };
  const action = { action: `${type}.${verb}`, target, differences };
  const auditEntry = adminAuditEntry(action, circumstances, context);
  yield yield* consequenceRows(tenantId, { auditEntry, outboxEvents: events }, context);
}

function differencesBetween(before: Webhook, after: Webhook): readonly AttributeDifference[] {
  return [
    ...(before.url === after.url ? [] : [{ path: "url", before: before.url, after: after.url }]),
    ...(JSON.stringify(before.types) === JSON.stringify(after.types)
      ? []
      : [{ path: "types", before: [...before.types], after: [...after.types] }]),
  ];
}
