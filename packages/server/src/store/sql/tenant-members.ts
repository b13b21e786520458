/** The members of a tenant, one by one and page by page, and the settings that say what they may do. */
import type { AccountId } from "../../domain/account.ts";
import type { Member } from "../../domain/member.ts";
import type { TenantId } from "../../domain/tenant.ts";
import type { TenantSettings } from "../../domain/tenant-settings.ts";
import { accountAsked, accountsById } from "./accounts.ts";
import type { Asked } from "./asked.ts";
import { allAsked, ask } from "./asked.ts";
import type { FactsReading } from "./membership-facts.ts";
import { tenantAccountAsked, tenantAccountsAsked } from "./membership-facts.ts";
import type { Script } from "./script.ts";
import { firstRowOf, rowsOf } from "./script.ts";
import { settingsIn } from "./settings-in.ts";
import type { SqlContext } from "./sql-context.ts";
import { statement } from "./statement.ts";

/** The settings that a tenant works with; undefined where there is no such tenant. */
export function* settingsOfTenant(
  tenantId: TenantId,
  context: SqlContext,
): Script<TenantSettings | undefined> {
  const row = yield* firstRowOf<{ settings: string }>(
    statement(`SELECT settings FROM tenants WHERE tenant_id = ?`, tenantId),
  );
  return row && settingsIn({ tenantSettings: row.settings }, context);
}

/** What a tenant is called; it is there. */
export function* nameOfTenant(tenantId: TenantId): Script<string> {
  const row = yield* firstRowOf<{ name: string }>(
    statement(`SELECT name FROM tenants WHERE tenant_id = ?`, tenantId),
  );
  if (row === undefined) {
    throw new TypeError("the tenant is gone");
  }
  return row.name;
}

/** Asks what a tenant has on an account; undefined when there is no such account. */
export function memberAsked(
  tenantId: TenantId,
  accountId: AccountId,
  reading: FactsReading,
): Asked<Member | undefined> {
  const { statements, answer } = allAsked({
    account: accountAsked(accountId),
    inTenant: tenantAccountAsked(tenantId, accountId, reading),
  });
  return {
    statements,
    answer: (results) => {
      const { account, inTenant } = answer(results);
      return account && { ...inTenant, account };
    },
  };
}

/** Lists whom a tenant has anything on, members or not, in the order of their ids, behind one of them. */
export function* listMembers(
  tenantId: TenantId,
  { after, limit }: { readonly after: string; readonly limit: number },
  { dialect }: SqlContext,
): Script<readonly Member[]> {
  const rows = yield* rowsOf<{ account_id: AccountId }>(
    statement(
      `SELECT account_id FROM (
         SELECT account_id FROM memberships WHERE tenant_id = ? AND account_id > ?
         UNION SELECT account_id FROM links WHERE tenant_id = ? AND account_id > ?
         UNION SELECT account_id FROM locks WHERE tenant_id = ? AND account_id > ?
       ) AS page ORDER BY account_id LIMIT ?`,
      ...[tenantId, after, tenantId, after, tenantId, after, limit],
    ),
  );
  return yield* membershipsByIds(
    tenantId,
    rows.map(({ account_id }) => account_id),
    dialect,
  );
}

/** Reads what a tenant has on some accounts, members or not; those that are no accounts are left out. */
export function* membershipsByIds(
  tenantId: TenantId,
  ids: readonly AccountId[],
  dialect: SqlContext["dialect"],
): Script<readonly Member[]> {
  if (ids.length === 0) {
    return [];
  }
  const inTenant = yield* ask(tenantAccountsAsked(tenantId, ids, { lock: false, dialect }));
  const accounts = new Map(
    (yield* accountsById(ids, dialect)).map((account) => [account.accountId, account]),
  );
  return ids.flatMap((accountId) => {
    const account = accounts.get(accountId);
    const found = inTenant.get(accountId);
    return account === undefined || found === undefined ? [] : [{ ...found, account }];
  });
}
