/** Reads the value of an attribute against its schema (RFC 7643 §2.2–2.5). */
import type { JsonObject, JsonValue } from "../json.ts";
import { isJsonArray, isJsonObject, memberOf } from "../json.ts";
import type { Attribute } from "../schema/attribute.ts";
import { checkSimpleValue } from "../schema/data-type.ts";
import { attributeNamed } from "../schema/schema.ts";
import { isDerivedReference, referencedId } from "./derived-reference.ts";
import type { ElementComparison } from "./element-identity.ts";
import { mergeDuplicates } from "./element-identity.ts";
import { checkPrimary } from "./primary-value.ts";
import type { ReadingNotes } from "./reading-notes.ts";
import { wrongKindError } from "./wrong-kind.ts";

/** How values are read, and where it is noted what was dropped. */
export interface AttributeReading {
  readonly strict: boolean;
  /** In PATCH one value may stand for a list of one, and leniently a list of one for a value. */
  readonly patch: boolean;
  readonly notes: ReadingNotes;
  readonly comparison: ElementComparison;
}

/**
 * The value in stored form: canonical names, no null, nothing empty; undefined when the attribute is unassigned by
 * it (RFC 7643 §2.5). Throws `invalidValue`.
 */
export function readValue(
  attribute: Attribute,
  value: JsonValue,
  path: string,
  reading: AttributeReading,
): JsonValue | undefined {
  if (!attribute.multiValued) {
    return readOneValue(attribute, value, path, reading);
  }
  const elements = readElements(attribute, value, path, reading);
  return elements.length === 0 ? undefined : elements;
}

/** The values of a multi-valued attribute, each once; empty when there are none. */
export function readElements(
  attribute: Attribute,
  value: JsonValue,
  path: string,
  reading: AttributeReading,
): readonly JsonValue[] {
  const elements: JsonValue[] = [];
  for (const element of listOf(value, path, reading)) {
    if (element === null) {
      throw wrongKindError(`an element of ${path}`, element, expectedKind(attribute));
    }
    const read = readOneValue(attribute, element, path, reading);
    if (read !== undefined) {
      elements.push(read);
    }
  }
  checkPrimary(elements, path);
  return mergeDuplicates(attribute, elements, reading.comparison);
}

/** A singular value, or one element of a multi-valued attribute; undefined when nothing is left of it. */
export function readOneValue(
  attribute: Attribute,
  sent: JsonValue,
  path: string,
  reading: AttributeReading,
): JsonValue | undefined {
  if (attribute.type === "complex") {
    return wholeValueOf(attribute, readParts(attribute, sent, path, reading), path);
  }
  const value = unwrapped(attribute, sent, reading);
  if (value === null) {
    return undefined;
  }
  const read = checkSimpleValue(attribute, value, path, reading);
  if (attribute.required && typeof read === "string" && read.trim() === "") {
    throw wrongKindError(path, read, "a string that is not blank");
  }
  return read;
}

/**
 * The sub-attributes that a complex value names, in schema order, undefined for the ones it unassigns; readOnly
 * and unknown ones are left out. Undefined when the value unassigns the attribute as a whole.
 */
export function readParts(
  attribute: Attribute,
  value: JsonValue,
  path: string,
  reading: AttributeReading,
): ReadonlyMap<Attribute, JsonValue | undefined> | undefined {
  const object = complexObjectOf(attribute, unwrapped(attribute, value, reading), path, reading);
  if (object === undefined) {
    return undefined;
  }
  const sent = sentParts(attribute, object, path, reading);
  const parts = new Map<Attribute, JsonValue | undefined>();
  for (const subAttribute of attribute.subAttributes) {
    const part = sent.get(subAttribute);
    if (part !== undefined) {
      parts.set(
        subAttribute,
        readValue(subAttribute, part, `${path}.${subAttribute.name}`, reading),
      );
    }
  }
  return unassigns(attribute, parts, reading) ? undefined : parts;
}

/** A complex value made of its parts; undefined when nothing is left of it. Refuses it without a required part. */
export function wholeValueOf(
  attribute: Attribute,
  parts: ReadonlyMap<Attribute, JsonValue | undefined> | undefined,
  path: string,
): JsonObject | undefined {
  const value: Record<string, JsonValue> = {};
  for (const [{ name }, part] of parts ?? []) {
    if (part !== undefined) {
      value[name] = part;
    }
  }
  if (Object.keys(value).length === 0) {
    return undefined;
  }
  checkRequiredParts(attribute, value, path);
  return value;
}

