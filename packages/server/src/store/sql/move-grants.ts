/** From grants that came and went to the people whose access they change. */
import type { AccountId, Grant, GroupGrant, Link } from "../../domain/account.ts";
import { keepsMembership } from "../../domain/effective-access.ts";
import type { GroupMapping } from "../../domain/group-mapping.ts";
import type { AccountInTenant } from "../../domain/membership-edit.ts";
import type { ConnectionId, MappingId, Scope, TeamId, TenantId } from "../../domain/tenant.ts";
import { ask } from "./asked.ts";
import type { GrantRow } from "./group-closure.ts";
import type { MappedGroup } from "./group-mappings.ts";
import { grantsOfMapping } from "./group-mappings.ts";
import { tenantAccountsAsked } from "./membership-facts.ts";
import type { Script } from "./script.ts";
import { rowsOf } from "./script.ts";
import type { SqlContext } from "./sql-context.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import { compose, statement } from "./statement.ts";
import type { FactsChange } from "./tell-access.ts";

/** What came and went in one connection. */
export interface MovedGrants {
  readonly connectionId: ConnectionId;
  readonly given: readonly GrantRow[];
  readonly taken: readonly GrantRow[];
}

/** What a mapping gives, as far as grants that are gone have to be told. */
export type MappedRole = Pick<GroupMapping, "mappingId" | "teamId" | "role">;

interface MappedRoleRow {
  readonly mapping_id: MappingId;
  readonly team_id: TeamId | "";
  readonly role: string;
}

/**
 * Reads what mappings give at present, some of them or all; those for archived teams give nothing. With those of teams
 * that follow a group there may be many.
 */
export function* mappedRoles(
  tenantId: TenantId,
  dialect: SqlDialect,
  mappingIds?: readonly MappingId[],
): Script<ReadonlyMap<MappingId, MappedRole>> {
  const which =
    mappingIds === undefined
      ? statement("")
      : compose`AND ${dialect.oneOf("m.mapping_id", mappingIds)}`;
  const rows = yield* rowsOf<MappedRoleRow>(
    compose`SELECT m.mapping_id, m.team_id, m.role FROM group_mappings AS m
      WHERE m.tenant_id = ${tenantId} ${which} AND (m.team_id = '' OR EXISTS (
        SELECT 1 FROM teams AS t WHERE t.tenant_id = m.tenant_id AND t.team_id = m.team_id
          AND t.archived_at IS NULL))`,
  );
  return new Map(
    rows.map(({ mapping_id: mappingId, team_id, role }) => [
      mappingId,
      { mappingId, teamId: team_id === "" ? undefined : team_id, role },
    ]),
  );
}

/** A grant that the groups of a login give, or gave. */
export interface LoginMove {
  readonly accountId: AccountId;
  readonly grant: Grant;
}

/** Everything that came and went in a tenant. */
export interface TenantMoves {
  readonly byConnection: readonly MovedGrants[];
  readonly logins: { readonly given: readonly LoginMove[]; readonly taken: readonly LoginMove[] };
}

/** Puts what came and went in one connection together: each is listed once. */
export function mergedMoves(moves: readonly MovedGrants[]): readonly MovedGrants[] {
  const connectionIds = new Set(moves.map(({ connectionId }) => connectionId));
  return [...connectionIds].map((connectionId) => {
    const own = moves.filter((one) => one.connectionId === connectionId);
    return {
      connectionId,
      given: own.flatMap(({ given }) => given),
      taken: own.flatMap(({ taken }) => taken),
    };
  });
}

/** Moves of which none is by login. */
export const noLoginMoves: TenantMoves["logins"] = { given: [], taken: [] };

/** Finds the accounts behind what moved, and what the tenant had and has on them; `before` is what mappings gave then. */
export function* factsMoved(
  tenantId: TenantId,
  { byConnection, logins }: TenantMoves,
  before: ReadonlyMap<MappingId, MappedRole>,
  { dialect }: SqlContext,
): Script<readonly FactsChange[]> {
  const accountIds = new Set([...logins.given, ...logins.taken].map(({ accountId }) => accountId));
  const movesOf = new Map<ConnectionId, ReadonlyMap<string, UserMoves>>();
  for (const moved of byConnection) {
    const scope = { tenantId, connectionId: moved.connectionId };
    const byUser = movesByUser(moved);
    movesOf.set(moved.connectionId, byUser);
    for (const accountId of yield* accountsBehind(scope, [...byUser.keys()], dialect.listTable)) {
      accountIds.add(accountId);
    }
  }
  if (accountIds.size === 0) {
    return [];
  }
  const facts = yield* ask(
    tenantAccountsAsked(tenantId, [...accountIds].sort(), { lock: true, dialect }),
  );
  const archived = logins.taken.length === 0 ? undefined : yield* archivedTeams(tenantId);
  const givenTo = movesByAccount(logins.given);
  const takenFrom = movesByAccount(
    logins.taken.filter(
      ({ grant: { teamId } }) => teamId === undefined || archived?.has(teamId) !== true,
    ),
  );
  return [...facts.values()].map((found) => {
    const { accountId } = found.facts;
    // Whom logins alone have kept is no member once they give nothing more.
    const after = { ...found, isMember: found.isMember && keepsMembership(found.facts) };
    const were = withLinks(found, (link) => {
      const moves = movesOf.get(link.connectionId)?.get(link.resourceId);
      return moves === undefined ? link : undone(link, moves, before);
    });
    const grants = [
      ...were.facts.grants.filter(
        (grant) => !(givenTo.get(accountId) ?? []).some((given) => isSameGrant(given, grant)),
      ),
      ...(takenFrom.get(accountId) ?? []),
    ];
    return { before: { ...were, facts: { ...were.facts, grants } }, after };
  });
}

