/** Teams of a tenant: making, renaming, archiving, each with its audit entry, its event and what it means for members. */
import { fold } from "@rollcall/scim";
import type { AccountId } from "../../domain/account.ts";
import type { Circumstances } from "../../domain/audit-entry.ts";
import type { OutboxEvent } from "../../domain/outbox-event.ts";
import type { Team, TeamOutcome } from "../../domain/team.ts";
import type { ConnectionId, TeamId, TenantId } from "../../domain/tenant.ts";
import { ask } from "./asked.ts";
import { tenantAccountsAsked } from "./membership-facts.ts";
import type { AdminAction } from "./record-consequences.ts";
import { adminAuditEntry, consequenceRows } from "./record-consequences.ts";
import type { Script, Verdict } from "./script.ts";
import { changesOf, firstRowOf, rowsOf } from "./script.ts";
import type { SqlContext } from "./sql-context.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import { statement } from "./statement.ts";
import type { FactsChange, ToldAccess } from "./tell-access.ts";
import { nothingTold, tellAccess, withAccess } from "./tell-access.ts";
import { lockTenantFacts } from "./tenant-facts.ts";
import { settingsOfTenant } from "./tenant-members.ts";

interface TeamRow {
  readonly team_id: TeamId;
  readonly name: string;
  readonly connection_id: ConnectionId | null;
  readonly group_id: string | null;
  readonly created_at: string;
  readonly archived_at: string | null;
}

const columns = "team_id, name, connection_id, group_id, created_at, archived_at";

/** Lists the teams of a tenant, archived ones too, in the order of their ids, which is that of their creation. */
export function* listTeams(tenantId: TenantId): Script<readonly Team[]> {
  const rows = yield* rowsOf<TeamRow>(
    statement(`SELECT ${columns} FROM teams WHERE tenant_id = ? ORDER BY team_id`, tenantId),
  );
  return rows.map((row) => teamOf(tenantId, row));
}

/** Finds a team by its id. */
export function* teamById(tenantId: TenantId, teamId: TeamId): Script<Team | undefined> {
  const row = yield* firstRowOf<TeamRow>(
    statement(`SELECT ${columns} FROM teams WHERE tenant_id = ? AND team_id = ?`, tenantId, teamId),
  );
  return row && teamOf(tenantId, row);
}

/** Reads some teams; those that there are not are left out. */
export function* teamsByIds(
  tenantId: TenantId,
  teamIds: readonly TeamId[],
  { listTable }: Pick<SqlDialect, "listTable">,
): Script<readonly Team[]> {
  const rows = yield* rowsOf<TeamRow>(
    statement(
      `SELECT ${columns} FROM teams
       WHERE tenant_id = ? AND team_id IN (SELECT ids.value FROM ${listTable} AS ids)`,
      tenantId,
      JSON.stringify(teamIds),
    ),
  );
  return rows.map((row) => teamOf(tenantId, row));
}

/** Finds a live team by its name, whatever the letter case. */
export function* teamByName(tenantId: TenantId, name: string): Script<Team | undefined> {
  const row = yield* firstRowOf<TeamRow>(
    statement(
      `SELECT ${columns} FROM teams WHERE tenant_id = ? AND live_name = ?`,
      tenantId,
      fold(name),
    ),
  );
  return row && teamOf(tenantId, row);
}

/** Finds a team that is not archived. */
export function* liveTeam(tenantId: TenantId, teamId: TeamId): Script<Team | undefined> {
  const team = yield* teamById(tenantId, teamId);
  return team?.archived === undefined ? team : undefined;
}

/** Makes a team. */
export function* createTeam(
  team: Team,
  circumstances: Circumstances,
  context: SqlContext,
): Script<Verdict<TeamOutcome>> {
  const { tenantId } = team;
  yield lockTenantFacts(tenantId, "shared", context.dialect);
  if ((yield* settingsOfTenant(tenantId, context)) === undefined) {
    return undo({ kind: "gone" });
  }
  if (!(yield* insertTeam(team))) {
    return undo(yield* takenBy(tenantId, team.name));
  }
  yield* recordTeam({ action: "team.create", before: undefined, after: team }, nothingTold, {
    circumstances,
    context,
  });
  return { kind: "keep", result: { kind: "done", team } };
}

