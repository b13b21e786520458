/** Teams: units of the application in which members have roles. */
import type { ConnectionId, TeamId, TenantId } from "./tenant.ts";

/** A group that has a team of its own, which follows it. */
export interface TeamGroup {
  readonly connectionId: ConnectionId;
  readonly groupId: string;
}

/** A team. Of those that are not archived no two of a tenant have one name, whatever its letter case. */
export interface Team {
  readonly tenantId: TenantId;
  readonly teamId: TeamId;
  readonly name: string;
  /** The group that it was made for; undefined for one that somebody made. */
  readonly group: TeamGroup | undefined;
  /** xsd:dateTime in UTC. */
  readonly created: string;
  /** When it was archived: its grants stay and have no effect. Undefined for a live one. */
  readonly archived: string | undefined;
}

/** What became of making or changing a team. */
export type TeamOutcome =
  | { readonly kind: "done"; readonly team: Team }
  /** A live team of the tenant has the name. */
  | { readonly kind: "taken"; readonly by: TeamId }
  | { readonly kind: "gone" }
  /** Members who get nothing else are put into it. */
  | { readonly kind: "default-team" };

/** What a grant or a mapping is for, in the words of the command line and the admin API: `tenant`, or `team:` and the name. */
export function targetNameOf(team: Pick<Team, "name"> | undefined): string {
  return team === undefined ? "tenant" : `team:${team.name}`;
}
