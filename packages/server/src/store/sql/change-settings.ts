/** Changes the settings of a tenant with everything that means for its members, its teams and those who wait, as one transaction. */
import type { JsonObject, ResourceType } from "@rollcall/scim";
import { memberOf, sameJson } from "@rollcall/scim";
import type { AccountId } from "../../domain/account.ts";
import type { Circumstances } from "../../domain/audit-entry.ts";
import type { GroupTeamSettings } from "../../domain/group-team.ts";
import { teamMovesOf } from "../../domain/group-team.ts";
import type { ChangeMode } from "../../domain/mapping-change.ts";
import type { SettingsChangeOutcome } from "../../domain/settings-change.ts";
import type { TeamId, TenantId } from "../../domain/tenant.ts";
import type { TriedUser } from "../../domain/tried-user.ts";
import { triedText } from "../../domain/tried-user.ts";
import type { WaitingWish } from "../store.ts";
import type { WaitingTrial } from "./attach-waiting.ts";
import { attachWaiting, connectionsWaiting } from "./attach-waiting.ts";
import { concluded } from "./concluded.ts";
import type { SettingsChange } from "./derive-roles.ts";
import { deriveAccess, saveRoles } from "./derive-roles.ts";
import { findOwner } from "./find-owner.ts";
import type { MovedTeams } from "./group-teams.ts";
import { followAllGroups, noTeamsMoved, withTeams, withTeamsTold } from "./group-teams.ts";
import { factsMoved, mappedRoles, mergedMoves, noLoginMoves } from "./move-grants.ts";
import { queries } from "./queries.ts";
import { moveGroups } from "./reconcile-group.ts";
import { adminAuditEntry, consequenceRows } from "./record-consequences.ts";
import type { Script, Verdict } from "./script.ts";
import { changesOfQuery } from "./script.ts";
import { settingsIn } from "./settings-in.ts";
import type { SqlContext } from "./sql-context.ts";
import { teamById } from "./teams.ts";
import type { FactsChange, TellingSite, ToldAccess } from "./tell-access.ts";
import { nothingTold, tellAccess, withAccess } from "./tell-access.ts";
import { lockTenantFacts } from "./tenant-facts.ts";
import { settingDifferences, tenantOf, tenantRow } from "./tenants.ts";

/** Which settings are wanted, and how. */
export interface SettingsWish {
  readonly settings: JsonObject;
  /** Undefined: whatever they are. */
  readonly expected: JsonObject | undefined;
  readonly mode: ChangeMode;
  /** What else comes of it behind the transaction, which the token of a preview stands for too. */
  readonly beside: string;
  /** The type of Users, to try those whom the attach policy has refused in this transaction. */
  readonly trying: ResourceType | undefined;
}

/** What a transaction comes to; `again` where somebody else was faster with an account. */
export type SettingsTrial = SettingsChangeOutcome | { readonly kind: "again" };

type Changed = Script<Verdict<SettingsTrial>>;

/**
 * Saves the settings of a tenant, while they are what is expected, or shows what that would do. Settings that are the same
 * are no change.
 */
export function* changeSettings(
  tenantId: TenantId,
  wish: SettingsWish,
  circumstances: Circumstances,
  context: SqlContext,
): Changed {
  const { settings, expected, mode, beside } = wish;
  // What writers decide by these settings must not change while they write.
  yield lockTenantFacts(tenantId, "alone", context.dialect);
  const row = yield* tenantRow(tenantId);
  if (row === undefined) {
    return { kind: "undo", result: "gone" };
  }
  const before = tenantOf(row).settings;
  if (expected !== undefined && !sameJson(before, expected)) {
    return { kind: "undo", result: "moved" };
  }
  const differences = settingDifferences(before, settings);
  if (differences.length === 0) {
    const change = changeShown(wish, { beside, teams: noTeamsMoved });
    const nothing = { tried: [], teams: [] };
    const { result } = concluded({ tenantId, change, mode, told: nothingTold }, nothing, context);
    return { kind: "undo", result: { ...result, ...nothing } };
  }
  const isAnother = differences.some(({ path }) => path === "settings.defaultTeam");
  if (isAnother && !(yield* hasGoodDefaultTeam(tenantId, settings))) {
    // It was one when it was looked up.
    return { kind: "undo", result: "moved" };
  }
  yield* changesOfQuery(
    queries
      .updateTable("tenants")
      .set({ settings: JSON.stringify(settings) })
      .where("tenant_id", "=", tenantId),
  );
  const settingsOf = (tenantSettings: string) => settingsIn({ tenantSettings }, context);
  const both = { before: settingsOf(row.settings), after: settingsOf(JSON.stringify(settings)) };
  const isOfRoles = differences.some(({ path }) => roleSettings.has(path));
  const derived = yield* changeAccess({ tenantId, both, isOfRoles }, circumstances, context);
  if (derived.lastOwner !== undefined) {
    return { kind: "undo", result: { kind: "last-owner", accountId: derived.lastOwner } };
  }
  const { told, teams } = derived;
  const target = { type: "tenant", id: tenantId, name: row.slug };
  const action = { action: "tenant.update", target, differences };
  const auditEntry = withAccess(adminAuditEntry(action, circumstances, context), told);
  yield yield* consequenceRows(tenantId, { auditEntry, outboxEvents: [] }, context);
  const tried = yield* tryWaiting({ tenantId, wish, both }, circumstances, context);
  if (tried === "again") {
    return { kind: "undo", result: { kind: "again" } };
  }
  const change = changeShown(wish, { beside: wish.trying ? triedText(tried) : beside, teams });
  const more = { tried, teams: teamMovesOf(teams.changes) };
  const { kind, result } = concluded({ tenantId, change, mode, told }, more, context);
  return { kind, result: { ...result, ...more } };
}