/** Writes a team; answers false where a live one has the name. */
export function* insertTeam({ tenantId, teamId, name, group, created }: Team): Script<boolean> {
  const inserted = yield* changesOf(
    statement(
      `INSERT INTO teams
         (tenant_id, team_id, name, live_name, connection_id, group_id, created_at, archived_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, NULL)
       ON CONFLICT (tenant_id, live_name) WHERE live_name IS NOT NULL DO NOTHING`,
      ...[tenantId, teamId, name, fold(name)],
      ...[group?.connectionId ?? null, group?.groupId ?? null, created],
    ),
  );
  return inserted === 1;
}

/** Gives a team another name. */
export function* renameTeam(
  { tenantId, teamId, name }: Pick<Team, "tenantId" | "teamId" | "name">,
  circumstances: Circumstances,
  context: SqlContext,
): Script<Verdict<TeamOutcome>> {
  yield lockTenantFacts(tenantId, "shared", context.dialect);
  const before = yield* teamById(tenantId, teamId);
  if (before === undefined) {
    return undo({ kind: "gone" });
  }
  if (before.name === name) {
    return undo({ kind: "done", team: before });
  }
  if (!(yield* saveName(before, name))) {
    return undo(yield* takenBy(tenantId, name));
  }
  const team = { ...before, name };
  yield* recordTeam({ action: "team.rename", before, after: team }, nothingTold, {
    circumstances,
    context,
  });
  return { kind: "keep", result: { kind: "done", team } };
}

/** Writes another name; answers false where another live team has it. */
export function* saveName({ tenantId, teamId, archived }: Team, name: string): Script<boolean> {
  const live = archived === undefined ? fold(name) : null;
  const changed = yield* changesOf(
    statement(
      `UPDATE teams SET name = ?, live_name = ?
       WHERE tenant_id = ? AND team_id = ? AND NOT EXISTS (
         SELECT 1 FROM teams AS o
         WHERE o.tenant_id = ? AND o.live_name = ? AND o.team_id <> ?)`,
      ...[name, live, tenantId, teamId, tenantId, live, teamId],
    ),
  );
  return changed === 1;
}

/** Archives a team, or makes it live again: its grants stay, and have effect only while it is live. */
export function* archiveTeam(
  {
    tenantId,
    teamId,
    isArchived,
  }: Pick<Team, "tenantId" | "teamId"> & {
    readonly isArchived: boolean;
  },
  circumstances: Circumstances,
  context: SqlContext,
): Script<Verdict<TeamOutcome>> {
  yield lockTenantFacts(tenantId, "alone", context.dialect);
  const settings = yield* settingsOfTenant(tenantId, context);
  const before = yield* teamById(tenantId, teamId);
  if (settings === undefined || before === undefined) {
    return undo({ kind: "gone" });
  }
  if ((before.archived !== undefined) === isArchived) {
    return undo({ kind: "done", team: before });
  }
  if (settings.defaultTeam === teamId) {
    return undo({ kind: "default-team" });
  }
  const at = new Date(context.nowMs()).toISOString();
  const team = { ...before, archived: isArchived ? at : undefined };
  const told = yield* tellAccess(
    { tenantId, settings, at, context },
    yield* saveArchived(team, context),
  );
  if (!isArchived && !(yield* saveName(team, team.name))) {
    return undo(yield* takenBy(tenantId, team.name));
  }
  const action = isArchived ? "team.archive" : "team.restore";
  yield* recordTeam({ action, before, after: team }, told, { circumstances, context });
  return { kind: "keep", result: { kind: "done", team } };
}