/** Refuses a complex value that lacks a required sub-attribute (RFC 7643 §7). */
export function checkRequiredParts(attribute: Attribute, value: JsonObject, path: string): void {
  for (const subAttribute of attribute.subAttributes) {
    const isClients =
      subAttribute.mutability !== "readOnly" &&
      subAttribute.mutability !== "writeOnly" &&
      !isDerivedReference(attribute, subAttribute);
    if (subAttribute.required && isClients && memberOf(value, subAttribute.name) === undefined) {
      throw wrongKindError(
        `${path}.${subAttribute.name}`,
        undefined,
        `${expectedKind(subAttribute)}, it is required`,
      );
    }
  }
}

/** What a value of the attribute looks like, in words. */
export function expectedKind(attribute: Attribute): string {
  switch (attribute.type) {
    case "complex":
      return "an object";
    case "boolean":
      return "true or false";
    case "integer":
    case "decimal":
      return "a number";
    default:
      return "a string";
  }
}

function listOf(value: JsonValue, path: string, reading: AttributeReading): readonly JsonValue[] {
  if (value === null) {
    return [];
  }
  if (isJsonArray(value)) {
    return value;
  }
  if (!reading.strict || reading.patch) {
    return [value];
  }
  throw wrongKindError(path, value, "an array");
}

function unwrapped(attribute: Attribute, value: JsonValue, reading: AttributeReading): JsonValue {
  if (reading.strict || !reading.patch) {
    return value;
  }
  // Interop: Entra sends a list of one for a singular attribute (entra-legacy.json, the bare `manager` path).
  const one =
    isJsonArray(value) && value.length === 1 && !attribute.multiValued ? (value[0] ?? null) : value;
  return attribute.type !== "complex" && isJsonObject(one) && Object.keys(one).length === 1
    ? (memberOf(one, "value") ?? one)
    : one;
}

function complexObjectOf(
  attribute: Attribute,
  value: JsonValue,
  path: string,
  reading: AttributeReading,
): JsonObject | undefined {
  if (value === null) {
    return undefined;
  }
  if (isJsonObject(value)) {
    return value;
  }
  // Interop: Entra sends `manager` as a plain string and "" to unassign it (entra-legacy.json).
  if (typeof value === "string" && !reading.strict && hasValuePart(attribute)) {
    return value === "" ? undefined : { value };
  }
  throw wrongKindError(path, value, "an object");
}

function sentParts(
  attribute: Attribute,
  object: JsonObject,
  path: string,
  reading: AttributeReading,
): Map<Attribute, JsonValue> {
  const sent = new Map<Attribute, JsonValue>();
  let reference: JsonValue | undefined;
  for (const [name, part] of Object.entries(object)) {
    const subAttribute = attributeNamed(attribute.subAttributes, name);
    if (subAttribute === undefined) {
      reading.notes.unknown.add(`${path}.${name}`);
    } else if (isDerivedReference(attribute, subAttribute)) {
      reference = part;
    } else if (subAttribute.mutability === "writeOnly") {
      reading.notes.notStored.add(`${path}.${subAttribute.name}`);
    } else if (subAttribute.mutability !== "readOnly") {
      sent.set(subAttribute, part);
    }
  }
  const valuePart = attributeNamed(attribute.subAttributes, "value");
  const id = referencedId(reference);
  if (valuePart !== undefined && id !== undefined && (sent.get(valuePart) ?? null) === null) {
    sent.set(valuePart, id);
  }
  return sent;
}

/** Interop: Entra unassigns with `{"value": ""}` to remove a manager (entra-modern.json, the note on "remove manager"). */
function unassigns(
  attribute: Attribute,
  parts: ReadonlyMap<Attribute, JsonValue | undefined>,
  reading: AttributeReading,
): boolean {
  if (reading.strict || attribute.multiValued) {
    return false;
  }
  const valuePart = attribute.subAttributes.find(({ name }) => name === "value");
  return valuePart !== undefined && parts.get(valuePart) === "";
}

function hasValuePart(attribute: Attribute): boolean {
  return attribute.subAttributes.some(({ name }) => name === "value");
}