/** What a preview is good for. */
function changeShown(
  { settings }: SettingsWish,
  { beside, teams }: { readonly beside: string; readonly teams: MovedTeams },
): unknown {
  return { kind: "settings", settings, beside, teams: teamMovesOf(teams.changes) };
}

/** Whether those who get nothing else can be put into that team: one that follows a group may be archived by a client. */
function* hasGoodDefaultTeam(tenantId: TenantId, settings: JsonObject): Script<boolean> {
  const teamId = memberOf(settings, "defaultTeam");
  if (typeof teamId !== "string") {
    return true;
  }
  const team = yield* teamById(tenantId, teamId as TeamId);
  return team !== undefined && team.archived === undefined && team.group === undefined;
}

/** What the roles of Users come to depends on these. */
const roleSettings: ReadonlySet<string> = new Set([
  "settings.roles",
  "settings.roleMapping",
  "settings.defaultRole",
  "settings.teamRoles",
  "settings.defaultTeam",
  "settings.defaultTeamRole",
]);

interface Changing {
  readonly tenantId: TenantId;
  readonly both: SettingsChange;
  readonly isOfRoles: boolean;
}

interface ChangedAccess {
  /** Who was the last owner, if nobody is one after that. */
  readonly lastOwner: AccountId | undefined;
  readonly told: ToldAccess;
  readonly teams: MovedTeams;
}

/** Derives roles anew and brings the teams of groups in step, as far as the settings say something else of either. */
function* changeAccess(
  { tenantId, both, isOfRoles }: Changing,
  { requestId }: Circumstances,
  context: SqlContext,
): Script<ChangedAccess> {
  const { dialect } = context;
  const { before, after } = both;
  if (!isOfRoles && !areOtherTeams(before, after)) {
    return { lastOwner: undefined, told: nothingTold, teams: noTeamsMoved };
  }
  const at = new Date(context.nowMs()).toISOString();
  const site = { tenantId, settings: after, at, context };
  const owner = yield* findOwner({ tenantId, settings: before, dialect });
  const rolesBefore = isOfRoles ? yield* saveRoles(tenantId, after, context) : new Map();
  const { teams, changes } = areOtherTeams(before, after)
    ? yield* changeTeams(site, requestId)
    : { teams: noTeamsMoved, changes: [] };
  const told = isOfRoles
    ? yield* deriveAccess({ site, both, rolesBefore }, changes)
    : yield* tellAccess(site, changes);
  const next = yield* findOwner({ tenantId, settings: after, dialect });
  return {
    lastOwner: next === undefined ? owner : undefined,
    told: withTeamsTold(told, teams),
    teams,
  };
}

/** Whether groups have other teams, or teams whose members get something else. */
function areOtherTeams(before: GroupTeamSettings, after: GroupTeamSettings): boolean {
  const keys = ["groupTeams", "groupTeamName", "groupTeamPrefix", "groupTeamRole"] as const;
  return (before.groupTeams || after.groupTeams) && keys.some((key) => before[key] !== after[key]);
}

/** Brings the teams of all groups in step; tells whom that moves. */
function* changeTeams(
  site: TellingSite,
  requestId: string,
): Script<{ readonly teams: MovedTeams; readonly changes: readonly FactsChange[] }> {
  const { tenantId, context } = site;
  const roles = yield* mappedRoles(tenantId, context.dialect);
  const teams = yield* followAllGroups(site);
  const moved = yield* moveGroups(teams.groups, site, requestId);
  const byConnection = mergedMoves([...teams.otherRoles, ...moved]);
  const moves = { byConnection, logins: noLoginMoves };
  const changes = yield* factsMoved(tenantId, moves, roles, context);
  return { teams, changes: yield* withTeams(teams, changes, site) };
}

/** How many waiting Users are read at once. */
const partMax = 200;

/** Tries those whom the attach policy has refused, where the settings may let them in; all of them, or none. */
function* tryWaiting(
  { tenantId, wish, both }: Pick<Changing, "tenantId" | "both"> & { readonly wish: SettingsWish },
  circumstances: Circumstances,
  context: SqlContext,
): Script<readonly TriedUser[] | "again"> {
  const { trying: resourceType } = wish;
  const isSame =
    both.before.attachPolicy === both.after.attachPolicy &&
    both.before.accounts === both.after.accounts;
  if (resourceType === undefined || isSame) {
    return [];
  }
  const users: TriedUser[] = [];
  for (const scope of yield* connectionsWaiting(tenantId, "policy")) {
    for (let after: string | undefined = ""; after !== undefined; ) {
      const part: WaitingWish = { scope, resourceType, reason: "policy", after, limit: partMax };
      const { result }: Verdict<WaitingTrial> = yield* attachWaiting(part, circumstances, context);
      if (result.kind === "again") {
        return "again";
      }
      users.push(...result.users);
      after = result.last;
    }
  }
  return users;
}

/** Writes that settings were refused, since they would have left the tenant without owner. */
export function* recordRefusedSettings(
  tenantId: TenantId,
  circumstances: Circumstances,
  context: SqlContext,
): Script<Verdict<void>> {
  const row = yield* tenantRow(tenantId);
  if (row === undefined) {
    return { kind: "undo", result: undefined };
  }
  const target = { type: "tenant", id: tenantId, name: row.slug };
  const action = { action: "tenant.update", target, differences: [] };
  const entry = adminAuditEntry(action, circumstances, context);
  const auditEntry = { ...entry, outcome: "refused" as const };
  yield yield* consequenceRows(tenantId, { auditEntry, outboxEvents: [] }, context);
  return { kind: "keep", result: undefined };
}
