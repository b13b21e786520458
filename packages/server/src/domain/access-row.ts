/** Effective access as a list: one row for each person and each target, with the grants that it comes from. Pure. */
import type { Grant, GrantSource, GroupGrant, Link } from "./account.ts";
import type { EffectiveGrant, RoleSettings } from "./effective-access.ts";
import { sourceIdOfGroupGrant } from "./group-mapping.ts";
import type { Member } from "./member.ts";
import { accessOf } from "./member-summary.ts";
import { targetNameOf } from "./team.ts";
import type { ConnectionId, TeamId } from "./tenant.ts";

/** Where a role comes from; null where a source has no such thing. */
export interface AccessSource {
  readonly kind: GrantSource;
  readonly role: string;
  /** The slug of the connection whose group or whose User gives it. */
  readonly connection: string | null;
  readonly groupId: string | null;
  /** What the group is called. */
  readonly group: string | null;
  /** The id of the mapping; null too where the team follows the group. */
  readonly mapping: string | null;
  /** The id of the User whose roles or whose groups give it. */
  readonly user: string | null;
  /** Since when, an xsd:dateTime in UTC. */
  readonly since: string | null;
}

/** The role that a person has in the tenant or in a team. */
export interface AccessRow {
  readonly accountId: string;
  readonly email: string | null;
  /** `tenant`, or `team:` and the name of the team. */
  readonly target: string;
  /** Null for the tenant itself. */
  readonly teamId: string | null;
  readonly role: string;
  readonly sources: readonly AccessSource[];
}

/** What things are called. */
export interface AccessNames {
  readonly teams: ReadonlyMap<TeamId, string>;
  readonly connections: ReadonlyMap<ConnectionId, string>;
  /** The names of groups, by the keys of `groupKeyOf`. */
  readonly groups: ReadonlyMap<string, string>;
}

/** A group of a connection. */
export interface GroupOfConnection {
  readonly connectionId: ConnectionId;
  readonly groupId: string;
}

/** The key of a group among those of a tenant. */
export function groupKeyOf({ connectionId, groupId }: GroupOfConnection): string {
  return `${connectionId}/${groupId}`;
}

/** The groups that give something to some members, each once. */
export function groupsBehind(
  members: readonly Pick<Member, "facts">[],
): readonly GroupOfConnection[] {
  const found = members.flatMap(({ facts }) =>
    facts.links.flatMap(({ connectionId, groupGrants }) =>
      groupGrants.map(({ groupId }) => ({ connectionId, groupId })),
    ),
  );
  return [...new Map(found.map((group) => [groupKeyOf(group), group])).values()];
}

/** Lists what a member may do: in the tenant first, then in teams in the order of their ids. */
export function accessRowsOf(
  member: Member,
  settings: RoleSettings,
  names: AccessNames,
): readonly AccessRow[] {
  const { account } = member;
  const { role, teams, grants } = accessOf(member, settings);
  const effective = grants.filter(({ isEffective }) => isEffective);
  const held = [...(role === undefined ? [] : [{ teamId: undefined, role }]), ...teams];
  return held.map((one) => ({
    accountId: account.accountId,
    email: account.email ?? null,
    target: targetIn(one, names),
    teamId: one.teamId ?? null,
    role: one.role,
    sources: effective
      .filter(({ teamId }) => teamId === one.teamId)
      .map((grant) => sourceOf(grant, member, names)),
  }));
}

/** A grant of a member, effective or not. */
export interface ShownGrant extends AccessSource {
  readonly target: string;
  readonly teamId: string | null;
  readonly effective: boolean;
  /** Where it comes from, or why it has no effect. */
  readonly why: string;
}

/** Lists all grants of a member. */
export function grantRowsOf(
  member: Member,
  settings: RoleSettings,
  names: AccessNames,
): readonly ShownGrant[] {
  return accessOf(member, settings).grants.map((grant) => ({
    target: targetIn(grant, names),
    teamId: grant.teamId ?? null,
    ...sourceOf(grant, member, names),
    effective: grant.isEffective,
    why: grant.why,
  }));
}

function targetIn({ teamId }: Pick<Grant, "teamId">, { teams }: AccessNames): string {
  return targetNameOf(teamId === undefined ? undefined : { name: teams.get(teamId) ?? teamId });
}

function sourceOf(grant: EffectiveGrant, member: Member, names: AccessNames): AccessSource {
  const { source, sourceId, role, at } = grant;
  const nothing = { connection: null, groupId: null, group: null, mapping: null, user: null };
  const known = { kind: source, role, ...nothing, since: at ?? null };
  if (source === "login") {
    return { ...known, mapping: sourceId ?? null };
  }
  const given = giftsOf(member).find((gift) => gift.kind === source && gift.sourceId === sourceId);
  if (given === undefined) {
    return known;
  }
  const { link, groupGrant } = given;
  const { connectionId, resourceId } = link;
  const through = {
    ...known,
    connection: names.connections.get(connectionId) ?? connectionId,
    user: resourceId,
  };
  if (groupGrant === undefined) {
    return through;
  }
  const { groupId, mappingId, teamId } = groupGrant;
  const group = names.groups.get(groupKeyOf({ connectionId, groupId })) ?? null;
  // The mapping of a team's own has its id, and is nobody's to change.
  const isOwn = String(mappingId) === teamId;
  return { ...through, groupId, group, mapping: isOwn ? null : mappingId };
}

interface Gift {
  readonly kind: "roles" | "group";
  readonly sourceId: string;
  readonly link: Link;
  readonly groupGrant: GroupGrant | undefined;
}

/** What comes through the links of a member. */
function giftsOf({ facts: { links } }: Pick<Member, "facts">): readonly Gift[] {
  return links.flatMap((link): readonly Gift[] => [
    {
      kind: "roles",
      sourceId: `${link.connectionId}/${link.resourceId}`,
      link,
      groupGrant: undefined,
    },
    ...link.groupGrants.map((groupGrant) => ({
      kind: "group" as const,
      sourceId: sourceIdOfGroupGrant(link.connectionId, groupGrant),
      link,
      groupGrant,
    })),
  ]);
}
