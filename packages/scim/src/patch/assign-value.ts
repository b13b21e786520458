/** Gives an attribute a value, as `add` and `replace` do (RFC 7644 §3.5.2.1, §3.5.2.3). */
import type { JsonObject, JsonValue } from "../json.ts";
import { isJsonObject, memberOf } from "../json.ts";
import { mergedElement } from "../resource/element-identity.ts";
import { checkImmutable, checkImmutableParts } from "../resource/enforce-mutability.ts";
import { isPrimary, withNewPrimary } from "../resource/primary-value.ts";
import type { AttributeReading } from "../resource/read-value.ts";
import {
  expectedKind,
  readElements,
  readOneValue,
  readParts,
  readValue,
} from "../resource/read-value.ts";
import { sameJson } from "../resource/same-json.ts";
import { wrongKindError } from "../resource/wrong-kind.ts";
import type { Attribute } from "../schema/attribute.ts";
import { elementsOf } from "./select-targets.ts";

/** The two operations that give values. */
export type AssigningOp = "add" | "replace";

/** One value for one attribute or sub-attribute. */
export interface Assignment {
  readonly op: AssigningOp;
  readonly value: JsonValue;
  /** For messages. */
  readonly path: string;
}

/**
 * The value an attribute has afterwards; undefined when it is unassigned. Throws `invalidValue` when the value does
 * not fit or a required attribute would lose its value, `mutability` when an immutable one would change.
 */
export function assignValue(
  attribute: Attribute,
  existing: JsonValue | undefined,
  assignment: Assignment,
  reading: AttributeReading,
): JsonValue | undefined {
  const { path, value } = assignment;
  const assigned = assignedValue(attribute, existing, assignment, reading);
  if (assigned === undefined && attribute.required) {
    throw wrongKindError(path, value, `${expectedKind(attribute)}, it is required`);
  }
  checkImmutable(attribute, existing, assigned, path);
  if (!attribute.multiValued) {
    checkImmutableParts(attribute, existing, assigned, path);
  }
  return keptIfImmutable(attribute, existing, assigned);
}

/** What was checked to be the same by the rules of the schema may still be written differently. */
function keptIfImmutable<T extends JsonValue>(
  { mutability }: Attribute,
  existing: T | undefined,
  assigned: T | undefined,
): T | undefined {
  return mutability === "immutable" && existing !== undefined ? existing : assigned;
}

/** A complex value with one sub-attribute assigned; undefined when nothing is left of it. */
export function assignPart(
  attribute: Attribute,
  subAttribute: Attribute,
  existing: JsonValue | undefined,
  assignment: Assignment,
  reading: AttributeReading,
): JsonObject | undefined {
  const object = isJsonObject(existing) ? existing : {};
  const old = memberOf(object, subAttribute.name);
  const part = assignValue(subAttribute, old, assignment, reading);
  // Interop: Entra clears a reference with "" (entra-modern.json, the note on "remove manager").
  if (part === "" && subAttribute.name === "value" && !attribute.multiValued && !reading.strict) {
    return undefined;
  }
  return withPart(attribute, object, subAttribute.name, part);
}

/** A complex value with the parts that the given value has; the rest stays (RFC 7644 §3.5.2.3). */
export function mergeParts(
  attribute: Attribute,
  existing: JsonValue | undefined,
  { value, path }: Assignment,
  reading: AttributeReading,
): JsonObject | undefined {
  const parts = readParts(attribute, value, path, reading);
  if (parts === undefined) {
    return undefined;
  }
  const object = isJsonObject(existing) ? existing : {};
  let merged: JsonObject | undefined = object;
  for (const [subAttribute, part] of parts) {
    const partPath = `${path}.${subAttribute.name}`;
    if (part === undefined && subAttribute.required) {
      throw wrongKindError(partPath, null, `${expectedKind(subAttribute)}, it is required`);
    }
    const old = memberOf(object, subAttribute.name);
    checkImmutable(subAttribute, old, part, partPath);
    const kept = keptIfImmutable(subAttribute, old, part);
    merged = withPart(attribute, merged ?? {}, subAttribute.name, kept);
  }
  return merged !== undefined && Object.keys(merged).length === 0 ? undefined : merged;
}

/** A complex value with one part set or taken away; undefined when no part that a client may set is left. */
export function withPart(
  attribute: Attribute,
  object: JsonObject,
  name: string,
  part: JsonValue | undefined,
): JsonObject | undefined {
  if (part !== undefined) {
    return { ...object, [name]: part };
  }
  const { [name]: _removed, ...rest } = object;
  const isLeft = attribute.subAttributes.some(
    (each) => each.mutability !== "readOnly" && memberOf(rest, each.name) !== undefined,
  );
  return isLeft ? rest : undefined;
}

function assignedValue(
  attribute: Attribute,
  existing: JsonValue | undefined,
  assignment: Assignment,
  reading: AttributeReading,
): JsonValue | undefined {
  const { op, value, path } = assignment;
  if (attribute.multiValued) {
    return op === "add"
      ? addElements(attribute, existing, assignment, reading)
      : readValue(attribute, value, path, reading);
  }
  if (attribute.type !== "complex") {
    return readOneValue(attribute, value, path, reading);
  }
  return value === null ? undefined : mergeParts(attribute, existing, assignment, reading);
}

/** Appends what is not there yet; of a value that is there, only what it says newly counts. */
function addElements(
  attribute: Attribute,
  existing: JsonValue | undefined,
  { value, path }: Assignment,
  reading: AttributeReading,
): JsonValue | undefined {
  const elements = [...elementsOf(existing)];
  const positions = new Map(
    elements.map((element, index) => [reading.comparison.identityOf(attribute, element), index]),
  );
  const primary = new Set<JsonValue>();
  for (const given of readElements(attribute, value, path, reading)) {
    const identity = reading.comparison.identityOf(attribute, given);
    const position = positions.get(identity) ?? elements.length;
    const old = elements[position];
    const merged = old === undefined ? given : mergedElement(old, given);
    const element = old !== undefined && sameJson(old, merged) ? old : merged;
    elements[position] = element;
    positions.set(identity, position);
    if (isPrimary(given)) {
      primary.add(element);
    }
  }
  return elements.length === 0
    ? undefined
    : withNewPrimary(elements, (element) => primary.has(element));
}
