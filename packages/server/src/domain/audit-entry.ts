/** Audit entries: what one acknowledged change did, append-only, with copies instead of references. */
import type { JsonValue } from "@rollcall/scim";

/** Who did it. */
export interface Actor {
  readonly kind: "credential" | "operator" | "system";
  /** Credential id, operator name, or what part of the system. */
  readonly id: string;
}

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
