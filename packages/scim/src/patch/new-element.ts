/** Makes the element that a value filter describes (RFC 7644 §3.5.2.1, where nothing matches). */
import type { Filter } from "../filter/filter.ts";
import type { JsonValue } from "../json.ts";
import { isJsonObject } from "../json.ts";
import { isDerivedReference } from "../resource/derived-reference.ts";
import type { AttributeReading } from "../resource/read-value.ts";
import { readOneValue, readValue } from "../resource/read-value.ts";
import type { Attribute } from "../schema/attribute.ts";
import { attributeNamed } from "../schema/schema.ts";
import type { Assignment } from "./assign-value.ts";
import type { AttributeTarget } from "./select-targets.ts";

/**
 * The `eq` terms of the filter together with the value; undefined when the filter has other terms, so that no element
 * could be told to satisfy it, or when nothing is left of the value.
 */
export function newElement(
  target: AttributeTarget,
  { value, path }: Assignment,
  reading: AttributeReading,
): JsonValue | undefined {
  const { attribute, subAttribute, filter } = target;
  const terms = new Map<Attribute, JsonValue>();
  if (filter !== undefined && !collectTerms(filter.written, attribute, terms)) {
    return undefined;
  }
  if (subAttribute !== undefined) {
    const part = readValue(subAttribute, value, path, reading);
    return part === undefined
      ? undefined
      : { ...readTerms(terms, path, reading), [subAttribute.name]: part };
  }
  const element = readOneValue(attribute, value, path, reading);
  return isJsonObject(element) ? { ...readTerms(terms, path, reading), ...element } : element;
}

/** Collects the literals that sub-attributes must equal; false when the filter says anything else. */
function collectTerms(
  filter: Filter,
  attribute: Attribute,
  terms: Map<Attribute, JsonValue>,
): boolean {
  if (filter.kind === "and") {
    return filter.operands.every((operand) => collectTerms(operand, attribute, terms));
  }
  if (filter.kind !== "comparison" || filter.operator !== "eq") {
    return false;
  }
  const name = filter.path.attribute ?? "";
  const subAttribute = attributeNamed(attribute.subAttributes, name);
  if (subAttribute !== undefined) {
    // What a client may not write, it may not write by way of a filter either.
    const isWritable =
      subAttribute.mutability !== "readOnly" && !isDerivedReference(attribute, subAttribute);
    if (isWritable) {
      terms.set(subAttribute, filter.literal.value);
    }
    return isWritable;
  }
  // The element of a simple attribute is its own `value`.
  return attribute.type !== "complex" && name.toLowerCase() === "value";
}

function readTerms(
  terms: ReadonlyMap<Attribute, JsonValue>,
  path: string,
  reading: AttributeReading,
): Record<string, JsonValue> {
  const read: Record<string, JsonValue> = {};
  for (const [subAttribute, literal] of terms) {
    const value = readValue(subAttribute, literal, `${path} filter ${subAttribute.name}`, reading);
    if (value !== undefined) {
      read[subAttribute.name] = value;
    }
  }
  return read;
}