function movesByAccount(moves: readonly LoginMove[]): ReadonlyMap<AccountId, readonly Grant[]> {
  const byAccount = new Map<AccountId, Grant[]>();
  for (const { accountId, grant } of moves) {
    byAccount.set(accountId, [...(byAccount.get(accountId) ?? []), grant]);
  }
  return byAccount;
}

function isSameGrant(one: Grant, other: Grant): boolean {
  return (
    one.source === other.source && one.sourceId === other.sourceId && one.teamId === other.teamId
  );
}

interface UserMoves {
  readonly given: GrantRow[];
  readonly taken: GrantRow[];
}

function movesByUser({ given, taken }: MovedGrants): ReadonlyMap<string, UserMoves> {
  const byUser = new Map<string, UserMoves>();
  const movesOf = (userId: string) => {
    const known = byUser.get(userId) ?? { given: [], taken: [] };
    byUser.set(userId, known);
    return known;
  };
  for (const row of given) {
    movesOf(row.resource_id).given.push(row);
  }
  for (const row of taken) {
    movesOf(row.resource_id).taken.push(row);
  }
  return byUser;
}

/** The link with the grants as they were. */
function undone(
  link: Link,
  { given, taken }: UserMoves,
  before: ReadonlyMap<MappingId, MappedRole>,
): Link {
  const isNew = ({ groupId, mappingId }: GroupGrant) =>
    given.some((row) => row.group_id === groupId && row.mapping_id === mappingId);
  const gone = taken.flatMap((row): readonly GroupGrant[] => {
    const mapping = before.get(row.mapping_id);
    return mapping === undefined
      ? []
      : [
          {
            groupId: row.group_id,
            mappingId: row.mapping_id,
            teamId: mapping.teamId,
            role: mapping.role,
            // Of what is gone only where it was counts.
            at: "",
            requestId: undefined,
          },
        ];
  });
  return { ...link, groupGrants: [...link.groupGrants.filter((one) => !isNew(one)), ...gone] };
}

/** An account with its links changed. */
export function withLinks(account: AccountInTenant, change: (link: Link) => Link): AccountInTenant {
  const { facts } = account;
  return { ...account, facts: { ...facts, links: facts.links.map(change) } };
}

function* accountsBehind(
  { tenantId, connectionId }: Scope,
  userIds: readonly string[],
  listTable: string,
): Script<ReadonlySet<AccountId>> {
  const rows = yield* rowsOf<{ account_id: AccountId }>(
    statement(
      `SELECT l.account_id FROM ${listTable} AS ids
       CROSS JOIN links AS l
       WHERE l.tenant_id = ? AND l.connection_id = ? AND l.resource_id = ids.value
         AND l.account_id IS NOT NULL
       ORDER BY l.account_id`,
      JSON.stringify(userIds),
      tenantId,
      connectionId,
    ),
  );
  return new Set(rows.map(({ account_id }) => account_id));
}

function* archivedTeams(tenantId: TenantId): Script<ReadonlySet<TeamId>> {
  const rows = yield* rowsOf<{ team_id: TeamId }>(
    statement(
      `SELECT team_id FROM teams WHERE tenant_id = ? AND archived_at IS NOT NULL`,
      tenantId,
    ),
  );
  return new Set(rows.map(({ team_id }) => team_id));
}

/** What a mapping gives at present, as if it had just been taken and given again: for whom it is worth something else. */
export function* grantsGivenBy(
  { tenantId, mappingId }: GroupMapping,
  groups: readonly MappedGroup[],
  dialect: SqlDialect,
): Script<readonly MovedGrants[]> {
  const moved: MovedGrants[] = [];
  for (const connectionId of new Set(groups.map((group) => group.connectionId))) {
    const groupIds = groups
      .filter((group) => group.connectionId === connectionId)
      .map(({ groupId }) => groupId);
    const scope = { tenantId, connectionId };
    const rows = yield* rowsOf<GrantRow>(grantsOfMapping(scope, mappingId, groupIds, dialect));
    moved.push({ connectionId, given: rows, taken: rows });
  }
  return moved;
}
