/** What a POST does that meets resources already there (RFC 7644 §3.3: refuse; Rollcall: adopt). */
import type { ClientSettings } from "../interop/client-profile.ts";
import type { JsonObject } from "../json.ts";
import type { StoredResource } from "../resource/resource.ts";
import type { ResourceType } from "../schema/resource-type.ts";

/** The facts the decision rests on. */
export interface CreateFacts {
  readonly resourceType: ResourceType;
  /** The validated body. */
  readonly attributes: JsonObject;
  /** The live resource with the same name key (`userName`, `displayName`), if any. */
  readonly byName: StoredResource | undefined;
  /** Which attribute the name key is. */
  readonly namePath: string | undefined;
  /** The live resource with the same `externalId`, if any and if the rule is on. */
  readonly byExternalId: StoredResource | undefined;
  readonly settings: ClientSettings;
}

/** What to do. */
export type CreateDecision =
  | { readonly kind: "create" }
  /** Apply the body to this resource as PUT would, reactivate it, answer 200. */
  | { readonly kind: "adopt"; readonly existing: StoredResource }
  /** 409 uniqueness naming the attribute and the existing id. */
  | { readonly kind: "refuse"; readonly path: string; readonly existingId: string };

/** A pure decision. */
export type CreatePolicy = (facts: CreateFacts) => CreateDecision;

/** What RFC 7644 §3.3 says: a duplicate is a conflict. */
export const refuseDuplicates: CreatePolicy = ({ byName, namePath, byExternalId }) => {
  if (byName !== undefined && namePath !== undefined) {
    return { kind: "refuse", path: namePath, existingId: byName.id };
  }
  return byExternalId === undefined
    ? { kind: "create" }
    : { kind: "refuse", path: "externalId", existingId: byExternalId.id };
};