/** Writes whether a team is archived; gives what that means for the facts of whoever has anything in it. */
export function* saveArchived(
  { tenantId, teamId, archived }: Team,
  { dialect }: SqlContext,
): Script<readonly FactsChange[]> {
  const ids = yield* accountsInTeam(tenantId, teamId);
  const asked = tenantAccountsAsked(tenantId, ids, { lock: true, dialect });
  const before = yield* ask(asked);
  yield [
    statement(
      `UPDATE teams SET archived_at = ?, live_name = NULL WHERE tenant_id = ? AND team_id = ?`,
      archived ?? null,
      tenantId,
      teamId,
    ),
  ];
  const after = yield* ask(asked);
  return ids.flatMap((accountId) => {
    const [were, are] = [before.get(accountId), after.get(accountId)];
    return were === undefined || are === undefined ? [] : [{ before: were, after: are }];
  });
}

/** Whoever has a grant in the team, or a User that groups give one. */
function* accountsInTeam(tenantId: TenantId, teamId: TeamId): Script<readonly AccountId[]> {
  const rows = yield* rowsOf<{ account_id: AccountId }>(
    statement(
      `SELECT account_id FROM grants WHERE tenant_id = ? AND team_id = ? AND team_id <> ''
       UNION SELECT l.account_id FROM group_mappings AS m
         CROSS JOIN mapped_groups AS p
         CROSS JOIN group_grants AS g
         CROSS JOIN links AS l
         WHERE m.tenant_id = ? AND m.team_id = ?
           AND p.tenant_id = m.tenant_id AND p.mapping_id = m.mapping_id
           AND g.tenant_id = p.tenant_id AND g.connection_id = p.connection_id
           AND g.group_id = p.group_id AND g.mapping_id = p.mapping_id
           AND l.tenant_id = g.tenant_id AND l.connection_id = g.connection_id
           AND l.resource_id = g.resource_id AND l.account_id IS NOT NULL
       ORDER BY account_id`,
      tenantId,
      teamId,
      tenantId,
      teamId,
    ),
  );
  return rows.map(({ account_id }) => account_id);
}

interface TeamChange {
  readonly action: "team.create" | "team.rename" | "team.archive" | "team.restore";
  readonly before: Team | undefined;
  readonly after: Team;
}

/** Writes audit entry and event of what happened to a team. */
export function* recordTeam(
  { action, before, after }: TeamChange,
  told: ToldAccess,
  {
    circumstances,
    context,
  }: { readonly circumstances: Circumstances; readonly context: SqlContext },
): Script<void> {
  const adminAction: AdminAction = {
    action,
    target: { type: "team", id: after.teamId, name: after.name },
    differences: (["name", "archived"] as const).flatMap((path) => {
      const [from, to] = [before?.[path], after[path]];
      return from === to
        ? []
        : [
            {
              path,
              ...(from === undefined ? {} : { before: from }),
              ...(to === undefined ? {} : { after: to }),
            },
          ];
    }),
  };
  const entry = adminAuditEntry(adminAction, circumstances, context);
  yield yield* consequenceRows(
    after.tenantId,
    {
      auditEntry: withAccess(entry, told),
      outboxEvents: [teamEventOf(after, before === undefined, entry.at, context)],
    },
    context,
  );
}

function teamEventOf(
  { teamId, name, archived }: Team,
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
    data: { id: teamId, resourceType: "Team", revision, name, archived: archived ?? null },
  };
}

function* takenBy(tenantId: TenantId, name: string): Script<TeamOutcome> {
  const team = yield* teamByName(tenantId, name);
  return team === undefined ? { kind: "gone" } : { kind: "taken", by: team.teamId };
}

function teamOf(tenantId: TenantId, row: TeamRow): Team {
  const { connection_id: connectionId, group_id: groupId } = row;
  return {
    tenantId,
    teamId: row.team_id,
    name: row.name,
    group: connectionId === null || groupId === null ? undefined : { connectionId, groupId },
    created: row.created_at,
    archived: row.archived_at ?? undefined,
  };
}

function undo(result: TeamOutcome): Verdict<TeamOutcome> {
  return { kind: "undo", result };
}
