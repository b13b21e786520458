/** What alerts are raised by, and the events and mails that they are; each once. */
import type { OutboxEvent } from "../../domain/outbox-event.ts";
import type { CredentialId, TenantId } from "../../domain/tenant.ts";
import type { AlertTable, EndingCredential, ExpiryAlert, LeaseTable } from "../store.ts";
import type { AdministrationParts } from "./administration.ts";
import { jsonColumn } from "./json-column.ts";
import { takeLease } from "./leases.ts";
import { stageMails } from "./mails.ts";
import { eventRows } from "./record-consequences.ts";
import type { Script, Verdict } from "./script.ts";
import { firstRowOf, rowsOf } from "./script.ts";
import type { SqlContext } from "./sql-context.ts";
import { statement } from "./statement.ts";
import type { WebhookKey } from "./webhooks.ts";
import { lockOf } from "./webhooks.ts";

/** Makes the tables. */
export function createAlertTables({
  context,
  write,
  readOnce,
}: Omit<AdministrationParts, "dropRequestLog">): {
  readonly alerts: AlertTable;
  readonly leases: LeaseTable;
} {
  return {
    leases: { take: (wish) => write(() => takeLease(wish)) },
    alerts: {
      endingCredentials: (span) => readOnce(endingCredentials(span)),
      tellOfExpiry: (tenantId, alert) => write(() => tellOfExpiry(tenantId, alert, context)),
      troubledWebhooks: (since) => readOnce(troubledWebhooks(since)),
      countDeadLetters: (tenantId, webhookId, since) =>
        readOnce(countDeadLetters({ tenantId, webhookId }, since)),
      latestOf: (tenantId, keys) => readOnce(latestOf(tenantId, keys)),
    },
  };
}

/** Lists the live credentials of connections that end in a time; goes through all of them, so rarely. */
function* endingCredentials({
  after,
  until,
}: {
  readonly after: string;
  readonly until: string;
}): Script<readonly EndingCredential[]> {
  const rows = yield* rowsOf<{ tenant_id: TenantId; credential_id: CredentialId }>(
    statement(
      `SELECT tenant_id, credential_id FROM credentials
       WHERE revoked_at IS NULL AND expires_at > ? AND expires_at <= ?
       ORDER BY tenant_id, credential_id`,
      after,
      until,
    ),
  );
  return rows.map((row) => ({ tenantId: row.tenant_id, credentialId: row.credential_id }));
}

/** Puts event and mails in, unless they are in or the credential is one that nobody has to replace. */
function* tellOfExpiry(
  tenantId: TenantId,
  { credentialId, expires, event, mails }: ExpiryAlert,
  context: SqlContext,
): Script<Verdict<boolean>> {
  // The row stays locked: of two processes the second sees what the first has told.
  const row = yield* firstRowOf<{ name: string; live_name: string | null }>(
    statement(
      `SELECT name, live_name FROM credentials WHERE tenant_id = ? AND credential_id = ?
       AND revoked_at IS NULL AND expires_at = ? ${lockOf(context.dialect)}`.trimEnd(),
      tenantId,
      credentialId,
      expires,
    ),
  );
  if (
    row === undefined ||
    // One that was replaced has lost its name to the new one.
    (row.name !== "" && row.live_name === null) ||
    (yield* isReplaced(tenantId, credentialId)) ||
    (yield* isTold(tenantId, event))
  ) {
    return { kind: "undo", result: false };
  }
  yield [...(yield* eventRows(tenantId, [event], context)), ...stageMails(tenantId, mails)];
  return { kind: "keep", result: true };
}

/** The audit log tells of one without a name. */
function* isReplaced(tenantId: TenantId, credentialId: CredentialId): Script<boolean> {
  const rows = yield* rowsOf<{ differences: string }>(
    statement(
      `SELECT differences FROM audit_entries
       WHERE tenant_id = ? AND target_id = ? AND action = 'credential.update'`,
      tenantId,
      credentialId,
    ),
  );
  return rows.some(({ differences }) =>
    jsonColumn<readonly { readonly path: string }[]>(differences).some(
      ({ path }) => path === "replacedBy",
    ),
  );
}

function* isTold(tenantId: TenantId, { eventId }: OutboxEvent): Script<boolean> {
  const row = yield* firstRowOf(
    statement(
      `SELECT event_id FROM outbox_events WHERE tenant_id = ? AND event_id = ?`,
      tenantId,
      eventId,
    ),
  );
  return row !== undefined;
}

/** Lists webhooks that were disabled after a time, and those with deliveries that were given up after it. */
function* troubledWebhooks(since: string): Script<readonly WebhookKey[]> {
  const rows = yield* rowsOf<{
    tenant_id: WebhookKey["tenantId"];
    webhook_id: WebhookKey["webhookId"];
  }>(
    statement(
      `SELECT w.tenant_id, w.webhook_id FROM webhooks AS w
       WHERE w.disabled_at > ? OR EXISTS (SELECT 1 FROM webhook_deliveries AS d
         WHERE d.tenant_id = w.tenant_id AND d.webhook_id = w.webhook_id
           AND d.state = 'dead' AND d.settled_at > ?)
       ORDER BY w.tenant_id, w.webhook_id`,
      since,
      since,
    ),
  );
  return rows.map((row) => ({ tenantId: row.tenant_id, webhookId: row.webhook_id }));
}

/** Counts the deliveries of a webhook that were given up after a time. */
function* countDeadLetters({ tenantId, webhookId }: WebhookKey, since: string): Script<number> {
  const row = yield* firstRowOf<{ dead: number }>(
    statement(
      `SELECT count(*) AS dead FROM webhook_deliveries
       WHERE tenant_id = ? AND webhook_id = ? AND state = 'dead' AND settled_at > ?`,
      tenantId,
      webhookId,
      since,
    ),
  );
  return row?.dead ?? 0;
}

/** Tells when the latest of the mails with two keys was put in. */
function* latestOf(
  tenantId: TenantId,
  [key, otherKey]: readonly [string, string],
): Script<string | undefined> {
  const row = yield* firstRowOf<{ latest: string | null }>(
    statement(
      `SELECT max(created_at) AS latest FROM mails
       WHERE tenant_id = ? AND idempotency_key IN (?, ?)`,
      tenantId,
      key,
      otherKey,
    ),
  );
  return row?.latest ?? undefined;
}
