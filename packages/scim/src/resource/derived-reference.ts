/** References to other resources (RFC 7643 §2.4 `$ref`): derived from `value`, never stored. */
import type { JsonValue } from "../json.ts";
import type { Attribute } from "../schema/attribute.ts";

/** Tells whether a sub-attribute is the `$ref` that the service provider derives from its sibling `value`. */
export function isDerivedReference(attribute: Attribute, subAttribute: Attribute): boolean {
  return (
    subAttribute.name === "$ref" &&
    subAttribute.type === "reference" &&
    resourceTypesOf(subAttribute).length > 0 &&
    attribute.subAttributes.some(({ name }) => name === "value")
  );
}

/** The names of the resource types a reference may point to. */
export function resourceTypesOf(subAttribute: Attribute): readonly string[] {
  return (subAttribute.referenceTypes ?? []).filter(
    (name) => name !== "external" && name !== "uri",
  );
}

/** The id at the end of a reference, absolute or relative, with or without a version (RFC 7643 §2.3.7). */
export function referencedId(reference: JsonValue | undefined): string | undefined {
  if (typeof reference !== "string") {
    return undefined;
  }
  const path = reference.split(/[?#]/, 1)[0] ?? "";
  const segment = path.slice(path.lastIndexOf("/") + 1);
  try {
    return segment === "" ? undefined : decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
