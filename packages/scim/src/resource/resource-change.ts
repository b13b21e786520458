/** What one write does to one resource; the store, the audit log, the outbox and the response all read it. */
import type { JsonObject } from "../json.ts";
import type { ResourceType } from "../schema/resource-type.ts";
import type { RelationDelta } from "./relation-delta.ts";
import type { StoredResource } from "./resource.ts";

/** A value that no two live resources of a population may share: path and folded key. */
export interface UniqueKeyValue {
  /** The attribute's canonical name. */
  readonly path: string;
  /** The value in comparison form. */
  readonly key: string;
}

/** The central value: one write, decided and not yet recorded. */
export type ResourceChange = CreateChange | UpdateChange | DeleteChange;

/** A new resource (RFC 7644 §3.3). */
export interface CreateChange {
  readonly kind: "create";
  readonly resourceType: ResourceType;
  readonly id: string;
  readonly after: JsonObject;
  readonly relations: readonly RelationDelta[];
  readonly uniqueKeys: readonly UniqueKeyValue[];
}

/** A changed resource (RFC 7644 §3.5); `after` equals `before.attributes` when only relations may change. */
export interface UpdateChange {
  readonly kind: "update";
  /** `adopt`: a POST that found the resource already there. */
  readonly cause: "replace" | "patch" | "adopt";
  readonly resourceType: ResourceType;
  readonly id: string;
  readonly before: StoredResource;
  readonly after: JsonObject;
  readonly relations: readonly RelationDelta[];
  readonly uniqueKeys: readonly UniqueKeyValue[];
}

/** A resource that goes away (RFC 7644 §3.6). */
export interface DeleteChange {
  readonly kind: "delete";
  readonly resourceType: ResourceType;
  readonly id: string;
  readonly before: StoredResource;
}
