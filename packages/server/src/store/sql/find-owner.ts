/** Finds somebody who is owner of a tenant: every tenant that had one keeps one. */
import type { AccountId } from "../../domain/account.ts";
import { effectiveAccessOf } from "../../domain/effective-access.ts";
import type { TenantId } from "../../domain/tenant.ts";
import type { TenantSettings } from "../../domain/tenant-settings.ts";
import { ask } from "./asked.ts";
import { tenantAccountsAsked } from "./membership-facts.ts";
import type { Script } from "./script.ts";
import { rowsOf } from "./script.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import { statement } from "./statement.ts";

/** How many of those who have the owner role are looked at at once: mostly the first one is effective. */
const lookedAtOnceMax = 200;

/** Where an owner is looked for. */
export interface OwnerSite {
  readonly tenantId: TenantId;
  readonly settings: TenantSettings;
  readonly dialect: SqlDialect;
  /** Whom to leave out. */
  readonly but?: AccountId;
}

/** Finds an account whose owner role takes effect; undefined where there is none. */
export function* findOwner(site: OwnerSite): Script<AccountId | undefined> {
  const { tenantId, settings, dialect, but } = site;
  let last: AccountId | undefined;
  do {
    const ids: readonly AccountId[] = yield* haveOwnerRole(site, last);
    const asked = ids.filter((accountId) => accountId !== but);
    const found = yield* ask(tenantAccountsAsked(tenantId, asked, { lock: false, dialect }));
    const owner = [...found.values()].find(
      ({ facts, isMember }) => effectiveAccessOf(isMember ? facts : undefined, settings).isOwner,
    );
    if (owner !== undefined) {
      return owner.facts.accountId;
    }
    last = ids[lookedAtOnceMax - 1];
  } while (last !== undefined);
  return undefined;
}

function* haveOwnerRole(
  { tenantId, settings }: OwnerSite,
  after: AccountId | undefined,
): Script<readonly AccountId[]> {
  const role = settings.roles[0] ?? "";
  const rows = yield* rowsOf<{ account_id: AccountId }>(
    statement(
      `SELECT account_id FROM grants
         WHERE tenant_id = ? AND role = ? AND team_id = '' AND account_id > ?
       UNION SELECT account_id FROM links
         WHERE tenant_id = ? AND role = ? AND state = 'linked' AND account_id > ?
       UNION SELECT l.account_id FROM group_mappings AS m
         CROSS JOIN mapped_groups AS p
         CROSS JOIN group_grants AS g
         CROSS JOIN links AS l
         WHERE m.tenant_id = ? AND m.role = ? AND m.team_id = ''
           AND p.tenant_id = m.tenant_id AND p.mapping_id = m.mapping_id
           AND g.tenant_id = p.tenant_id AND g.connection_id = p.connection_id
           AND g.group_id = p.group_id AND g.mapping_id = p.mapping_id
           AND l.tenant_id = g.tenant_id AND l.connection_id = g.connection_id
           AND l.resource_id = g.resource_id AND l.state = 'linked' AND l.account_id > ?
       ORDER BY account_id LIMIT ?`,
      ...[tenantId, role, after ?? "", tenantId, role, after ?? ""],
      ...[tenantId, role, after ?? "", lookedAtOnceMax],
    ),
  );
  return rows.map(({ account_id }) => account_id);
}
