/** Derives anew what members may do, once the settings of their tenant say something else of roles. */
import type { JsonObject } from "@rollcall/scim";
import { sameAccess } from "../../domain/access-difference.ts";
import type { AccountId } from "../../domain/account.ts";
import { accessEventsOf } from "../../domain/consequences.ts";
import { effectiveAccessOf } from "../../domain/effective-access.ts";
import type { AccountInTenant } from "../../domain/membership-edit.ts";
import type { OutboxEvent } from "../../domain/outbox-event.ts";
import { personOf } from "../../domain/person.ts";
import { roleOfRoles } from "../../domain/roles-attribute.ts";
import type { ConnectionId, TenantId } from "../../domain/tenant.ts";
import type { TenantSettings } from "../../domain/tenant-settings.ts";
import { accountsById } from "./accounts.ts";
import { ask } from "./asked.ts";
import { jsonColumn } from "./json-column.ts";
import { tenantAccountsAsked } from "./membership-facts.ts";
import { eventRows } from "./record-consequences.ts";
import { resourcesById } from "./resources.ts";
import type { Script } from "./script.ts";
import { rowsOf } from "./script.ts";
import type { SqlContext } from "./sql-context.ts";
import { statement } from "./statement.ts";

/** The settings before and after. */
export interface SettingsChange {
  readonly before: TenantSettings;
  readonly after: TenantSettings;
}

/** How many links are read at once. */
const readAtOnceMax = 500;

interface LinkRow {
  readonly connection_id: ConnectionId;
  readonly resource_id: string;
  readonly account_id: AccountId | null;
  readonly role: string;
}

/** Writes the roles that differ, and the events of whose access changes, with the facts of the tenant taken alone. */
export function* deriveRoles(
  tenantId: TenantId,
  change: SettingsChange,
  context: SqlContext,
): Script<void> {
  const told = new Set<AccountId>();
  let last: LinkRow | undefined;
  do {
    const rows: readonly LinkRow[] = yield* linksBehind(tenantId, last);
    const roles = yield* rolesOf(tenantId, rows, change.after, context);
    const changed = rows.flatMap((row) => {
      const role = roles.get(keyOf(row.connection_id, row.resource_id));
      return role === row.role ? [] : [{ row, role }];
    });
    const events = yield* saveRoles(tenantId, changed, change, context);
    for (const { row } of changed) {
      if (row.account_id !== null) {
        told.add(row.account_id);
      }
    }
    yield yield* eventRows(tenantId, events, context);
    last = rows[readAtOnceMax - 1];
  } while (last !== undefined);
  yield* tellOthers(tenantId, told, change, context);
}

/** The settings alone, such as the default role, change what those may do whose Users have no roles. */
function* tellOthers(
  tenantId: TenantId,
  told: ReadonlySet<AccountId>,
  { before, after }: SettingsChange,
  context: SqlContext,
): Script<void> {
  const { dialect } = context;
  let last: AccountId | undefined;
  do {
    const ids: readonly AccountId[] = yield* membersBehind(tenantId, last);
    last = ids[readAtOnceMax - 1];
    const rest = ids.filter((accountId) => !told.has(accountId));
    const facts = yield* ask(tenantAccountsAsked(tenantId, rest, { lock: false, dialect }));
    const changed = rest.filter((accountId) => {
      const member = memberFacts(facts.get(accountId));
      return !sameAccess(effectiveAccessOf(member, before), effectiveAccessOf(member, after));
    });
    const events = yield* eventsOf(
      changed,
      { were: facts, are: facts },
      { before, after },
      context,
    );
    yield yield* eventRows(tenantId, events, context);
  } while (last !== undefined);
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
      `SELECT connection_id, resource_id, account_id, role FROM links
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

function* saveRoles(
  tenantId: TenantId,
  changed: readonly { readonly row: LinkRow; readonly role: string | undefined }[],
  change: SettingsChange,
  context: SqlContext,
): Script<readonly OutboxEvent[]> {
  const ids = [...new Set(changed.flatMap(({ row }) => row.account_id ?? []))];
  const question = tenantAccountsAsked(tenantId, ids, { lock: false, dialect: context.dialect });
  const were = yield* ask(question);
  yield changed.map(({ row, role }) =>
    statement(
      `UPDATE links SET role = ? WHERE tenant_id = ? AND connection_id = ? AND resource_id = ?`,
      role ?? null,
      tenantId,
      row.connection_id,
      row.resource_id,
    ),
  );
  const are = yield* ask(question);
  return yield* eventsOf(ids, { were, are }, change, context);
}

type FactsByAccount = ReadonlyMap<AccountId, AccountInTenant>;

function* eventsOf(
  ids: readonly AccountId[],
  { were, are }: { readonly were: FactsByAccount; readonly are: FactsByAccount },
  { before, after }: SettingsChange,
  context: SqlContext,
): Script<readonly OutboxEvent[]> {
  const accounts = yield* accountsById(ids, context.dialect);
  const refs = new Map(accounts.map(({ accountId, ref }) => [accountId, ref]));
  const at = new Date(context.nowMs()).toISOString();
  return ids.flatMap((accountId) =>
    accessEventsOf(
      {
        accountId,
        ref: refs.get(accountId),
        isNew: false,
        before: effectiveAccessOf(memberFacts(were.get(accountId)), before),
        after: effectiveAccessOf(memberFacts(are.get(accountId)), after),
        differences: [],
        revision: context.newSequence(),
      },
      { at, newId: context.newId, isRevoking: true },
    ),
  );
}

function memberFacts(account: AccountInTenant | undefined) {
  return account?.isMember === true ? account.facts : undefined;
}
