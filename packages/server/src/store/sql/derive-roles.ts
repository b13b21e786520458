/** Derives anew what members may do, once the settings of their tenant say something else of roles. */
import type { JsonObject } from "@rollcall/scim";
import { sameAccess } from "../../domain/access-difference.ts";
import type { NamedMove } from "../../domain/access-move.ts";
import { movesBetween } from "../../domain/access-move.ts";
import type { AccountId } from "../../domain/account.ts";
import { accessEventsOf } from "../../domain/consequences.ts";
import { effectiveAccessOf } from "../../domain/effective-access.ts";
import type { AccountInTenant } from "../../domain/membership-edit.ts";
import { personOf } from "../../domain/person.ts";
import { roleOfRoles } from "../../domain/roles-attribute.ts";
import type { ConnectionId, TenantId } from "../../domain/tenant.ts";
import type { TenantSettings } from "../../domain/tenant-settings.ts";
import { nextAccessRevision } from "./access-revision.ts";
import { accountsById } from "./accounts.ts";
import { ask } from "./asked.ts";
import { jsonColumn } from "./json-column.ts";
import { tenantAccountsAsked } from "./membership-facts.ts";
import { withLinks } from "./move-grants.ts";
import { eventRows } from "./record-consequences.ts";
import { resourcesById } from "./resources.ts";
import type { Script } from "./script.ts";
import { rowsOf } from "./script.ts";
import type { SqlContext } from "./sql-context.ts";
import { statement } from "./statement.ts";
import type { FactsChange, TellingSite, ToldAccess } from "./tell-access.ts";
import { tellAccess } from "./tell-access.ts";

/** The settings before and after. */
export interface SettingsChange {
  readonly before: TenantSettings;
  readonly after: TenantSettings;
}

/** How many links, and how many members, are read at once. */
const readAtOnceMax = 2000;

interface LinkRow {
  readonly connection_id: ConnectionId;
  readonly resource_id: string;
  readonly role: string;
}

/** What has changed, and where that is told. */
export interface Deriving {
  readonly site: TellingSite;
  readonly both: SettingsChange;
  /** What links had whose role is another one now. */
  readonly rolesBefore: ReadonlyMap<string, string>;
}

/**
 * Writes the events of whose access changes, with the facts of the tenant taken alone, once the roles are saved; `moved` are
 * those of whom the settings have moved more than roles. Each is told of once, whatever their links and grants.
 */
export function* deriveAccess(
  { site, both, rolesBefore }: Deriving,
  moved: readonly FactsChange[],
): Script<ToldAccess> {
  const { tenantId, context } = site;
  const first = yield* tellAccess(
    site,
    moved.map(({ before, after }) => ({
      before: withRoles(before, rolesBefore),
      after,
      settingsBefore: both.before,
    })),
  );
  const told = new Set(moved.map(({ after }) => after.facts.accountId));
  const moves: NamedMove[] = [...first.moves];
  let last: AccountId | undefined;
  do {
    const ids: readonly AccountId[] = yield* membersBehind(tenantId, last);
    last = ids[readAtOnceMax - 1];
    const others = ids.filter((accountId) => !told.has(accountId));
    moves.push(...(yield* tellMembers({ tenantId, ids: others, rolesBefore }, both, context)));
  } while (last !== undefined);
  return { ...first, moves };
}

function withRoles(
  account: AccountInTenant,
  rolesBefore: ReadonlyMap<string, string>,
): AccountInTenant {
  return withLinks(account, (link) => {
    const role = rolesBefore.get(keyOf(link.connectionId, link.resourceId));
    return role === undefined ? link : { ...link, role };
  });
}

/** Writes the roles that differ; gives what the links had whose role is another one now. */
export function* saveRoles(
  tenantId: TenantId,
  settings: TenantSettings,
  context: SqlContext,
): Script<ReadonlyMap<string, string>> {
  const before = new Map<string, string>();
  let last: LinkRow | undefined;
  do {
    const rows: readonly LinkRow[] = yield* linksBehind(tenantId, last);
    const roles = yield* rolesOf(tenantId, rows, settings, context);
    const changed = rows.flatMap((row) => {
      const role = roles.get(keyOf(row.connection_id, row.resource_id));
      return role === row.role ? [] : [{ row, role }];
    });
    for (const { row } of changed) {
      before.set(keyOf(row.connection_id, row.resource_id), row.role);
    }
    yield changed.map(({ row, role }) =>
      statement(
        `UPDATE links SET role = ? WHERE tenant_id = ? AND connection_id = ? AND resource_id = ?`,
        role ?? null,
        tenantId,
        row.connection_id,
        row.resource_id,
      ),
    );
    last = rows[readAtOnceMax - 1];
  } while (last !== undefined);
  return before;
}

