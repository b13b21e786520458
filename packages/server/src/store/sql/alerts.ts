/** What alerts are raised by, and the events and mails that they are; each once. */
import type { AccountId } from "../../domain/account.ts";
import type { KeptMember } from "../../domain/alert.ts";
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
      keptMembers: (since) => readOnce(keptMembers(since)),
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

interface RefusalRow {
  readonly tenant_id: TenantId;
  readonly target_type: string;
  readonly target_id: string;
  readonly last_at: string;
}

/** Lists the members whom writes after a time were refused for, and whose role was kept after it, in the order of their tenants. */
function* keptMembers(since: string): Script<readonly KeptMember[]> {
  // Of settings that would leave a tenant without owner no member is the target; a refused login takes nothing away.
  const refusals = yield* rowsOf<RefusalRow>(
    statement(
      `SELECT tenant_id, target_type, target_id, max(at) AS last_at FROM audit_entries
       WHERE outcome = 'refused' AND at > ? AND target_type <> 'tenant'
         AND action <> 'login.refuse'
       GROUP BY tenant_id, target_type, target_id, substr(at, 1, 10)
       ORDER BY tenant_id, last_at`,
      since,
    ),
  );
  const refused: KeptMember[] = [];
  for (const {
    tenant_id: tenantId,
    target_type: type,
    target_id: target,
    last_at: at,
  } of refusals) {
    const account = type === "account" ? target : yield* accountBehind(tenantId, target);
    refused.push({ tenantId, account: account ?? target, cause: "refused", at });
  }
  const grants = yield* rowsOf<{ tenant_id: TenantId; account_id: AccountId; at: string }>(
    statement(
      `SELECT tenant_id, account_id, at FROM grants WHERE source = 'retained' AND at > ?
       ORDER BY tenant_id, at`,
      since,
    ),
  );
  const retained = grants.map(
    ({ tenant_id: tenantId, account_id: account, at }): KeptMember => ({
      tenantId,
      account,
      cause: "retained",
      at,
    }),
  );
  return [...refused, ...retained];
}

/** Finds the account of a User, in whichever connection of the tenant it is. */
function* accountBehind(tenantId: TenantId, resourceId: string): Script<AccountId | undefined> {
  const row = yield* firstRowOf<{ account_id: AccountId }>(
    statement(
      `SELECT l.account_id FROM connections AS c
       CROSS JOIN links AS l
       WHERE c.tenant_id = ? AND l.tenant_id = c.tenant_id AND l.connection_id = c.connection_id
         AND l.resource_id = ? AND l.account_id IS NOT NULL`,
      tenantId,
      resourceId,
    ),
  );
  return row?.account_id;
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
