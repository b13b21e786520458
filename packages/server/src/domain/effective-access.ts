/** What a member may do in a tenant after all: the grants that take effect, the highest role, and what suspends it. */
import type { Grant, GrantSource, Link, Lock, LockSource, MembershipFacts } from "./account.ts";
import { sourceIdOfGroupGrant } from "./group-mapping.ts";
import { roleRank } from "./roles-attribute.ts";
import type { TeamId } from "./tenant.ts";
import type { TenantSettings } from "./tenant-settings.ts";

/** A grant, and whether it counts. */
export interface EffectiveGrant extends Grant {
  readonly isEffective: boolean;
  /** Where it comes from; where it is not effective, why not. */
  readonly why: string;
}

/** What an account may do in a team. */
export interface TeamAccess {
  readonly teamId: TeamId;
  readonly role: string;
}

/** What an account may do in a tenant. */
export interface EffectiveAccess {
  /** `none`: no member, or a member whom nothing gives a role at present. */
  readonly state: "active" | "suspended" | "none";
  /** The highest role of the effective grants for the tenant itself; undefined where there are none. */
  readonly role: string | undefined;
  /** The highest role in each team, in the order of their ids. */
  readonly teams: readonly TeamAccess[];
  readonly grants: readonly EffectiveGrant[];
  readonly isOwner: boolean;
  /** The sources of the locks that count at present, each once. */
  readonly suspendedBy: readonly LockSource[];
}

/** The settings of a tenant that access depends on. */
export type RoleSettings = Pick<
  TenantSettings,
  "roles" | "defaultRole" | "teamRoles" | "defaultTeam" | "defaultTeamRole"
>;

/** A grant and the links it comes through, of which one has to be linked and active; undefined where it needs none. */
interface HeldGrant {
  readonly grant: Grant;
  readonly through: readonly Link[] | undefined;
}

const lockSources: readonly LockSource[] = ["scim", "admin", "security", "erasure"];

/** The access of somebody whom a tenant gives nothing. */
export const noAccess: EffectiveAccess = {
  state: "none",
  role: undefined,
  teams: [],
  grants: [],
  isOwner: false,
  suspendedBy: [],
};

/** Derives what an account may do; undefined facts are those of somebody the tenant has nothing on. */
export function effectiveAccessOf(
  facts: MembershipFacts | undefined,
  settings: RoleSettings,
): EffectiveAccess {
  if (facts === undefined) {
    return noAccess;
  }
  const suspendedBy = suspendingSourcesOf(facts);
  const grants = heldGrantsOf(facts, settings).map((held) => judge(held, suspendedBy));
  const effective = grants.filter(({ isEffective }) => isEffective);
  const isActive = keepsMembership(facts) && effective.length > 0;
  const role = isActive ? highestRoleOf(effective, settings) : undefined;
  const isSuspended = keepsMembership(facts) && suspendedBy.length > 0;
  return {
    state: isSuspended ? "suspended" : isActive ? "active" : "none",
    role,
    teams: isActive ? highestRolesInTeams(effective, settings) : [],
    grants,
    isOwner: role !== undefined && role === settings.roles[0],
    suspendedBy,
  };
}

/**
 * Tells whether a membership exists: through a linked User, active or not, through a grant of its own, or a login. What
 * the groups of an invited person would give makes nobody a member (I7).
 */
export function keepsMembership({ links, grants, byLogin }: MembershipFacts): boolean {
  return byLogin === true || grants.length > 0 || links.some(({ state }) => state === "linked");
}

/**
 * Says what forbids a change: a protected member would lose access or be locked in one more way, or the tenant its last
 * effective owner. Undefined when nothing does.
 */
export function protectionOf(
  before: MembershipFacts,
  after: MembershipFacts,
  settings: RoleSettings,
  otherOwners: number,
): "break-glass" | "last-owner" | undefined {
  const from = effectiveAccessOf(before, settings);
  const to = effectiveAccessOf(after, settings);
  if (before.protection === "break-glass" && isWorse(from, to)) {
    return "break-glass";
  }
  return from.isOwner && !to.isOwner && otherOwners === 0 ? "last-owner" : undefined;
}

/**
 * Says what a member loses that no change of groups may take: the last owner would be gone, or somebody who is protected
 * has less. Undefined for everybody else.
 */
export function lossOf(
  { protection }: Pick<MembershipFacts, "protection">,
  { from, to }: { readonly from: EffectiveAccess; readonly to: EffectiveAccess },
  { roles }: Pick<RoleSettings, "roles">,
): "break-glass" | "owner" | undefined {
  if (protection === "break-glass" && (isWorse(from, to) || isLower(from, to, roles))) {
    return "break-glass";
  }
  return from.isOwner && !to.isOwner ? "owner" : undefined;
}

const statesUpwards: readonly EffectiveAccess["state"][] = ["none", "suspended", "active"];

function isWorse(from: EffectiveAccess, to: EffectiveAccess): boolean {
  return (
    statesUpwards.indexOf(to.state) < statesUpwards.indexOf(from.state) ||
    to.suspendedBy.some((source) => !from.suspendedBy.includes(source))
  );
}

function isLower(from: EffectiveAccess, to: EffectiveAccess, roles: readonly string[]): boolean {
  return (
    from.role !== undefined &&
    (to.role === undefined || roleRank(to.role, roles) > roleRank(from.role, roles))
  );
}

