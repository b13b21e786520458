/** The attributes of a resource type that are stored as rows of their own, which a write never loads. */
import type { RelationDelta } from "../resource/relation-delta.ts";
import type { ValidatedResource } from "../resource/validate-resource.ts";
import type { ResourceType } from "../schema/resource-type.ts";
import { coreAttributesOf } from "../schema/resource-type.ts";

/** Names of the relation attributes. */
export function relationAttributesOf(resourceType: ResourceType): readonly string[] {
  return coreAttributesOf(resourceType)
    .filter((attribute) => attribute.stored === "relation")
    .map((attribute) => attribute.name);
}

/**
 * What a whole resource does to its relations: what it has replaces what is there, `null` is the empty list
 * (RFC 7643 §2.5), and of what it leaves out `absent` decides.
 */
export function replacedRelations(
  sent: ValidatedResource,
  resourceType: ResourceType,
  absent: "keep" | "clear",
): readonly RelationDelta[] {
  return relationAttributesOf(resourceType).flatMap((attribute) => {
    const emptied = absent === "clear" || sent.present.has(attribute);
    const given = Object.hasOwn(sent.relations, attribute) ? sent.relations[attribute] : undefined;
    const ids = given ?? (emptied ? [] : undefined);
    return ids === undefined ? [] : [{ attribute, steps: [{ op: "replace", ids }] }];
  });
}
