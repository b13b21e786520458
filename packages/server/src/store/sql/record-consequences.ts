/** Writes what a change causes beside the change itself: its audit entry and its outbox events. */
import type { AttributeDifference, AuditEntry, Circumstances } from "../../domain/audit-entry.ts";
import type { Consequences } from "../../domain/consequences.ts";
import type { TenantId } from "../../domain/tenant.ts";
import { insertAuditEntry, nextTenantNumbers } from "./audit-log.ts";
import { insertOutboxEvent } from "./outbox.ts";
import type { Script } from "./script.ts";
import type { SqlContext } from "./sql-context.ts";

/** Writes consequences, in the transaction of what caused them. */
export function* recordConsequences(
  tenantId: TenantId,
  { auditEntry, outboxEvents }: Consequences,
): Script<void> {
  const numbers = yield* nextTenantNumbers(tenantId, outboxEvents.length);
  if (numbers === undefined) {
    throw new TypeError("the tenant is gone");
  }
  yield* insertAuditEntry(tenantId, numbers.auditNumber, auditEntry);
  const first = numbers.outboxPosition - outboxEvents.length + 1;
  for (const [index, event] of outboxEvents.entries()) {
    yield* insertOutboxEvent(tenantId, first + index, event);
  }
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
  yield* recordConsequences(tenantId, { auditEntry, outboxEvents: [] });
}
