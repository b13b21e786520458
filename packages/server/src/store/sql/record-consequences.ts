/** Writes what a change causes beside the change itself: its audit entry and its outbox events. */
import { instanceAuditId } from "../../domain/admin-credential.ts";
import type { AttributeDifference, AuditEntry, Circumstances } from "../../domain/audit-entry.ts";
import type { Consequences } from "../../domain/consequences.ts";
import type { OutboxEvent } from "../../domain/outbox-event.ts";
import type { TenantId } from "../../domain/tenant.ts";
import { saveAccessRevisions } from "./access-revision.ts";
import { insertAuditEntry, nextTenantNumbers } from "./audit-log.ts";
import { nextInstanceNumber } from "./instance-audit-log.ts";
import { insertOutboxEvent, insertOutboxEvents } from "./outbox.ts";
import type { Script } from "./script.ts";
import { firstRowOf } from "./script.ts";
import type { SqlContext } from "./sql-context.ts";
import type { Statement } from "./statement.ts";
import { statement } from "./statement.ts";

/**
 * What writes consequences, in the transaction of what caused them. With many writers the numbers come after commit
 * (`number-records.ts`): taking them here would make every writer of the tenant wait for the one before.
 */
export function* consequenceRows(
  tenantId: TenantId,
  { auditEntry, outboxEvents }: Consequences,
  { dialect, newSequence }: SqlContext,
): Script<readonly Statement[]> {
  if (dialect.writers === "many") {
    const place = (revision: number) => ({ revision, writtenAs: newSequence() });
    return [
      insertAuditEntry(tenantId, auditEntry, place(outboxEvents[0]?.revision ?? 0)),
      ...outboxEvents.map((event) => insertOutboxEvent(tenantId, event, place(event.revision))),
      ...saveAccessRevisions(tenantId, outboxEvents, dialect),
    ];
  }
  const numbers = yield* nextTenantNumbers(tenantId, outboxEvents.length);
  if (numbers === undefined) {
    throw new TypeError("the tenant is gone");
  }
  const first = numbers.outboxPosition - outboxEvents.length + 1;
  return [
    insertAuditEntry(tenantId, auditEntry, { number: numbers.auditNumber }),
    ...outboxEvents.map((event, index) =>
      insertOutboxEvent(tenantId, event, { number: first + index }),
    ),
    ...saveAccessRevisions(tenantId, outboxEvents, dialect),
  ];
}

/** What writes events of a change of which the audit entry comes with the last of them, where they are too many to hold. */
export function* eventRows(
  tenantId: TenantId,
  events: readonly OutboxEvent[],
  { dialect, newSequence }: SqlContext,
): Script<readonly Statement[]> {
  if (events.length === 0) {
    return [];
  }
  const revisions = saveAccessRevisions(tenantId, events, dialect);
  if (dialect.writers === "many") {
    return [...insertOutboxEvents(tenantId, events, newSequence, dialect), ...revisions];
  }
  const row = yield* firstRowOf<{ last_outbox_position: number }>(
    statement(
      `UPDATE tenants SET last_outbox_position = last_outbox_position + ?
       WHERE tenant_id = ? RETURNING last_outbox_position`,
      events.length,
      tenantId,
    ),
  );
  if (row === undefined) {
    throw new TypeError("the tenant is gone");
  }
  const first = row.last_outbox_position - events.length + 1;
  return [...insertOutboxEvents(tenantId, events, (index) => first + index, dialect), ...revisions];
}

/** What an operator did, as far as the audit log tells. */
export interface AdminAction {
  /** Such as `connection.create`. */
  readonly action: string;
  readonly target: { readonly type: string; readonly id: string; readonly name: string };
  readonly differences: readonly AttributeDifference[];
}

/** The audit entry of what an operator did. */
export function adminAuditEntry(
  { action, target, differences }: AdminAction,
  { actor, requestId }: Circumstances,
  context: SqlContext,
): AuditEntry {
  return {
    entryId: context.newId(),
    at: new Date(context.nowMs()).toISOString(),
    actor,
    requestId,
    action,
    outcome: "done",
    target: { ...target, externalId: undefined },
    differences,
    relations: [],
  };
}

/** Writes the audit entry of what an operator did. */
export function* recordAdminAction(
  tenantId: TenantId,
  adminAction: AdminAction,
  circumstances: Circumstances,
  context: SqlContext,
): Script<void> {
  const auditEntry = adminAuditEntry(adminAction, circumstances, context);
  yield yield* consequenceRows(tenantId, { auditEntry, outboxEvents: [] }, context);
}

/**
 * Writes the audit entry of what was done to the instance as a whole, numbered at once. Last in a transaction: whoever
 * does something to the instance at the same time waits for its end.
 */
export function* recordInstanceAction(
  adminAction: AdminAction,
  circumstances: Circumstances,
  context: SqlContext,
): Script<void> {
  const entry = adminAuditEntry(adminAction, circumstances, context);
  const number = { number: yield* nextInstanceNumber() };
  const place =
    context.dialect.writers === "one" ? number : { ...number, revision: 0, writtenAs: 0 };
  yield [insertAuditEntry(instanceAuditId, entry, place)];
}
