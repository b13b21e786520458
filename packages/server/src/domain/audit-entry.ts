/** Audit entries: what one acknowledged change did, append-only, with copies instead of references. */
import type { JsonValue } from "@rollcall/scim";

/** Who did it. */
export interface Actor {
  readonly kind: ActorKind;
  /** Id of the credential or account, name of the operator, or what part of the system. */
  readonly id: string;
}

/** What kinds of actors there are. */
export const actorKinds = [
  /** A client, by a token of its connection. */
  "credential",
  /** Whoever uses the admin API, by a credential of it. */
  "admin",
  /** Somebody at the command line. */
  "operator",
  /** A person who logs in. */
  "login",
  /** A person who follows a link in a mail. */
  "person",
  "system",
] as const;

/** One of them. */
export type ActorKind = (typeof actorKinds)[number];

/** Who caused a change and by which request; travels from the request to the audit entry. */
export interface Circumstances {
  readonly actor: Actor;
  readonly requestId: string;
}

/** One changed attribute: its path and both values; a value is left out where there was none. */
export interface AttributeDifference {
  readonly path: string;
  readonly before?: JsonValue;
  readonly after?: JsonValue;
}

/** One audit entry. */
export interface AuditEntry {
  readonly entryId: string;
  /** xsd:dateTime in UTC. */
  readonly at: string;
  readonly actor: Actor;
  /** The request that caused it. */
  readonly requestId: string;
  /** `user.create|replace|patch|adopt|delete`, the same for each resource type; `connection.update`, `credential.revoke` and the like. */
  readonly action: string;
  readonly outcome: "done" | "refused";
  /** A copy of what identified the target at that time. */
  readonly target: {
    readonly type: string;
    readonly id: string;
    readonly name: string | undefined;
    readonly externalId: string | undefined;
  };
  readonly differences: readonly AttributeDifference[];
  /** Members added and removed, by relation: ids up to 1,000, counts always. */
  readonly relations: readonly RelationDifference[];
}

/** An entry with its place in the log of its tenant. */
export interface NumberedAuditEntry extends AuditEntry {
  /** Consecutive in the tenant, from 1. */
  readonly number: number;
  /** What ties it to all entries before; undefined until it is chained. */
  readonly chainHash: string | undefined;
}

/** What a change did to one relation. */
export interface RelationDifference {
  readonly attribute: string;
  readonly addedCount: number;
  readonly removedCount: number;
  /** The first 1,000. */
  readonly added: readonly string[];
  /** The first 1,000. */
  readonly removed: readonly string[];
}
