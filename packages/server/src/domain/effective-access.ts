/** What a member may do in a tenant after all: the grants that take effect, the highest role, and what suspends it. */
import type { Grant, GrantSource, Link, Lock, LockSource, MembershipFacts } from "./account.ts";
import { roleRank } from "./roles-attribute.ts";
import type { TenantSettings } from "./tenant-settings.ts";

/** A grant, and whether it counts. */
export interface EffectiveGrant extends Grant {
  readonly isEffective: boolean;
  /** Where it comes from; where it is not effective, why not. */
  readonly why: string;
}

/** What an account may do in a tenant. */
export interface EffectiveAccess {
  /** `none`: no member, or a member whom nothing gives a role at present. */
  readonly state: "active" | "suspended" | "none";
  /** The highest role of the effective grants; undefined unless the state is `active`. */
  readonly role: string | undefined;
  readonly grants: readonly EffectiveGrant[];
  readonly isOwner: boolean;
  /** The sources of the locks that count at present, each once. */
  readonly suspendedBy: readonly LockSource[];
}

/** The settings of a tenant that access depends on. */
type RoleSettings = Pick<TenantSettings, "roles" | "defaultRole">;

/** A grant and the links it comes through, of which one has to be linked and active; undefined where it needs none. */
interface HeldGrant {
  readonly grant: Grant;
  readonly through: readonly Link[] | undefined;
}

const lockSources: readonly LockSource[] = ["scim", "admin", "security", "erasure"];

const noAccess: EffectiveAccess = {
  state: "none",
  role: undefined,
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
  const role = highestRoleOf(
    grants.filter(({ isEffective }) => isEffective),
    settings,
  );
  const isActive = keepsMembership(facts) && role !== undefined;
  const isSuspended = keepsMembership(facts) && suspendedBy.length > 0;
  return {
    state: isSuspended ? "suspended" : isActive ? "active" : "none",
    role: isActive ? role : undefined,
    grants,
    isOwner: isActive && role === settings.roles[0],
    suspendedBy,
  };
}

/**
 * Tells whether a membership exists: through a linked User, active or not, or through a grant of its own. What the groups
 * of an invited person would give makes nobody a member (I7).
 */
export function keepsMembership({ links, grants }: MembershipFacts): boolean {
  const isLinked = links.some(({ state }) => state === "linked");
  const isMerelyAsked = links.length > 0 && !isLinked;
  return isLinked || grants.some(({ source }) => source !== "group" || !isMerelyAsked);
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

const statesUpwards: readonly EffectiveAccess["state"][] = ["none", "suspended", "active"];

function isWorse(from: EffectiveAccess, to: EffectiveAccess): boolean {
  return (
    statesUpwards.indexOf(to.state) < statesUpwards.indexOf(from.state) ||
    to.suspendedBy.some((source) => !from.suspendedBy.includes(source))
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

/** The grants with those that are derived: `roles` from the links, `default` where no other stands. */
function heldGrantsOf(facts: MembershipFacts, { defaultRole }: RoleSettings): readonly HeldGrant[] {
  const held = [
    ...facts.grants.map((grant) => ({ grant, through: linksBehind(grant, facts.links) })),
    ...facts.links.flatMap(rolesGrantsOf),
  ];
  // An inactive link gives nothing, so that beside an active one its roles do not keep the default away.
  const linked = facts.links.filter(({ state }) => state === "linked");
  const active = linked.filter(isCarrying);
  const counted = active.length > 0 ? active : linked;
  const stands = ({ through }: HeldGrant) =>
    through === undefined || through.some((link) => counted.includes(link));
  return counted.length === 0 || held.some(stands)
    ? held
    : [...held, { grant: grantOf("default", defaultRole), through: counted }];
}

function rolesGrantsOf(link: Link): readonly HeldGrant[] {
  const sourceId = `${link.connectionId}/${link.resourceId}`;
  return link.role === undefined
    ? []
    : [{ grant: { ...grantOf("roles", link.role), sourceId }, through: [link] }];
}

function grantOf(source: GrantSource, role: string): Grant {
  return { source, sourceId: undefined, role, at: undefined };
}

/** A grant of a group needs the link of the group's connection, where its source says which that is. */
function linksBehind({ source, sourceId }: Grant, links: readonly Link[]): HeldGrant["through"] {
  if (source !== "group") {
    return undefined;
  }
  const own = links.filter(({ connectionId }) => sourceId?.startsWith(`${connectionId}/`));
  return own.length > 0 ? own : links;
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

/** The highest role; one that the tenant does not have any more counts as its default role. */
function highestRoleOf(
  grants: readonly Grant[],
  { roles, defaultRole }: RoleSettings,
): string | undefined {
  return grants
    .map(({ role }) => (roles.includes(role) ? role : defaultRole))
    .toSorted((one, other) => roleRank(one, roles) - roleRank(other, roles))[0];
}
