/** Why somebody has a role in a tenant or a team, or what is missing for one, as a chain of facts in words. Pure. */
import type { GroupGrant, Link } from "./account.ts";
import type { EffectiveGrant, RoleSettings } from "./effective-access.ts";
import { effectiveAccessOf } from "./effective-access.ts";
import type { GroupMapping } from "./group-mapping.ts";
import { sourceIdOfGroupGrant } from "./group-mapping.ts";
import type { Member } from "./member.ts";
import { strongestLinkOf } from "./member-summary.ts";
import type { Team } from "./team.ts";
import { targetNameOf } from "./team.ts";
import type { ConnectionId } from "./tenant.ts";

/** One fact of a chain. */
export interface AccessFact {
  readonly fact: "grant" | "membership" | "mapping" | "link" | "lock" | "team" | "member" | "group";
  /** In words. */
  readonly text: string;
  /** Since when, an xsd:dateTime in UTC; null where nobody knows. */
  readonly since: string | null;
  /** The request that it came with; null where nobody knows. */
  readonly requestId: string | null;
  /** The id of what it speaks of: a group, a mapping, a connection, a team. */
  readonly id: string | null;
}

/** An answer to why. */
export interface WhyAccess {
  readonly effective: boolean;
  /** The role that takes effect; null where none does. */
  readonly role: string | null;
  /** What gives it, or would; the facts of one grant after those of another. */
  readonly because: readonly AccessFact[];
  /** What is missing; nothing where the role takes effect. */
  readonly missing: readonly AccessFact[];
}

/** Somebody is a member of a group: the User, or a group that the User is in. */
export interface MembershipStep {
  readonly connectionId: ConnectionId;
  readonly groupId: string;
  readonly groupName: string;
  /** Who is the member. */
  readonly memberId: string;
  readonly since: string | undefined;
  readonly requestId: string | undefined;
}

/** What is known to answer with. */
export interface WhyGround {
  readonly member: Member;
  readonly settings: RoleSettings;
  /** The team that is asked about; undefined for the tenant itself. */
  readonly team: Team | undefined;
  readonly mappings: readonly GroupMapping[];
  /** All groups that lead up from the Users of the member. */
  readonly steps: readonly MembershipStep[];
  readonly connectionNames: ReadonlyMap<ConnectionId, string>;
}

/** Answers why, or why not. */
export function whyAccess(ground: WhyGround): WhyAccess {
  const { member, settings, team } = ground;
  const access = effectiveAccessOf(member.facts, settings);
  const role =
    team === undefined
      ? access.role
      : access.teams.find(({ teamId }) => teamId === team.teamId)?.role;
  const held = access.grants.filter(({ teamId }) => teamId === team?.teamId);
  const counting = role === undefined ? held : held.filter(({ isEffective }) => isEffective);
  const because = counting
    .toSorted((one, other) => Number(other.role === role) - Number(one.role === role))
    .flatMap((grant) => chainOf(grant, ground));
  return {
    effective: role !== undefined,
    role: role ?? null,
    because,
    missing: role === undefined ? missingFor(held, ground) : [],
  };
}

function chainOf(grant: EffectiveGrant, ground: WhyGround): readonly AccessFact[] {
  const given = groupGrantBehind(grant, ground);
  if (given !== undefined) {
    return groupChain(given, ground);
  }
  const target = targetNameOf(ground.team);
  const loginMapping =
    grant.source === "login"
      ? ground.mappings.find(({ mappingId }) => mappingId === grant.sourceId)
      : undefined;
  const text: Readonly<Record<EffectiveGrant["source"], string>> = {
    manual: `${grant.role} of ${target} was given by hand`,
    retained: `${grant.role} of ${target} was kept when it would have been lost, since it must not be`,
    roles: `the roles of the User come to ${grant.role} of ${target}`,
    default: `${grant.role} of ${target} is what members get to whom nothing else is given`,
    login: `${grant.role} of ${target} was given by the groups of the last login`,
    group: `${grant.role} of ${target} was given by a group`,
  };
  return [
    factOf("grant", text[grant.source], { since: grant.at, id: grant.sourceId }),
    ...(loginMapping === undefined ? [] : [mappingFact(loginMapping, ground)]),
  ];
}

interface GivenByLink {
  readonly link: Link;
  readonly given: GroupGrant;
}

function groupGrantBehind(
  { source, sourceId }: EffectiveGrant,
  { member }: WhyGround,
): GivenByLink | undefined {
  return source !== "group"
    ? undefined
    : member.facts.links
        .flatMap((link) => link.groupGrants.map((given) => ({ link, given })))
        .find(({ link, given }) => sourceIdOfGroupGrant(link.connectionId, given) === sourceId);
}

function groupChain({ link, given }: GivenByLink, ground: WhyGround): readonly AccessFact[] {
  const mapping = ground.mappings.find(({ mappingId }) => mappingId === given.mappingId);
  const path = pathTo(given.groupId, link, ground.steps);
  return [
    factOf("grant", `${given.role} of ${targetNameOf(ground.team)} was given by a group`, {
      since: given.at,
      requestId: given.requestId,
      id: given.groupId,
    }),
    ...path.map((step, index) =>
      factOf(
        "membership",
        `${index === 0 ? "the User" : `the group ${path[index - 1]?.groupName ?? ""}`} is a member of the group ${step.groupName}`,
        { since: step.since, requestId: step.requestId, id: step.groupId },
      ),
    ),
    ...(mapping === undefined
      ? followingFacts(link, given, ground)
      : [mappingFact(mapping, ground)]),
    linkFact(link, ground),
  ];
}

