/** Removes a connection with everything that it has provisioned, and with all that means for members, as one transaction. */
import type { JsonObject, ResourceType } from "@rollcall/scim";
import type { NamedMove } from "../../domain/access-move.ts";
import type { AccountId, LinkState } from "../../domain/account.ts";
import type { Circumstances } from "../../domain/audit-entry.ts";
import type { Connection } from "../../domain/connection.ts";
import { effectiveAccessOf } from "../../domain/effective-access.ts";
import { teamMovesOf } from "../../domain/group-team.ts";
import type { ChangeMode } from "../../domain/mapping-change.ts";
import type { AccountInTenant } from "../../domain/membership-edit.ts";
import type { ConnectionRemovalOutcome, RemovedCounts } from "../../domain/removed-connection.ts";
import { removalEventsOf, withoutConnection } from "../../domain/removed-connection.ts";
import type { Scope, TeamId, TenantId } from "../../domain/tenant.ts";
import { accountsById } from "./accounts.ts";
import { ask } from "./asked.ts";
import { concluded } from "./concluded.ts";
import type { ConnectionAction } from "./connections.ts";
import { connectionById, recordConnection } from "./connections.ts";
import { teamsOfGroups } from "./group-team-rows.ts";
import type { MovedTeams } from "./group-teams.ts";
import { leaveConnection, withTeamsTold } from "./group-teams.ts";
import { jsonColumn } from "./json-column.ts";
import { tenantAccountsAsked } from "./membership-facts.ts";
import { clientsOfConnection, dropAssertionsOf } from "./oauth-clients.ts";
import { eventRows } from "./record-consequences.ts";
import type { NoticeToOne } from "./record-notices.ts";
import { recordNoticesOfMany } from "./record-notices.ts";
import type { Script, Verdict } from "./script.ts";
import { changesOf, rowsOf } from "./script.ts";
import type { SqlContext } from "./sql-context.ts";
import { compose, statement } from "./statement.ts";
import type { FactsChange, TellingSite, ToldAccess } from "./tell-access.ts";
import { nothingTold, tellAccess } from "./tell-access.ts";
import { lockTenantFacts } from "./tenant-facts.ts";
import { nameOfTenant, settingsOfTenant } from "./tenant-members.ts";

/** Which connection, and how it is meant. */
export interface ConnectionRemoval {
  readonly scope: Scope;
  readonly resourceTypes: readonly ResourceType[];
  readonly mode: ChangeMode;
}

interface RemovalSite extends TellingSite {
  readonly scope: Scope;
  readonly connection: Connection;
  readonly tenantName: string;
}

/** With the teams of groups that are archived with it. */
type EndingSite = RemovalSite & { readonly archiving: ReadonlySet<TeamId> };

/** How many resources, and how many people, are read at once. */
const readAtOnceMax = 5000;

/** Removes it, or shows what that would do. */
export function* removeConnection(
  { scope, resourceTypes, mode }: ConnectionRemoval,
  circumstances: Circumstances,
  context: SqlContext,
): Script<Verdict<ConnectionRemovalOutcome>> {
  const { tenantId, connectionId } = scope;
  yield lockTenantFacts(tenantId, "alone", context.dialect);
  const connection = yield* connectionById(scope);
  const settings = yield* settingsOfTenant(tenantId, context);
  if (connection === undefined || settings === undefined) {
    return { kind: "undo", result: { kind: "gone" } };
  }
  const at = new Date(context.nowMs()).toISOString();
  const tenantName = yield* nameOfTenant(tenantId);
  const site: RemovalSite = { tenantId, settings, at, context, scope, connection, tenantName };
  const resources = yield* tellOfResources(site, resourceTypes);
  const leaving = yield* teamsOfGroups(tenantId, connectionId);
  const archiving = new Set(leaving.map(({ team }) => team.teamId));
  const ended = yield* endTies({ ...site, archiving });
  const teams = yield* leaveConnection(scope, site);
  const others = yield* tellOthers(site, teams, ended);
  const rows = yield* dropEverything(scope, context);
  const { memberships, mails } = ended;
  const archived = teamMovesOf(teams.changes).length;
  const removed: RemovedCounts = { resources, memberships, mails, teams: archived, ...rows };
  const told = withTeamsTold(
    {
      moves: [...ended.moves, ...others.moves],
      retained: [...ended.retained, ...others.retained],
    },
    teams,
  );
  const action: ConnectionAction = {
    action: "connection.delete",
    target: { type: "connection", id: connectionId, name: connection.slug },
    differences: [{ path: "removed", before: { ...removed, resources } }],
  };
  yield* recordConnection(connection, action, circumstances, context, told);
  const change = { kind: "remove-connection", connectionId, removed };
  const { kind, result } = concluded({ tenantId, change, mode, told }, {}, context);
  return { kind, result: { ...result, removed } };
}

