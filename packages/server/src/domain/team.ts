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
  /** The group that it was made for, and follows while that is there; undefined for one that somebody made. */
  readonly group: TeamGroup | undefined;
  /** xsd:dateTime in UTC. */
  readonly created: string;
  /** When it was archived: its grants stay and have no effect. Undefined for a live one. */
  readonly archived: string | undefined;
  /** Whether somebody has named one of a group: no sync names it anew. Left out where nobody has. */
  readonly namedByHand?: boolean | undefined;
  /** Whether somebody has archived one of a group: no sync restores it. Left out where nobody has. */
  readonly archivedByHand?: boolean | undefined;
}

/** What a team is at a time, as far as it can be changed: others tell that somebody has changed it since. */
export type TeamState = Pick<Team, "name" | "archived">;

/** A team that is to be changed. */
export interface TeamWish extends Pick<Team, "tenantId" | "teamId"> {
  /** What it is to whoever wants that; whatever it is where nothing is said. */
  readonly expected?: TeamState | undefined;
}

/** What became of making or changing a team. */
export type TeamOutcome =
  | { readonly kind: "done"; readonly team: Team }
  /** A live team of the tenant has the name. */
  | { readonly kind: "taken"; readonly by: TeamId }
  | { readonly kind: "gone" }
  /** Somebody else has changed it since it was what was expected. */
  | { readonly kind: "moved" }
  /** Only a team that follows a group can be named by it. */
  | { readonly kind: "no-group" }
  /** Members who get nothing else are put into it. */
  | { readonly kind: "default-team" };

/** What a grant or a mapping is for, in the words of the command line and the admin API: `tenant`, or `team:` and the name. */
export function targetNameOf(team: Pick<Team, "name"> | undefined): string {
  return team === undefined ? "tenant" : `team:${team.name}`;
}
