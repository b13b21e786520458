/** Teams of a tenant: making, renaming, archiving, each with its audit entry, its event and what it means for members. */
import type { JsonObject } from "@rollcall/scim";
import { fold, sameJson } from "@rollcall/scim";
import type { Circumstances } from "../../domain/audit-entry.ts";
import { teamNamesOfGroup } from "../../domain/group-team.ts";
import type { Team, TeamOutcome, TeamWish } from "../../domain/team.ts";
import type { TeamId, TenantId } from "../../domain/tenant.ts";
import type { TenantSettings } from "../../domain/tenant-settings.ts";
import { ask } from "./asked.ts";
import { tenantAccountsAsked } from "./membership-facts.ts";
import type { AdminAction } from "./record-consequences.ts";
import { adminAuditEntry, consequenceRows } from "./record-consequences.ts";
import type { Script, Verdict } from "./script.ts";
import { changesOf, firstRowOf, rowsOf } from "./script.ts";
import type { SqlContext } from "./sql-context.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import { statement } from "./statement.ts";
import type { TeamRow } from "./team-rows.ts";
import {
  accountsInTeams,
  freeTeamNames,
  insertTeams,
  takenTeamNames,
  teamColumns,
  teamEventOf,
  teamOf,
  updateTeams,
} from "./team-rows.ts";
import type { FactsChange, ToldAccess } from "./tell-access.ts";
import { nothingTold, tellAccess, withAccess } from "./tell-access.ts";
import { lockTenantFacts } from "./tenant-facts.ts";
import { settingsOfTenant } from "./tenant-members.ts";

const columns = teamColumns.join(", ");