interface ResourceRow {
  readonly resource_id: string;
  readonly resource_type: string;
  readonly revision: number;
  /** JSON. */
  readonly attributes: string;
  readonly account_id: AccountId | null;
  readonly state: LinkState | null;
}

/** Writes the events of the resources; counts them by type. */
function* tellOfResources(
  { scope, at, context }: RemovalSite,
  resourceTypes: readonly ResourceType[],
): Script<Readonly<Record<string, number>>> {
  const types = new Map(resourceTypes.map((type) => [type.name, type]));
  const counts = new Map<string, number>();
  let last: string | undefined = "";
  while (last !== undefined) {
    const rows: readonly ResourceRow[] = yield* resourcesFrom(scope, last);
    const ids = [...new Set(rows.flatMap(({ account_id }) => account_id ?? []))];
    const accounts = yield* accountsById(ids, context.dialect);
    const refs = new Map(accounts.map(({ accountId, ref }) => [accountId, ref]));
    const events = rows.flatMap((row) => {
      const { account_id: accountId, resource_type: typeName } = row;
      counts.set(typeName, (counts.get(typeName) ?? 0) + 1);
      return removalEventsOf(
        {
          id: row.resource_id,
          typeName,
          resourceType: types.get(typeName),
          revision: row.revision,
          attributes: jsonColumn<JsonObject>(row.attributes),
          account:
            accountId === null
              ? undefined
              : { accountId, ref: refs.get(accountId), isLinked: row.state === "linked" },
        },
        { at, newId: context.newId },
      );
    });
    yield yield* eventRows(scope.tenantId, events, context);
    last = rows[readAtOnceMax - 1]?.resource_id;
  }
  return Object.fromEntries([...counts].toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

function* resourcesFrom(
  { tenantId, connectionId }: Scope,
  after: string,
): Script<readonly ResourceRow[]> {
  return yield* rowsOf<ResourceRow>(
    statement(
      `SELECT r.resource_id, r.resource_type, r.revision, r.attributes, l.account_id, l.state
       FROM resources AS r
       LEFT JOIN links AS l ON l.tenant_id = r.tenant_id AND l.connection_id = r.connection_id
         AND l.resource_id = r.resource_id
       WHERE r.tenant_id = ? AND r.connection_id = ? AND r.resource_id > ?
       ORDER BY r.resource_id LIMIT ?`,
      ...[tenantId, connectionId, after, readAtOnceMax],
    ),
  );
}

/** Whoever has something else in a team of one of its groups, which is archived, and no tie to the connection. */
function* tellOthers(
  site: RemovalSite,
  { before }: MovedTeams,
  { people }: EndedTies,
): Script<ToldAccess> {
  const tied = new Set(people);
  const ids = [...before.keys()].filter((accountId) => !tied.has(accountId));
  if (ids.length === 0) {
    return nothingTold;
  }
  const { tenantId, context } = site;
  const reading = { lock: false, dialect: context.dialect };
  const after = yield* ask(tenantAccountsAsked(tenantId, ids, reading));
  return yield* tellAccess(
    site,
    ids.flatMap((accountId) => {
      const [were, are] = [before.get(accountId), after.get(accountId)];
      return were === undefined || are === undefined ? [] : [{ before: were, after: are }];
    }),
  );
}

interface EndedTies {
  readonly people: readonly AccountId[];
  readonly moves: readonly NamedMove[];
  readonly retained: readonly AccountId[];
  readonly memberships: number;
  readonly mails: number;
}

/** Ends what ties people to the connection, and the memberships that nothing else keeps. */
function* endTies(site: EndingSite): Script<EndedTies> {
  const people: AccountId[] = [];
  const moves: NamedMove[] = [];
  const retained: AccountId[] = [];
  let [memberships, mails] = [0, 0];
  let last: AccountId | undefined = "" as AccountId;
  while (last !== undefined) {
    const ids: readonly AccountId[] = yield* peopleFrom(site.scope, last);
    const part = yield* endTiesOf(site, ids);
    people.push(...ids);
    moves.push(...part.moves);
    retained.push(...part.retained);
    memberships += part.memberships;
    mails += part.mails;
    last = ids[readAtOnceMax - 1];
  }
  return { people, moves, retained, memberships, mails };
}

/** Whoever has a User of the connection, or a lock of its sync. */
function* peopleFrom(
  { tenantId, connectionId }: Scope,
  after: AccountId,
): Script<readonly AccountId[]> {
  const rows = yield* rowsOf<{ account_id: AccountId }>(
    statement(
      `SELECT account_id FROM links WHERE tenant_id = ? AND connection_id = ? AND account_id > ?
       UNION SELECT account_id FROM locks
         WHERE tenant_id = ? AND connection_id = ? AND account_id > ?
       ORDER BY account_id LIMIT ?`,
      ...[tenantId, connectionId, after, tenantId, connectionId, after, readAtOnceMax],
    ),
  );
  return rows.map(({ account_id }) => account_id);
}

function* endTiesOf(
  site: EndingSite,
  ids: readonly AccountId[],
): Script<Omit<EndedTies, "people">> {
  const { tenantId, scope, context } = site;
  const { dialect } = context;
  const reading = { lock: true, dialect };
  const found: ReadonlyMap<AccountId, AccountInTenant> = yield* ask(
    tenantAccountsAsked(tenantId, ids, reading),
  );
  const users = yield* usersOf(scope, ids, context);
  yield ["links", "locks"].map((table) =>
    statement(
      `DELETE FROM ${table} WHERE tenant_id = ? AND connection_id = ?
         AND account_id IN (SELECT ids.value FROM ${dialect.listTable} AS ids)`,
      ...[tenantId, scope.connectionId, JSON.stringify(ids)],
    ),
  );
  const changes = [...found.values()].map((before) => ({
    before,
    after: withoutConnection(before, scope.connectionId, site.archiving),
  }));
  const told = yield* tellAccess(site, changes);
  const kept = new Set(told.retained);
  const ended = changes.filter(
    ({ before, after }) => before.isMember && !after.isMember && !kept.has(before.facts.accountId),
  );
  yield* endMemberships(tenantId, ended, context);
  const mails = yield* recordNoticesOfMany(
    { ...site, connectionName: site.connection.name },
    yield* detachedNotices(site, ended, users),
  );
  return { ...told, memberships: ended.length, mails };
}

function* endMemberships(
  tenantId: TenantId,
  ended: readonly FactsChange[],
  { dialect }: SqlContext,
): Script<void> {
  yield* changesOf(
    statement(
      `DELETE FROM memberships WHERE tenant_id = ?
         AND account_id IN (SELECT ids.value FROM ${dialect.listTable} AS ids)`,
      tenantId,
      JSON.stringify(ended.map(({ before }) => before.facts.accountId)),
    ),
  );
}

interface UserRow {
  readonly account_id: AccountId;
  readonly resource_id: string;
  readonly language: string | null;
}

/** The Users behind accounts, as far as mails speak of them. */
function* usersOf(
  { tenantId, connectionId }: Scope,
  ids: readonly AccountId[],
  { dialect }: SqlContext,
): Script<ReadonlyMap<AccountId, UserRow>> {
  const language = dialect.textAt(dialect.documentIn("r.attributes"), ["preferredLanguage"]);
  const rows = yield* rowsOf<UserRow>(
    compose`SELECT l.account_id, l.resource_id, ${language} AS language
      FROM ${statement(dialect.listTable, JSON.stringify(ids))} AS ids
      CROSS JOIN links AS l
      CROSS JOIN resources AS r
      WHERE l.tenant_id = ${tenantId} AND l.connection_id = ${connectionId}
        AND l.account_id = ids.value AND r.tenant_id = l.tenant_id
        AND r.connection_id = l.connection_id AND r.resource_id = l.resource_id`,
  );
  return new Map(rows.map((row) => [row.account_id, row]));
}

/** Whoever has an account of their own is told; of one that a connection of the tenant made nobody knows (I5). */
function* detachedNotices(
  { tenantId, settings, context }: RemovalSite,
  ended: readonly FactsChange[],
  users: ReadonlyMap<AccountId, UserRow>,
): Script<readonly NoticeToOne[]> {
  const ids = ended.map(({ before }) => before.facts.accountId);
  const accounts = yield* accountsById(ids, context.dialect);
  const elsewhere = yield* knownElsewhere(tenantId, ids, context);
  const byId = new Map(accounts.map((account) => [account.accountId, account]));
  return ended.flatMap(({ before: { facts } }): readonly NoticeToOne[] => {
    const { accountId } = facts;
    const [account, user] = [byId.get(accountId), users.get(accountId)];
    const isMadeHere =
      account?.madeBy?.tenantId === tenantId && !account.hasLogin && !elsewhere.has(accountId);
    if (account === undefined || user === undefined || isMadeHere) {
      return [];
    }
    const language = account.preferredLanguage ?? user.language ?? undefined;
    const { role } = effectiveAccessOf(facts, settings);
    const notice = { kind: "detached" as const, account, language, role };
    return [{ resourceId: user.resource_id, notice }];
  });
}

function* knownElsewhere(
  tenantId: TenantId,
  ids: readonly AccountId[],
  { dialect }: SqlContext,
): Script<ReadonlySet<AccountId>> {
  const rows = yield* rowsOf<{ account_id: AccountId }>(
    statement(
      `SELECT account_id FROM account_tenants
       WHERE tenant_id <> ? AND account_id IN (SELECT ids.value FROM ${dialect.listTable} AS ids)`,
      tenantId,
      JSON.stringify(ids),
    ),
  );
  return new Set(rows.map(({ account_id }) => account_id));
}

/** What belongs to a connection, in the order in which it can go. */
const tablesOfConnection = [
  "invitations",
  "links",
  "group_grants",
  "mapped_groups",
  "tombstone_keys",
  "tombstones",
  "members",
  "relations",
  "unique_keys",
  "point_values",
  "resources",
  "resource_totals",
] as const;

function* dropEverything(
  { tenantId, connectionId }: Scope,
  { dialect }: SqlContext,
): Script<Pick<RemovedCounts, "mappings" | "credentials">> {
  const credentialIds = yield* rowsOf<{ credential_id: string }>(
    statement(
      `SELECT credential_id FROM credentials WHERE tenant_id = ? AND connection_id = ?`,
      tenantId,
      connectionId,
    ),
  );
  const clientIds = yield* clientsOfConnection({ tenantId, connectionId });
  yield* changesOf(
    statement(
      `DELETE FROM credential_ids
       WHERE credential_id IN (SELECT ids.value FROM ${dialect.listTable} AS ids)`,
      JSON.stringify([...credentialIds.map(({ credential_id }) => credential_id), ...clientIds]),
    ),
  );
  yield* dropAssertionsOf(tenantId, clientIds, dialect);
  const drop = (table: string) =>
    changesOf(
      statement(
        `DELETE FROM ${table} WHERE tenant_id = ? AND connection_id = ?`,
        tenantId,
        connectionId,
      ),
    );
  for (const table of tablesOfConnection) {
    yield* drop(table);
  }
  if (dialect.writers === "many") {
    yield* drop("resource_total_deltas");
  }
  const mappings = yield* drop("group_mappings");
  const credentials = (yield* drop("credentials")) + (yield* drop("oauth_clients"));
  yield* drop("connections");
  return { mappings, credentials };
}