/** What a team that follows the group gives of its own. */
function followingFacts(
  { connectionId }: Pick<Link, "connectionId">,
  { groupId, role }: GroupGrant,
  { team }: WhyGround,
): readonly AccessFact[] {
  return team?.group?.connectionId !== connectionId || team.group.groupId !== groupId
    ? []
    : [
        factOf(
          "team",
          `the team ${team.name} follows the group, and gives its members ${role} of itself`,
          { since: team.created, id: team.teamId },
        ),
      ];
}

/** The shortest way from the User of a link up to a group. */
function pathTo(
  groupId: string,
  { connectionId, resourceId }: Link,
  steps: readonly MembershipStep[],
): readonly MembershipStep[] {
  const own = steps.filter((step) => step.connectionId === connectionId);
  const reached = new Set([resourceId]);
  let ways: readonly (readonly MembershipStep[])[] = [[]];
  while (ways.length > 0) {
    const next: MembershipStep[][] = [];
    for (const way of ways) {
      const from = way.at(-1)?.groupId ?? resourceId;
      for (const step of own.filter(({ memberId }) => memberId === from)) {
        if (step.groupId === groupId) {
          return [...way, step];
        }
        if (!reached.has(step.groupId)) {
          reached.add(step.groupId);
          next.push([...way, step]);
        }
      }
    }
    ways = next;
  }
  return [];
}

const patternWords = {
  id: "with the id",
  name: "named",
  prefix: "whose name begins with",
  regex: "whose name fits",
} as const;

function mappingFact(mapping: GroupMapping, { team }: WhyGround): AccessFact {
  return factOf("mapping", mappingText(mapping, team), {
    since: mapping.created,
    id: mapping.mappingId,
  });
}

function mappingText({ pattern, role, version }: GroupMapping, team: Team | undefined): string {
  return `a mapping (version ${version}) gives the members of groups ${patternWords[pattern.kind]} "${pattern.text}" ${role} of ${targetNameOf(team)}`;
}

function linkFact(
  { connectionId, resourceId, active, state }: Link,
  ground: WhyGround,
): AccessFact {
  const name = ground.connectionNames.get(connectionId) ?? connectionId;
  const activity = active ? "active" : "inactive";
  return factOf(
    "link",
    `the User ${resourceId} of the connection ${name} is ${activity}, and its link to the account is ${state}`,
    { id: connectionId },
  );
}

/** What keeps somebody from having a role: first what holds for everything, then what was not given. */
function missingFor(held: readonly EffectiveGrant[], ground: WhyGround): readonly AccessFact[] {
  const { member, team, mappings } = ground;
  const archived =
    team?.archived === undefined
      ? []
      : [
          factOf("team", archivedText(team), {
            since: team.archived,
            id: team.teamId,
          }),
        ];
  const locks = member.facts.locks.map((lock) =>
    factOf(
      "lock",
      `the membership is locked: source ${lock.source}${lock.reason === undefined ? "" : `, ${lock.reason}`}`,
      { since: lock.at, id: lock.connectionId },
    ),
  );
  const obstacles = [...archived, ...locks, ...membershipObstacles(held, ground)];
  if (held.length > 0 || archived.length > 0) {
    return obstacles;
  }
  const own = mappings.filter(({ teamId }) => teamId === team?.teamId);
  const groups = own.map((mapping) =>
    factOf("group", `not a member of a group of this mapping: ${mappingText(mapping, team)}`, {
      id: mapping.mappingId,
    }),
  );
  const followed =
    team?.group === undefined
      ? []
      : [
          factOf("group", `not a member of the group that the team ${team.name} follows`, {
            id: team.group.groupId,
          }),
        ];
  const none = factOf("grant", `nothing is given by hand in ${targetNameOf(team)}`, {});
  return [...obstacles, ...groups, ...followed, none];
}

function archivedText({ name, group, archivedByHand }: Team): string {
  const why =
    group === undefined || archivedByHand === true
      ? ""
      : ", since its group is gone or has no team any more";
  return `the team ${name} is archived${why}: nobody has a role in it`;
}

function membershipObstacles(
  held: readonly EffectiveGrant[],
  ground: WhyGround,
): readonly AccessFact[] {
  const { member } = ground;
  // Beside a link that something comes through, another one may keep just this from having effect.
  const inVain = member.facts.links.filter((link) =>
    link.state === "linked" ? !link.active : givesAny(link, held),
  );
  switch (strongestLinkOf(member)) {
    case "linked":
      return inVain.map((link) => linkFact(link, ground));
    case "pending":
      return [factOf("link", "the invitation is not accepted yet", {})];
    case "declined":
      return [factOf("link", "the person has left or declined", {})];
    default:
      return member.isMember
        ? []
        : [
            factOf(
              "member",
              "no member: no User of an identity provider is linked and nothing is given by hand",
              {},
            ),
          ];
  }
}

/** Whether some of the grants come through a link. */
function givesAny(
  { connectionId, resourceId, groupGrants }: Link,
  held: readonly EffectiveGrant[],
): boolean {
  const given = new Set([
    `${connectionId}/${resourceId}`,
    ...groupGrants.map((one) => sourceIdOfGroupGrant(connectionId, one)),
  ]);
  return held.some(
    ({ source, sourceId }) =>
      (source === "roles" || source === "group") && given.has(sourceId ?? ""),
  );
}

function factOf(
  fact: AccessFact["fact"],
  text: string,
  {
    since,
    requestId,
    id,
  }: {
    readonly since?: string | undefined;
    readonly requestId?: string | undefined;
    readonly id?: string | undefined;
  },
): AccessFact {
  return { fact, text, since: since ?? null, requestId: requestId ?? null, id: id ?? null };
}
