/** The rows of teams, those of groups among them: read and written set by set, and what the application is told of them. */
import { fold } from "@rollcall/scim";
import type { AccountId } from "../../domain/account.ts";
import type { OutboxEvent } from "../../domain/outbox-event.ts";
import type { Team } from "../../domain/team.ts";
import type { ConnectionId, TeamId, TenantId } from "../../domain/tenant.ts";
import { insertRows } from "./insert-rows.ts";
import type { Script } from "./script.ts";
import { rowsOf } from "./script.ts";
import type { SqlContext } from "./sql-context.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import type { Statement } from "./statement.ts";
import { compose, statement } from "./statement.ts";

/** A row of the table. */
export interface TeamRow {
  readonly team_id: TeamId;
  readonly name: string;
  readonly connection_id: ConnectionId | null;
  readonly group_id: string | null;
  readonly created_at: string;
  readonly archived_at: string | null;
  readonly named_by_hand: number;
  readonly archived_by_hand: number;
}

/** The columns of a row. */
export const teamColumns: readonly string[] = [
  "team_id",
  "name",
  "connection_id",
  "group_id",
  "created_at",
  "archived_at",
  "named_by_hand",
  "archived_by_hand",
];

/** The team of a row. */
export function teamOf(tenantId: TenantId, row: TeamRow): Team {
  const { connection_id: connectionId, group_id: groupId } = row;
  return {
    tenantId,
    teamId: row.team_id,
    name: row.name,
    group: connectionId === null || groupId === null ? undefined : { connectionId, groupId },
    created: row.created_at,
    archived: row.archived_at ?? undefined,
    ...(row.named_by_hand === 1 ? { namedByHand: true } : {}),
    ...(row.archived_by_hand === 1 ? { archivedByHand: true } : {}),
  };
}

/** Writes new teams; one whose name a live team has is left out. */
export function insertTeams(tenantId: TenantId, teams: readonly Team[]): readonly Statement[] {
  return insertRows({
    into: `teams (tenant_id, team_id, name, live_name, connection_id, group_id, created_at,
      archived_at, named_by_hand, archived_by_hand)`,
    shared: [tenantId],
    rows: teams.map((team) => [
      team.teamId,
      team.name,
      liveNameOf(team),
      team.group?.connectionId ?? null,
      team.group?.groupId ?? null,
      team.created,
      team.archived ?? null,
      team.namedByHand === true ? 1 : 0,
      team.archivedByHand === true ? 1 : 0,
    ]),
    ending: "ON CONFLICT (tenant_id, live_name) WHERE live_name IS NOT NULL DO NOTHING",
  });
}

/** Lets go of the names of teams, so that others may have them. */
export function freeTeamNames(
  tenantId: TenantId,
  teamIds: readonly TeamId[],
  { oneOf }: SqlDialect,
): Statement {
  return compose`UPDATE teams SET live_name = NULL
    WHERE tenant_id = ${tenantId} AND ${oneOf("team_id", teamIds)}`;
}

/** Writes teams as they are now, once their names are free. */
export function updateTeams(
  tenantId: TenantId,
  teams: readonly Team[],
  dialect: SqlDialect,
): Statement {
  const document = dialect.documentIn("ids.value");
  const text = (name: string) => dialect.textAt(document, [name]);
  const flag = (name: string) => compose`CASE WHEN ${text(name)} = 'yes' THEN 1 ELSE 0 END`;
  const documents = teams.map((team) =>
    JSON.stringify({
      teamId: team.teamId,
      name: team.name,
      liveName: liveNameOf(team),
      connectionId: team.group?.connectionId ?? null,
      groupId: team.group?.groupId ?? null,
      archived: team.archived ?? null,
      named: team.namedByHand === true ? "yes" : "no",
      hidden: team.archivedByHand === true ? "yes" : "no",
    }),
  );
  return compose`UPDATE teams SET name = n.name, live_name = n.live_name,
      connection_id = n.connection_id, group_id = n.group_id, archived_at = n.archived_at,
      named_by_hand = n.named_by_hand, archived_by_hand = n.archived_by_hand
    FROM (SELECT ${text("teamId")} AS team_id, ${text("name")} AS name,
        ${text("liveName")} AS live_name, ${text("connectionId")} AS connection_id,
        ${text("groupId")} AS group_id, ${text("archived")} AS archived_at,
        ${flag("named")} AS named_by_hand, ${flag("hidden")} AS archived_by_hand
      FROM ${statement(dialect.listTable, JSON.stringify(documents))} AS ids) AS n
    WHERE teams.tenant_id = ${tenantId} AND teams.team_id = n.team_id`;
}

