/** Reads the values of a relation (RFC 7643 §2.4, §4.2): ids of other resources, whatever else they carry. */
import type { JsonObject, JsonValue } from "../json.ts";
import { isJsonArray, isJsonObject, memberInAnyCase } from "../json.ts";
import type { Attribute } from "../schema/attribute.ts";
import { attributeNamed } from "../schema/schema.ts";
import { referencedId } from "./derived-reference.ts";
import type { AttributeReading } from "./read-value.ts";
import { wrongKindError } from "./wrong-kind.ts";

/** The ids that a value of a relation names, each once and in the order sent; null and `[]` name none. */
export function readReferences(
  attribute: Attribute,
  value: JsonValue,
  reading: AttributeReading,
): readonly string[] {
  const ids = new Set<string>();
  let retired = 0;
  for (const element of elementsOf(attribute, value, reading)) {
    if (isRetired(element)) {
      retired += 1;
    } else {
      ids.add(referenceIdOf(attribute, element, reading));
    }
  }
  if (retired > 0) {
    reading.notes.sentences.add(
      `${retired} values of ${attribute.name} were ignored: operation "delete" inside a value is SCIM 1.1`,
    );
  }
  return [...ids];
}

function elementsOf(
  attribute: Attribute,
  value: JsonValue,
  reading: AttributeReading,
): readonly JsonValue[] {
  if (value === null) {
    return [];
  }
  if (isJsonArray(value)) {
    return value;
  }
  if (reading.patch || !reading.strict) {
    return [value];
  }
  throw wrongKindError(attribute.name, value, "an array");
}

function referenceIdOf(
  attribute: Attribute,
  element: JsonValue,
  reading: AttributeReading,
): string {
  const path = `an element of ${attribute.name}`;
  // Interop: Microsoft's Postman collection sends a bare string for an element (no recorded flow).
  if (typeof element === "string" && element !== "" && !reading.strict) {
    return element;
  }
  if (!isJsonObject(element)) {
    throw wrongKindError(path, element, "an object with the id of a resource in value");
  }
  noteUnknown(attribute, element, reading);
  const sent = memberInAnyCase(element, "value");
  // Clients of SCIM 1.1 descent send null or nothing in value, and the id in `$ref`.
  const id =
    sent === undefined || sent === null ? referencedId(memberInAnyCase(element, "$ref")) : sent;
  if (typeof id !== "string" || id === "") {
    throw wrongKindError(`value in ${path}`, sent, "the id of a resource");
  }
  return id;
}

/** What a client says about a reference besides the id follows from the resource; what no schema knows is noted. */
function noteUnknown(attribute: Attribute, element: JsonObject, { notes }: AttributeReading): void {
  for (const name of Object.keys(element)) {
    if (attributeNamed(attribute.subAttributes, name) === undefined) {
      notes.unknown.add(`${attribute.name}.${name}`);
    }
  }
}

/** Tells whether SCIM 1.1's `operation`, which RFC 7644 does not have, marks an element for removal. */
function isRetired(element: JsonValue): boolean {
  return isJsonObject(element) && memberInAnyCase(element, "operation") === "delete";
}