/** Any lock suspends, but one of a connection only while no other connection says that the person is active. */
function suspendingSourcesOf({ links, locks }: MembershipFacts): readonly LockSource[] {
  const suspends = ({ source, connectionId }: Lock) =>
    source !== "scim" ||
    !links.some((link) => isCarrying(link) && link.connectionId !== connectionId);
  return lockSources.filter((source) =>
    locks.some((lock) => lock.source === source && suspends(lock)),
  );
}

function isCarrying({ state, active }: Link): boolean {
  return state === "linked" && active;
}

/** The grants with those that come through the links, and those of `default` where no other stands. */
function heldGrantsOf(facts: MembershipFacts, settings: RoleSettings): readonly HeldGrant[] {
  const held: readonly HeldGrant[] = [
    ...facts.grants
      .filter(({ isIdle }) => isIdle !== true)
      .map((grant) => ({ grant, through: undefined })),
    ...facts.links.flatMap((link) => [...rolesGrantsOf(link), ...groupGrantsOf(link)]),
  ];
  // An inactive link gives nothing, so that beside an active one its roles do not keep the default away.
  const linked = facts.links.filter(({ state }) => state === "linked");
  const active = linked.filter(isCarrying);
  const counted = active.length > 0 ? active : linked;
  const stands = ({ through }: HeldGrant) =>
    through === undefined || through.some((link) => counted.includes(link));
  const byLogin = facts.byLogin === true;
  if ((counted.length === 0 && !byLogin) || held.some(stands)) {
    return held;
  }
  const through = byLogin ? undefined : counted;
  return [...held, ...defaultGrants(settings).map((grant) => ({ grant, through }))];
}

function defaultGrants(settings: RoleSettings): readonly Grant[] {
  const { defaultRole, defaultTeam, defaultTeamRole } = settings;
  const inTenant = grantOf("default", defaultRole);
  return defaultTeam === undefined
    ? [inTenant]
    : [inTenant, { ...grantOf("default", defaultTeamRole), teamId: defaultTeam }];
}

function rolesGrantsOf(link: Link): readonly HeldGrant[] {
  const sourceId = `${link.connectionId}/${link.resourceId}`;
  return link.role === undefined
    ? []
    : [{ grant: { ...grantOf("roles", link.role), sourceId }, through: [link] }];
}

function groupGrantsOf(link: Link): readonly HeldGrant[] {
  return link.groupGrants.map((given) => {
    const { teamId, role, at } = given;
    const sourceId = sourceIdOfGroupGrant(link.connectionId, given);
    return { grant: { source: "group", sourceId, teamId, role, at }, through: [link] };
  });
}

function grantOf(source: GrantSource, role: string): Grant {
  return { source, sourceId: undefined, teamId: undefined, role, at: undefined };
}

function judge({ grant, through }: HeldGrant, suspendedBy: readonly LockSource[]): EffectiveGrant {
  const why =
    (through === undefined ? undefined : obstacleIn(through)) ??
    (suspendedBy.length === 0 ? undefined : `suspended by ${suspendedBy.join(", ")}`);
  return { ...grant, isEffective: why === undefined, why: why ?? origins[grant.source] };
}

/** Why nothing comes through some links; undefined where something does. */
function obstacleIn(links: readonly Link[]): string | undefined {
  if (links.some(isCarrying)) {
    return undefined;
  }
  const states = links.map(({ state }) => state);
  if (states.includes("linked")) {
    return "the identity provider has deactivated the user";
  }
  if (states.includes("pending")) {
    return "the invitation is not accepted yet";
  }
  return states.includes("declined")
    ? "the person has declined"
    : "no user of the identity provider is linked";
}

const origins: Readonly<Record<GrantSource, string>> = {
  manual: "given by hand",
  group: "given to the members of a group",
  login: "given by the groups of a login",
  roles: "given by the roles of the user",
  default: "given to members who get nothing else",
  retained: "kept, so that the tenant does not lose its last owner",
};

/** The highest role in the tenant itself; one that the tenant does not have any more counts as its default role. */
export function highestRoleOf(
  grants: readonly Pick<Grant, "teamId" | "role">[],
  { roles, defaultRole }: RoleSettings,
): string | undefined {
  const held = grants.filter(({ teamId }) => teamId === undefined);
  return highest(
    held.map(({ role }) => (roles.includes(role) ? role : defaultRole)),
    roles,
  );
}

/** The highest role in each team; one that teams do not have any more counts as their lowest. */
function highestRolesInTeams(
  grants: readonly Grant[],
  { teamRoles }: RoleSettings,
): readonly TeamAccess[] {
  const byTeam = new Map<TeamId, string[]>();
  for (const { teamId, role } of grants) {
    if (teamId !== undefined) {
      const held = teamRoles.includes(role) ? role : (teamRoles.at(-1) ?? role);
      byTeam.set(teamId, [...(byTeam.get(teamId) ?? []), held]);
    }
  }
  return [...byTeam]
    .map(([teamId, roles]) => ({ teamId, role: highest(roles, teamRoles) ?? "" }))
    .toSorted((one, other) => (one.teamId < other.teamId ? -1 : 1));
}

function highest(held: readonly string[], roles: readonly string[]): string | undefined {
  return held.toSorted((one, other) => roleRank(one, roles) - roleRank(other, roles))[0];
}
