/** Changes the mappings of a tenant, with everything that means for its members, as one transaction (semantics §6). */
import type { Circumstances } from "../../domain/audit-entry.ts";
import type { GroupMapping } from "../../domain/group-mapping.ts";
import { groupTestOf } from "../../domain/group-mapping.ts";
import type { ChangeMode, MappingOutcome, MappingWish } from "../../domain/mapping-change.ts";
import { wishedChangeOf } from "../../domain/mapping-change.ts";
import type { MappingId, TenantId } from "../../domain/tenant.ts";
import type { TenantSettings } from "../../domain/tenant-settings.ts";
import { concluded } from "./concluded.ts";
import {
  deleteGroupsOfMapping,
  deleteMapping,
  groupMappings,
  groupsOfMapping,
  insertMappedGroups,
  insertMapping,
  mappableGroups,
  updateMappingRole,
} from "./group-mappings.ts";
import { giveByLogin, takeByLogin } from "./login-grants.ts";
import type { MappedRole, TenantMoves } from "./move-grants.ts";
import { factsMoved, grantsGivenBy, mappedRoles, noLoginMoves } from "./move-grants.ts";
import { moveGroups } from "./reconcile-group.ts";
import { adminAuditEntry, consequenceRows } from "./record-consequences.ts";
import type { Script, Verdict } from "./script.ts";
import { changesOf } from "./script.ts";
import type { SqlContext } from "./sql-context.ts";
import { teamById } from "./teams.ts";
import type { TellingSite, ToldAccess } from "./tell-access.ts";
import { tellAccess, withAccess } from "./tell-access.ts";
import { lockTenantFacts } from "./tenant-facts.ts";
import { settingsOfTenant } from "./tenant-members.ts";

/** A wish, and how it is meant. */
export interface MappingChange {
  readonly tenantId: TenantId;
  readonly wish: MappingWish;
  readonly mode: ChangeMode;
}

type Changed = Verdict<MappingOutcome>;
type Refused = Exclude<MappingOutcome, { readonly kind: "preview" | "done" | "moved" }>;

interface Ground {
  readonly site: TellingSite;
  readonly circumstances: Circumstances;
  readonly roles: ReadonlyMap<MappingId, MappedRole>;
  readonly mappings: readonly GroupMapping[];
}

interface Moved {
  readonly mapping: GroupMapping;
  readonly moves: TenantMoves;
  /** What mappings gave before. */
  readonly roles: ReadonlyMap<MappingId, MappedRole>;
}

/** Fulfils a wish about mappings, shows what it would do, or says why neither can be. */
export function* changeMappings(
  { tenantId, wish, mode }: MappingChange,
  circumstances: Circumstances,
  context: SqlContext,
): Script<Changed> {
  yield lockTenantFacts(tenantId, "alone", context.dialect);
  const settings = yield* settingsOfTenant(tenantId, context);
  if (settings === undefined) {
    return undo({ kind: "gone", what: "tenant" });
  }
  const at = new Date(context.nowMs()).toISOString();
  const site = { tenantId, settings, at, context };
  const ground: Ground = {
    site,
    circumstances,
    roles: yield* mappedRoles(tenantId, context.dialect),
    mappings: yield* groupMappings(tenantId),
  };
  const moved = yield* fulfil(wish, ground);
  if ("kind" in moved) {
    return undo(moved);
  }
  const { mapping } = moved;
  const told = yield* tellAccess(
    site,
    yield* factsMoved(tenantId, moved.moves, moved.roles, context),
  );
  // The role that it has already: nothing is written.
  const isChanged = !ground.mappings.includes(mapping) || wish.kind === "remove";
  if (isChanged) {
    yield* recordMapping(wish, mapping, told, ground);
  }
  const run = { tenantId, change: wishedChangeOf(wish), mode, told };
  const { kind, result } = concluded(run, { mapping }, context);
  return { kind: isChanged ? kind : "undo", result };
}

function* fulfil(wish: MappingWish, ground: Ground): Script<Moved | Refused> {
  if (wish.kind === "add") {
    return yield* addMapping(wish, ground);
  }
  const mapping = ground.mappings.find(({ mappingId }) => mappingId === wish.mappingId);
  if (mapping === undefined) {
    return { kind: "gone", what: "mapping" };
  }
  if (wish.expected !== undefined && wish.expected !== mapping.version) {
    return { kind: "stale" };
  }
  return wish.kind === "remove"
    ? yield* removeMapping(mapping, ground)
    : yield* changeRole(mapping, wish.role, ground);
}