interface Members {
  readonly tenantId: TenantId;
  readonly ids: readonly AccountId[];
  readonly rolesBefore: ReadonlyMap<string, string>;
}

function* tellMembers(
  { tenantId, ids, rolesBefore }: Members,
  { before, after }: SettingsChange,
  context: SqlContext,
): Script<readonly NamedMove[]> {
  const { dialect, newId } = context;
  const facts = yield* ask(tenantAccountsAsked(tenantId, ids, { lock: false, dialect }));
  const changed = [...facts.values()].flatMap((now) => {
    const from = effectiveAccessOf(withRoles(now, rolesBefore).facts, before);
    const to = effectiveAccessOf(now.facts, after);
    return sameAccess(from, to) ? [] : [{ accountId: now.facts.accountId, now, from, to }];
  });
  const accounts = yield* accountsById(
    changed.map(({ accountId }) => accountId),
    dialect,
  );
  const byId = new Map(accounts.map((account) => [account.accountId, account]));
  const at = new Date(context.nowMs()).toISOString();
  const events = changed.flatMap(({ accountId, now, from, to }) =>
    accessEventsOf(
      {
        accountId,
        ref: byId.get(accountId)?.ref,
        isNew: false,
        before: from,
        after: to,
        differences: [],
        revision: nextAccessRevision(now, context),
      },
      { at, newId, isRevoking: true },
    ),
  );
  yield yield* eventRows(tenantId, events, context);
  return changed.flatMap(({ accountId, from, to }) =>
    movesBetween(accountId, from, to).map((move) => ({
      ...move,
      email: byId.get(accountId)?.email,
    })),
  );
}

function* membersBehind(
  tenantId: TenantId,
  last: AccountId | undefined,
): Script<readonly AccountId[]> {
  const rows = yield* rowsOf<{ account_id: AccountId }>(
    statement(
      `SELECT account_id FROM memberships WHERE tenant_id = ? AND account_id > ?
       ORDER BY account_id LIMIT ?`,
      tenantId,
      last ?? "",
      readAtOnceMax,
    ),
  );
  return rows.map(({ account_id }) => account_id);
}

function* linksBehind(tenantId: TenantId, last: LinkRow | undefined): Script<readonly LinkRow[]> {
  return yield* rowsOf<LinkRow>(
    statement(
      `SELECT connection_id, resource_id, role FROM links
       WHERE tenant_id = ? AND (tenant_id, connection_id, resource_id) > (?, ?, ?)
         AND role IS NOT NULL
       ORDER BY connection_id, resource_id LIMIT ?`,
      tenantId,
      tenantId,
      last?.connection_id ?? "",
      last?.resource_id ?? "",
      readAtOnceMax,
    ),
  );
}

/** What the roles of the Users come to now. */
function* rolesOf(
  tenantId: TenantId,
  rows: readonly LinkRow[],
  settings: TenantSettings,
  { dialect }: SqlContext,
): Script<ReadonlyMap<string, string | undefined>> {
  const roles = new Map<string, string | undefined>();
  for (const connectionId of new Set(rows.map(({ connection_id }) => connection_id))) {
    const ids = rows
      .filter(({ connection_id }) => connection_id === connectionId)
      .map(({ resource_id }) => resource_id);
    const scope = { tenantId, connectionId };
    for (const row of yield* resourcesById(scope, ids, dialect.listTable)) {
      const person = personOf(jsonColumn<JsonObject>(row.attributes));
      roles.set(keyOf(connectionId, row.resource_id), roleOfRoles(person.roles, settings));
    }
  }
  return roles;
}

function keyOf(connectionId: ConnectionId, resourceId: string): string {
  return `${connectionId}/${resourceId}`;
}
