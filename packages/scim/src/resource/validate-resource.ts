/** Reads the body of POST and PUT against its schemas (RFC 7643 §2–3, RFC 7644 §3.3, §3.5.1). */
import { ScimError } from "../errors.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import { isJsonArray, isJsonObject, memberOf } from "../json.ts";
import type { Attribute } from "../schema/attribute.ts";
import { checkSimpleValue } from "../schema/data-type.ts";
import type { ResourceType } from "../schema/resource-type.ts";
import { coreAttributesOf } from "../schema/resource-type.ts";
import { checkSchemas } from "./check-schemas.ts";
import type { CollectedBody } from "./collect-body.ts";
import { collectBody } from "./collect-body.ts";
import { createElementComparison } from "./element-identity.ts";
import { checkPrimary } from "./primary-value.ts";
import { readReferences } from "./read-references.ts";
import type { AttributeReading } from "./read-value.ts";
import { checkRequiredParts, expectedKind, readValue } from "./read-value.ts";
import { createReadingNotes, warningsOf } from "./reading-notes.ts";
import { wrongKindError } from "./wrong-kind.ts";

/** How a body is read. */
export interface ResourceReading {
  readonly strict: boolean;
  readonly unqualifiedExtensionNames: boolean;
}

/** A body that fits its schemas. */
export interface ValidatedResource {
  /** As `StoredResource.attributes`. Defaults are not applied, see `withDefaults`. */
  readonly attributes: JsonObject;
  /** Ids by relation attribute, for the relations the body had (an empty list where it had an empty one). */
  readonly relations: Readonly<Record<string, readonly string[]>>;
  /** Core attributes, extension URIs and qualified extension attributes the body had, canonical, null and empty ones included. */
  readonly present: ReadonlySet<string>;
  /** What was dropped, in words, without values. */
  readonly warnings: readonly string[];
}

/**
 * Checks and normalises a body: names ignoring case, readOnly dropped, write-only `password` dropped with a warning,
 * unknown attributes dropped with a warning, one primary at most, identifiers clean, required ones there.
 * Throws `invalidSyntax` or `invalidValue`.
 */
export function validateResource(
  body: JsonObject,
  resourceType: ResourceType,
  { strict, unqualifiedExtensionNames }: ResourceReading,
): ValidatedResource {
  const notes = createReadingNotes();
  const reading: AttributeReading = {
    strict,
    patch: false,
    notes,
    comparison: createElementComparison(),
  };
  const coreAttributes = coreAttributesOf(resourceType);
  const collected = collectBody(body, resourceType, { strict, unqualifiedExtensionNames, notes });
  checkSchemas(sentSchemas(collected, coreAttributes), resourceType, reading);
  const relations: Record<string, readonly string[]> = {};
  const stored = storedAttributes(coreAttributes);
  const attributes = readAttributes(stored, collected.core, "", reading, relations);
  for (const { schema, required } of resourceType.extensions) {
    const sent = collected.extensions.get(schema.id) ?? new Map<Attribute, JsonValue>();
    if (required || hasData(sent)) {
      const read = readAttributes(schema.attributes, sent, `${schema.id}:`, reading, relations);
      setExtension(attributes, schema.id, read, required);
    }
  }
  return { attributes, relations, present: collected.present, warnings: warningsOf(notes) };
}

/**
 * Fills in the default values of attributes without value (RFC 7644 §3.3). Where `before` has a value that PUT would
 * keep, that stays instead: whoever unassigns `active` does not switch anybody on.
 */
export function withDefaults(
  attributes: JsonObject,
  resourceType: ResourceType,
  before: JsonObject = {},
): JsonObject {
  const core = coreAttributesOf(resourceType);
  const completed = { ...attributes, ...defaultsOf(core, attributes, before) };
  for (const { schema } of resourceType.extensions) {
    const extension = memberOf(attributes, schema.id);
    if (isJsonObject(extension)) {
      const old = memberOf(before, schema.id);
      const defaults = defaultsOf(schema.attributes, extension, isJsonObject(old) ? old : {});
      completed[schema.id] = { ...extension, ...defaults };
    }
  }
  return completed;
}

/** Checks a resource as a whole after PATCH: required attributes and extensions, one primary, clean identifiers. */
export function checkResource(attributes: JsonObject, resourceType: ResourceType): void {
  checkAttributes(storedAttributes(coreAttributesOf(resourceType)), attributes, "");
  for (const { schema, required } of resourceType.extensions) {
    const extension = memberOf(attributes, schema.id);
    if (isJsonObject(extension)) {
      checkAttributes(schema.attributes, extension, `${schema.id}:`);
    } else if (required) {
      throw missingExtension(schema.id);
    }
  }
}