/** What a live team is found by; null for one that is archived. */
function liveNameOf({ name, archived }: Pick<Team, "name" | "archived">): string | null {
  return archived === undefined ? fold(name) : null;
}

/** Which of some names live teams have, but for some of the teams; all of them folded. */
export function* takenTeamNames(
  tenantId: TenantId,
  names: readonly string[],
  but: readonly TeamId[],
  { oneOf }: SqlDialect,
): Script<ReadonlySet<string>> {
  const folded = [...new Set(names.map(fold))];
  const rows = yield* rowsOf<{ team_id: TeamId; live_name: string }>(
    compose`SELECT team_id, live_name FROM teams
      WHERE tenant_id = ${tenantId} AND ${oneOf("live_name", folded)} AND live_name IS NOT NULL`,
  );
  const own = new Set(but);
  return new Set(rows.filter(({ team_id }) => !own.has(team_id)).map(({ live_name }) => live_name));
}

/** Whoever has a grant in one of some teams, or a User that groups give one; `others` leaves out a team's own mapping. */
export function* accountsInTeams(
  tenantId: TenantId,
  teamIds: readonly TeamId[],
  mappings: "all" | "others",
  { listTable, eachOf }: SqlDialect,
): Script<readonly AccountId[]> {
  const which = statement(mappings === "all" ? "" : "AND m.mapping_id <> m.team_id");
  const teams = () => statement(listTable, JSON.stringify(teamIds));
  const rows = yield* rowsOf<{ account_id: AccountId }>(
    compose`SELECT g.account_id FROM ${teams()} AS ids
       ${eachOf("grants", "g", ["account_id"], compose`g.tenant_id = ${tenantId} AND g.team_id = ids.value AND g.team_id <> ''`)}
       UNION SELECT l.account_id FROM ${teams()} AS ids
         ${eachOf("group_mappings", "m", ["mapping_id"], compose`m.tenant_id = ${tenantId} AND m.team_id = ids.value ${which}`)}
         ${eachOf("mapped_groups", "p", ["connection_id", "group_id", "mapping_id"], compose`p.tenant_id = ${tenantId} AND p.mapping_id = m.mapping_id`)}
         ${eachOf("group_grants", "r", ["connection_id", "resource_id"], compose`r.tenant_id = ${tenantId} AND r.connection_id = p.connection_id AND r.group_id = p.group_id AND r.mapping_id = p.mapping_id`)}
         ${eachOf("links", "l", ["account_id"], compose`l.tenant_id = ${tenantId} AND l.connection_id = r.connection_id AND l.resource_id = r.resource_id AND l.account_id IS NOT NULL`)}
       ORDER BY account_id`,
  );
  return rows.map(({ account_id }) => account_id);
}

/** What the application is told of a team. */
export function teamEventOf(
  { teamId, name, archived, group }: Team,
  isNew: boolean,
  at: string,
  { newId, newSequence }: SqlContext,
): OutboxEvent {
  const revision = newSequence();
  return {
    eventId: newId(),
    type: isNew ? "team.created" : "team.updated",
    at,
    resourceType: "Team",
    resourceId: teamId,
    revision,
    data: {
      id: teamId,
      resourceType: "Team",
      revision,
      name,
      archived: archived ?? null,
      groupId: group?.groupId ?? null,
    },
  };
}
