/** Accounts: persons on the platform, global, each with a login e-mail; and what ties them to a tenant. */
import type { ConnectionId, MappingId, TeamId, TenantId } from "./tenant.ts";

/** The id of an account. */
export type AccountId = string & { readonly account: unique symbol };

/** A person on the platform. SCIM never writes this row unless the tenant owns the account (I1). */
export interface Account {
  readonly accountId: AccountId;
  /** Undefined where the identity provider gave none. */
  readonly email: string | undefined;
  readonly emailVerified: boolean;
  /** Whether somebody can log in as this account: it has a login identity or the application says so. */
  readonly hasLogin: boolean;
  readonly name: string | undefined;
  /** A language tag, such as `de-CH`. */
  readonly preferredLanguage: string | undefined;
  /** The application's own user id. */
  readonly ref: string | undefined;
  /** The connection whose sync made it; undefined for one that the application or an operator made. */
  readonly madeBy: { readonly tenantId: TenantId; readonly connectionId: ConnectionId } | undefined;
  /** xsd:dateTime in UTC. */
  readonly created: string;
  /** Counts its changes, from 1. */
  readonly revision: number;
}

/** How a User resource stands to an account. */
export type LinkState = "none" | "pending" | "linked" | "declined";

/** Why a membership is suspended. */
export type LockSource = "scim" | "admin" | "security" | "erasure";

/** A reason why a membership is suspended; several stand side by side. */
export interface Lock {
  readonly source: LockSource;
  /** The connection of a `scim` lock. */
  readonly connectionId: ConnectionId | undefined;
  readonly reason: string | undefined;
  /** xsd:dateTime in UTC. */
  readonly at: string;
}

/** Where a grant comes from. `default` is derived: it stands exactly while no other grant does. */
export type GrantSource = "manual" | "group" | "login" | "roles" | "default" | "retained";

/** A role in the tenant or in a team, with its source. */
export interface Grant {
  readonly source: GrantSource;
  /** What of the source: the connection and resource of `roles`, the group and mapping of `group`, the mapping of `login`. */
  readonly sourceId: string | undefined;
  /** The team it is for; undefined for the tenant itself. */
  readonly teamId: TeamId | undefined;
  readonly role: string;
  /** xsd:dateTime in UTC; undefined for what is derived. */
  readonly at: string | undefined;
  /** Whether its team is archived: it stays, keeps the membership and has no effect. Left out where that is not so. */
  readonly isIdle?: boolean | undefined;
}

/**
 * What showed, when a link was made, that its person is meant: the tenant had verified the domain, somebody the e-mail,
 * or the person accepted.
 */
export type LinkProof = "domain" | "email" | "person";

/** What a User gets as a member, direct or not, of a group that a mapping speaks of. */
export interface GroupGrant {
  readonly groupId: string;
  readonly mappingId: MappingId;
  /** Undefined for the tenant itself. */
  readonly teamId: TeamId | undefined;
  readonly role: string;
  /** xsd:dateTime in UTC. */
  readonly at: string;
  /** The request it came with. */
  readonly requestId: string | undefined;
}

/** A link of a live User of the tenant to an account. */
export interface Link {
  readonly connectionId: ConnectionId;
  readonly resourceId: string;
  readonly state: LinkState;
  /** Undefined while the state is `none`. */
  readonly accountId: AccountId | undefined;
  /** What the identity provider asserts. */
  readonly active: boolean;
  /** The tenant role that the resource's `roles` come to; undefined where it has none. */
  readonly role: string | undefined;
  /** What the groups of the User give; those for archived teams are left out. */
  readonly groupGrants: readonly GroupGrant[];
  /** Left out where nothing did. */
  readonly proof?: LinkProof | undefined;
}

/** Why a member cannot be removed by a sync. */
export type Protection = "break-glass";

/** What a tenant has on one account, as far as access depends on it. */
export interface MembershipFacts {
  readonly accountId: AccountId;
  readonly protection: Protection | undefined;
  /** Whether a login has made the person a member: they stay one without any User and any grant. Left out where none has. */
  readonly byLogin?: boolean | undefined;
  readonly links: readonly Link[];
  /** All but the derived ones and those of `roles` and of groups, which the links carry. */
  readonly grants: readonly Grant[];
  readonly locks: readonly Lock[];
}

/** What of an account the application may change; a value that is undefined goes away. */
export type AccountChange = {
  readonly [Name in
    | "email"
    | "emailVerified"
    | "hasLogin"
    | "name"
    | "preferredLanguage"
    | "ref"]?: Account[Name];
};

/** What became of making or changing an account. */
export type AccountOutcome =
  | { readonly kind: "done"; readonly account: Account }
  | { readonly kind: "taken"; readonly by: "email" | "ref" }
  | { readonly kind: "gone" };