function readAttributes(
  attributes: readonly Attribute[],
  sent: ReadonlyMap<Attribute, JsonValue>,
  prefix: string,
  reading: AttributeReading,
  relations: Record<string, readonly string[]>,
): Record<string, JsonValue> {
  const read: Record<string, JsonValue> = {};
  for (const attribute of attributes) {
    const value = sent.get(attribute);
    const path = `${prefix}${attribute.name}`;
    if (attribute.stored === "relation") {
      if (value !== undefined) {
        relations[attribute.name] = readReferences(attribute, value, reading);
      }
    } else if (isWritable(attribute)) {
      const stored = readStoredValue(attribute, value, path, reading);
      if (stored !== undefined) {
        read[attribute.name] = stored;
      }
    }
  }
  return read;
}

function readStoredValue(
  attribute: Attribute,
  sent: JsonValue | undefined,
  path: string,
  reading: AttributeReading,
): JsonValue | undefined {
  const value = sent === undefined ? undefined : readValue(attribute, sent, path, reading);
  if (value === undefined) {
    refuseMissing(attribute, sent, path);
    return undefined;
  }
  if (attribute.mutability === "writeOnly") {
    reading.notes.notStored.add(path);
    return undefined;
  }
  return value;
}

function refuseMissing(attribute: Attribute, sent: JsonValue | undefined, path: string): void {
  if (
    attribute.required &&
    attribute.mutability !== "writeOnly" &&
    attribute.defaultValue === undefined
  ) {
    throw wrongKindError(path, sent, `${expectedKind(attribute)}, it is required`);
  }
}

function setExtension(
  attributes: Record<string, JsonValue>,
  uri: string,
  extension: JsonObject,
  required: boolean,
): void {
  if (Object.keys(extension).length > 0) {
    attributes[uri] = extension;
  } else if (required) {
    throw missingExtension(uri);
  }
}

function checkAttributes(attributes: readonly Attribute[], values: JsonObject, prefix: string) {
  for (const attribute of attributes) {
    const value = memberOf(values, attribute.name);
    const path = `${prefix}${attribute.name}`;
    if (attribute.stored === "relation" || !isWritable(attribute)) {
      continue;
    }
    if (value === undefined) {
      refuseMissing(attribute, value, path);
    } else {
      checkStoredValue(attribute, value, path);
    }
  }
}

function checkStoredValue(attribute: Attribute, value: JsonValue, path: string): void {
  if (attribute.required && typeof value === "string" && value.trim() === "") {
    throw wrongKindError(path, value, "a string that is not blank");
  }
  if (attribute.format === "identifier") {
    checkSimpleValue(attribute, value, path, { strict: true });
  }
  const elements = isJsonArray(value) ? value : [value];
  checkPrimary(elements, path);
  for (const element of elements) {
    if (isJsonObject(element)) {
      checkRequiredParts(attribute, element, path);
    }
  }
}

/** Warns of attributes that a client unassigned and that have a value at all times. */
export function defaultWarnings(
  resourceType: ResourceType,
  isUnassigned: (name: string) => boolean,
): readonly string[] {
  return coreAttributesOf(resourceType)
    .filter(({ name, defaultValue }) => defaultValue !== undefined && isUnassigned(name))
    .map(({ name }) => `${name} cannot be unassigned; it keeps its value`);
}

function defaultsOf(
  attributes: readonly Attribute[],
  values: JsonObject,
  before: JsonObject,
): JsonObject {
  return Object.fromEntries(
    attributes.flatMap(({ name, defaultValue, keptByReplace }) =>
      defaultValue === undefined || memberOf(values, name) !== undefined
        ? []
        : [[name, (keptByReplace === true ? memberOf(before, name) : undefined) ?? defaultValue]],
    ),
  );
}

/** Attributes whose values a resource keeps: all but what the service provider says about it. */
function storedAttributes(coreAttributes: readonly Attribute[]): readonly Attribute[] {
  return coreAttributes.filter(
    ({ name }) => name !== "schemas" && name !== "id" && name !== "meta",
  );
}

function isWritable(attribute: Attribute): boolean {
  return attribute.mutability !== "readOnly" && attribute.stored !== "derived";
}

function sentSchemas(
  collected: CollectedBody,
  coreAttributes: readonly Attribute[],
): JsonValue | undefined {
  const attribute = coreAttributes.find(({ name }) => name === "schemas");
  return attribute === undefined ? undefined : collected.core.get(attribute);
}

function hasData(sent: ReadonlyMap<Attribute, JsonValue>): boolean {
  return [...sent.values()].some((value) => value !== null);
}

function missingExtension(uri: string): ScimError {
  return new ScimError("invalidValue", `${uri} is missing; expected an object, it is required`);
}
