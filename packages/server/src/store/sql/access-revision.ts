/**
 * The revision of a person's access in a tenant: of two events the larger wins, whichever process has written them and
 * whatever its clock says. It is kept with the membership, whose row whoever changes access has locked.
 */
import type { AccountId } from "../../domain/account.ts";
import type { AccountInTenant } from "../../domain/membership-edit.ts";
import type { OutboxEvent } from "../../domain/outbox-event.ts";
import type { TenantId } from "../../domain/tenant.ts";
import type { SqlContext } from "./sql-context.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import type { Statement } from "./statement.ts";
import { compose, statement } from "./statement.ts";

/** The next revision: a number in the order of time, and never below the one before. */
export function nextAccessRevision(
  { accessRevision = 0 }: Pick<AccountInTenant, "accessRevision">,
  { newSequence }: Pick<SqlContext, "newSequence">,
): number {
  return Math.max(newSequence(), accessRevision + 1);
}

/** Keeps the revisions that events tell of. */
export function saveAccessRevisions(
  tenantId: TenantId,
  events: readonly OutboxEvent[],
  dialect: SqlDialect,
): readonly Statement[] {
  const told = events.flatMap(({ data: { accountId, accessRevision } }) =>
    typeof accountId === "string" && typeof accessRevision === "number"
      ? [{ accountId: accountId as AccountId, accessRevision }]
      : [],
  );
  const [one, ...others] = told;
  if (one === undefined) {
    return [];
  }
  return others.length === 0
    ? [
        statement(
          `UPDATE memberships SET access_revision = ? WHERE tenant_id = ? AND account_id = ?`,
          one.accessRevision,
          tenantId,
          one.accountId,
        ),
      ]
    : [saveMany(tenantId, told, dialect)];
}

function saveMany(
  tenantId: TenantId,
  told: readonly { readonly accountId: AccountId; readonly accessRevision: number }[],
  dialect: SqlDialect,
): Statement {
  const document = dialect.documentIn("ids.value");
  const documents = told.map((one) => JSON.stringify(one));
  return compose`UPDATE memberships SET access_revision = n.access_revision
    FROM (SELECT ${dialect.textAt(document, ["accountId"])} AS account_id,
        CAST(${dialect.numberAt(document, ["accessRevision"])} AS BIGINT) AS access_revision
      FROM ${statement(dialect.listTable, JSON.stringify(documents))} AS ids) AS n
    WHERE memberships.tenant_id = ${tenantId} AND memberships.account_id = n.account_id`;
}