/** Lists the teams of a tenant, archived ones too, in the order of their creation. */
export function* listTeams(tenantId: TenantId): Script<readonly Team[]> {
  const rows = yield* rowsOf<TeamRow>(
    statement(
      `SELECT ${columns} FROM teams WHERE tenant_id = ? ORDER BY created_at, team_id`,
      tenantId,
    ),
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
function* teamByName(tenantId: TenantId, name: string): Script<Team | undefined> {
  const row = yield* firstRowOf<TeamRow>(
    statement(
      `SELECT ${columns} FROM teams WHERE tenant_id = ? AND live_name = ?`,
      tenantId,
      fold(name),
    ),
  );
  return row && teamOf(tenantId, row);
}

/** Makes a team, or puts one in that was archived elsewhere. */
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
  const [inserted] = yield insertTeams(tenantId, [team]);
  if (inserted?.changes !== 1) {
    return undo(yield* takenBy(tenantId, team.name));
  }
  yield* recordTeam({ action: "team.create", before: undefined, after: team }, nothingTold, {
    circumstances,
    context,
  });
  return { kind: "keep", result: { kind: "done", team } };
}

/** Gives a team another name; one of a group is called as its group again where there is none. */
export function* renameTeam(
  wish: TeamWish & { readonly name: string | undefined },
  circumstances: Circumstances,
  context: SqlContext,
): Script<Verdict<TeamOutcome>> {
  const { tenantId, teamId, name: wanted } = wish;
  yield lockTenantFacts(tenantId, "shared", context.dialect);
  const settings = yield* settingsOfTenant(tenantId, context);
  const before = yield* teamById(tenantId, teamId);
  const obstacle = obstacleTo(wish, before);
  if (settings === undefined || before === undefined || obstacle !== undefined) {
    return undo(obstacle ?? { kind: "gone" });
  }
  if (wanted === undefined && before.group === undefined) {
    return undo({ kind: "no-group" });
  }
  const name = wanted ?? (yield* nameByGroup(before, settings, context));
  const namedByHand = wanted !== undefined && before.group !== undefined;
  if (before.name === name && namedByHand === (before.namedByHand === true)) {
    return undo({ kind: "done", team: before });
  }
  const { namedByHand: _, ...rest } = before;
  const team: Team = { ...rest, name, ...(namedByHand ? { namedByHand } : {}) };
  if (!(yield* saveName(team))) {
    return undo(yield* takenBy(tenantId, name));
  }
  yield* recordTeam({ action: "team.rename", before, after: team }, nothingTold, {
    circumstances,
    context,
  });
  return { kind: "keep", result: { kind: "done", team } };
}

/** What a team is called that follows its group: what it would be if nobody had named it. */
function* nameByGroup(
  { tenantId, teamId, name, group }: Team,
  settings: TenantSettings,
  { dialect }: SqlContext,
): Script<string> {
  const { connectionId = "", groupId = "" } = group ?? {};
  const row = yield* firstRowOf<{ display: string | null }>(
    statement(
      `SELECT display FROM resources WHERE tenant_id = ? AND connection_id = ? AND resource_id = ?`,
      tenantId,
      connectionId,
      groupId,
    ),
  );
  if (row === undefined) {
    return name;
  }
  const names = teamNamesOfGroup({ name: row.display ?? "", groupId }, settings);
  const taken = yield* takenTeamNames(tenantId, names, [teamId], dialect);
  return names.find((one) => !taken.has(fold(one))) ?? name;
}

/** Writes another name; answers false where another live team has it. */
function* saveName({ tenantId, teamId, name, archived, namedByHand }: Team): Script<boolean> {
  const live = archived === undefined ? fold(name) : null;
  const changed = yield* changesOf(
    statement(
      `UPDATE teams SET name = ?, live_name = ?, named_by_hand = ?
       WHERE tenant_id = ? AND team_id = ? AND NOT EXISTS (
         SELECT 1 FROM teams AS o
         WHERE o.tenant_id = ? AND o.live_name = ? AND o.team_id <> ?)`,
      ...[name, live, namedByHand === true ? 1 : 0, tenantId, teamId, tenantId, live, teamId],
    ),
  );
  return changed === 1;
}

/** Archives a team, or makes it live again: its grants stay, and have effect only while it is live. */
export function* archiveTeam(
  wish: TeamWish & { readonly isArchived: boolean },
  circumstances: Circumstances,
  context: SqlContext,
): Script<Verdict<TeamOutcome>> {
  const { tenantId, teamId, isArchived } = wish;
  yield lockTenantFacts(tenantId, "alone", context.dialect);
  const settings = yield* settingsOfTenant(tenantId, context);
  const before = yield* teamById(tenantId, teamId);
  const obstacle = obstacleTo(wish, before);
  if (settings === undefined || before === undefined || obstacle !== undefined) {
    return undo(obstacle ?? { kind: "gone" });
  }
  if ((before.archived !== undefined) === isArchived) {
    return undo({ kind: "done", team: before });
  }
  if (settings.defaultTeam === teamId) {
    return undo({ kind: "default-team" });
  }
  const at = new Date(context.nowMs()).toISOString();
  const team = isArchived
    ? archivedByHand(before, at)
    : restoredByHand(before, yield* isFollowing(before));
  if (!isArchived && (yield* teamByName(tenantId, team.name)) !== undefined) {
    return undo(yield* takenBy(tenantId, team.name));
  }
  const site = { tenantId, settings, at, context };
  const told = yield* tellAccess(site, yield* saveArchived(team, context));
  const action = isArchived ? "team.archive" : "team.restore";
  yield* recordTeam({ action, before, after: team }, told, { circumstances, context });
  return { kind: "keep", result: { kind: "done", team } };
}

/** No sync brings it back. */
function archivedByHand(team: Team, archived: string): Team {
  return { ...team, archived, ...(team.group === undefined ? {} : { archivedByHand: true }) };
}

/** One whose group is gone, or has no team any more, follows nothing from now on: it is the operator's own. */
function restoredByHand(team: Team, follows: boolean): Team {
  const { archivedByHand: _, namedByHand, ...rest } = team;
  return follows
    ? { ...rest, archived: undefined, ...(namedByHand === true ? { namedByHand } : {}) }
    : { ...rest, archived: undefined, group: undefined };
}

/** Whether the group of a team gives its members something there: that mapping has the id of the team. */
function* isFollowing({ tenantId, teamId, group }: Team): Script<boolean> {
  const row = yield* firstRowOf(
    statement(
      `SELECT mapping_id FROM group_mappings
       WHERE tenant_id = ? AND mapping_id = ? AND pattern_kind = 'team'`,
      tenantId,
      teamId,
    ),
  );
  return group !== undefined && row !== undefined;
}

/** Writes whether a team is archived; gives what that means for the facts of whoever has anything in it. */
function* saveArchived(team: Team, { dialect }: SqlContext): Script<readonly FactsChange[]> {
  const { tenantId, teamId } = team;
  const ids = yield* accountsInTeams(tenantId, [teamId], "all", dialect);
  const asked = tenantAccountsAsked(tenantId, ids, { lock: true, dialect });
  const before = yield* ask(asked);
  yield [freeTeamNames(tenantId, [teamId], dialect), updateTeams(tenantId, [team], dialect)];
  const after = yield* ask(asked);
  return ids.flatMap((accountId) => {
    const [were, are] = [before.get(accountId), after.get(accountId)];
    return were === undefined || are === undefined ? [] : [{ before: were, after: are }];
  });
}

interface TeamChange {
  readonly action: "team.create" | "team.rename" | "team.archive" | "team.restore";
  readonly before: Team | undefined;
  readonly after: Team;
}

/** Writes audit entry and event of what happened to a team. */
function* recordTeam(
  { action, before, after }: TeamChange,
  told: ToldAccess,
  {
    circumstances,
    context,
  }: { readonly circumstances: Circumstances; readonly context: SqlContext },
): Script<void> {
  const shown = before && shownForm(before);
  const adminAction: AdminAction = {
    action,
    target: { type: "team", id: after.teamId, name: after.name },
    differences: Object.entries(shownForm(after)).flatMap(([path, is]) => {
      const was = shown?.[path] ?? null;
      return sameJson(was, is)
        ? []
        : [
            {
              path,
              ...(was === null ? {} : { before: was }),
              ...(is === null ? {} : { after: is }),
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

/** What the audit log compares. */
function shownForm({
  name,
  archived,
  group,
  namedByHand,
  archivedByHand: hidden,
}: Team): JsonObject {
  return {
    name,
    archived: archived ?? null,
    group: group === undefined ? null : { ...group },
    namedByHand: namedByHand ?? null,
    archivedByHand: hidden ?? null,
  };
}

/** What keeps a change from being made. */
function obstacleTo({ expected }: TeamWish, team: Team | undefined): TeamOutcome | undefined {
  if (team === undefined) {
    return { kind: "gone" };
  }
  return expected !== undefined &&
    (expected.name !== team.name || expected.archived !== team.archived)
    ? { kind: "moved" }
    : undefined;
}

function* takenBy(tenantId: TenantId, name: string): Script<TeamOutcome> {
  const team = yield* teamByName(tenantId, name);
  return team === undefined ? { kind: "gone" } : { kind: "taken", by: team.teamId };
}

function undo(result: TeamOutcome): Verdict<TeamOutcome> {
  return { kind: "undo", result };
}