function* addMapping(
  { mapping, mayBeIdle = false }: MappingWish & { readonly kind: "add" },
  ground: Ground,
): Script<Moved | Refused> {
  const { tenantId, settings } = ground.site;
  const { teamId } = mapping;
  const roles = rolesFor(mapping, settings);
  if (!roles.includes(mapping.role)) {
    return { kind: "no-role", roles };
  }
  const team = teamId === undefined ? undefined : yield* teamById(tenantId, teamId);
  if (teamId !== undefined && (team === undefined || (team.archived !== undefined && !mayBeIdle))) {
    return { kind: "gone", what: "team" };
  }
  if ((yield* changesOf(insertMapping(mapping))) === 0) {
    return { kind: "taken", by: takenBy(mapping, ground.mappings) };
  }
  const fits = groupTestOf(mapping);
  const groups = (yield* mappableGroups(
    tenantId,
    mapping.connectionId,
    ground.site.context.dialect,
  ))
    .filter(({ group }) => fits(group))
    .map(({ connectionId, groupId }) => ({
      connectionId,
      groupId,
      mappingId: mapping.mappingId,
    }));
  yield insertMappedGroups(tenantId, groups);
  const byConnection = yield* moveGroups(groups, ground.site, ground.circumstances.requestId);
  const given = yield* giveByLogin(mapping, ground.site);
  return { mapping, moves: { byConnection, logins: { given, taken: [] } }, roles: ground.roles };
}

function* removeMapping(mapping: GroupMapping, ground: Ground): Script<Moved> {
  const { tenantId } = mapping;
  const groups = yield* groupsOfMapping(tenantId, mapping.mappingId);
  yield [deleteGroupsOfMapping(tenantId, mapping.mappingId)];
  const byConnection = yield* moveGroups(groups, ground.site, ground.circumstances.requestId);
  const taken = yield* takeByLogin(mapping);
  yield [deleteMapping(tenantId, mapping.mappingId)];
  return { mapping, moves: { byConnection, logins: { given: [], taken } }, roles: ground.roles };
}

/** The grants stay where they are and are worth something else. */
function* changeRole(
  before: GroupMapping,
  role: string,
  { site, roles, mappings }: Ground,
): Script<Moved | Refused> {
  const known = rolesFor(before, site.settings);
  if (!known.includes(role)) {
    return { kind: "no-role", roles: known };
  }
  if (role === before.role) {
    return { mapping: before, moves: { byConnection: [], logins: noLoginMoves }, roles };
  }
  const mapping = { ...before, role, version: before.version + 1 };
  const same = sameAs(mapping, mappings);
  if (same !== undefined) {
    return { kind: "taken", by: same };
  }
  const groups = yield* groupsOfMapping(before.tenantId, before.mappingId);
  const byConnection = yield* grantsGivenBy(before, groups, site.context.dialect);
  const taken = yield* takeByLogin(before);
  yield [updateMappingRole(mapping)];
  const given = yield* giveByLogin(mapping, site);
  return { mapping, moves: { byConnection, logins: { given, taken } }, roles };
}

const actions = { add: "mapping.add", remove: "mapping.remove", role: "mapping.update" } as const;

function* recordMapping(
  wish: MappingWish,
  mapping: GroupMapping,
  told: ToldAccess,
  { site, circumstances, mappings }: Ground,
): Script<void> {
  const before =
    wish.kind === "add"
      ? undefined
      : mappings.find(({ mappingId }) => mappingId === mapping.mappingId);
  const shownBefore = before && shownForm(before);
  const shownAfter = wish.kind === "remove" ? undefined : shownForm(mapping);
  const action = {
    action: actions[wish.kind],
    target: { type: "mapping", id: mapping.mappingId, name: mapping.pattern.text },
    differences: [
      {
        path: "mapping",
        ...(shownBefore === undefined ? {} : { before: shownBefore }),
        ...(shownAfter === undefined ? {} : { after: shownAfter }),
      },
    ],
  };
  const entry = adminAuditEntry(action, circumstances, site.context);
  const auditEntry = withAccess(entry, told);
  yield yield* consequenceRows(site.tenantId, { auditEntry, outboxEvents: [] }, site.context);
}

function shownForm({ connectionId, pattern, teamId, role, version }: GroupMapping) {
  return {
    connection: connectionId ?? null,
    kind: pattern.kind,
    pattern: pattern.text,
    team: teamId ?? null,
    role,
    version,
  };
}

function rolesFor(
  { teamId }: Pick<GroupMapping, "teamId">,
  { roles, teamRoles }: TenantSettings,
): readonly string[] {
  return teamId === undefined ? roles : teamRoles;
}

function takenBy(mapping: GroupMapping, mappings: readonly GroupMapping[]): MappingId {
  const same = sameAs(mapping, mappings);
  if (same === undefined) {
    throw new TypeError("a mapping that is taken is among those of the tenant");
  }
  return same;
}

function sameAs(mapping: GroupMapping, mappings: readonly GroupMapping[]): MappingId | undefined {
  return mappings.find(
    ({ connectionId, pattern, teamId, role }) =>
      connectionId === mapping.connectionId &&
      pattern.kind === mapping.pattern.kind &&
      pattern.text === mapping.pattern.text &&
      teamId === mapping.teamId &&
      role === mapping.role,
  )?.mappingId;
}

function undo(result: Refused): Changed {
  return { kind: "undo", result };
}
