/** Sorts what a body carries by the attributes it names, whatever notation it uses (RFC 7643 §2.1, §3.3). */

import type { ResolvedPath } from "../attribute-path/attribute-path.ts";
import { parseAttributePath } from "../attribute-path/parse-attribute-path.ts";
import { resolveAttributePath } from "../attribute-path/resolve-attribute-path.ts";
import { ScimError } from "../errors.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import { isJsonArray, isJsonObject } from "../json.ts";
import type { Attribute } from "../schema/attribute.ts";
import type { ResourceType, SchemaExtension } from "../schema/resource-type.ts";
import { coreAttributesOf } from "../schema/resource-type.ts";
import { attributeNamed, isComputed } from "../schema/schema.ts";
import type { ReadingNotes } from "./reading-notes.ts";
import { wrongKindError } from "./wrong-kind.ts";

/** The values as sent, by attribute. */
export interface CollectedBody {
  readonly core: ReadonlyMap<Attribute, JsonValue>;
  /** By the URI of the extension. */
  readonly extensions: ReadonlyMap<string, ReadonlyMap<Attribute, JsonValue>>;
  /** Names of the core attributes, URIs of the extensions and qualified names of their attributes that the body had. */
  readonly present: ReadonlySet<string>;
}

/** How names are found. */
export interface NameReading {
  readonly strict: boolean;
  readonly unqualifiedExtensionNames: boolean;
  readonly notes: ReadingNotes;
}

/** The values for one schema: whole ones, and those that came as single sub-attributes. */
interface Collection {
  readonly whole: Map<Attribute, JsonValue>;
  readonly parts: Map<Attribute, Map<string, JsonValue>>;
}

/** Finds the extension with that URI, ignoring case. */
export function extensionNamed(
  resourceType: ResourceType,
  uri: string,
): SchemaExtension | undefined {
  if (!uri.includes(":")) {
    return undefined;
  }
  const lower = uri.toLowerCase();
  return resourceType.extensions.find(({ schema }) => schema.id.toLowerCase() === lower);
}

/** Collects a body; names that no schema knows are noted. */
export function collectBody(
  body: JsonObject,
  resourceType: ResourceType,
  reading: NameReading,
): CollectedBody {
  const coreAttributes = coreAttributesOf(resourceType);
  const core = emptyCollection();
  const extensions = new Map<string, Collection>();
  const extensionCollection = (uri: string): Collection => {
    const collection = extensions.get(uri) ?? emptyCollection();
    extensions.set(uri, collection);
    return collection;
  };
  for (const [name, value] of namesWithin(body, resourceType, reading)) {
    const attribute = attributeNamed(coreAttributes, name);
    const extension =
      attribute === undefined ? extensionNamed(resourceType, name)?.schema : undefined;
    const path = (attribute ?? extension) ? undefined : resolvedName(name, resourceType, reading);
    if (attribute !== undefined) {
      putWhole(core, attribute, value);
    } else if (extension !== undefined) {
      collectExtension(extensionCollection(extension.id), extension, value, reading);
    } else if (path?.attribute !== undefined) {
      const uri = path.extension;
      put(uri === undefined ? core : extensionCollection(uri), path.attribute, path, value);
    } else {
      reading.notes.unknown.add(name);
    }
  }
  return {
    core: joined(core),
    extensions: new Map([...extensions].map(([uri, collection]) => [uri, joined(collection)])),
    present: new Set([
      ...namesOf(core),
      ...[...extensions].flatMap(([uri, collection]) => [
        uri,
        ...namesOf(collection).map((name) => `${uri}:${name}`),
      ]),
    ]),
  };
}

function namesOf({ whole, parts }: Collection): readonly string[] {
  return [...whole.keys(), ...parts.keys()].map(({ name }) => name);
}

/** The names of the body; leniently also those of an object under the URI of the base schema. */
function namesWithin(
  body: JsonObject,
  resourceType: ResourceType,
  reading: NameReading,
): readonly (readonly [string, JsonValue])[] {
  const base = resourceType.schema.id.toLowerCase();
  return Object.entries(body).flatMap(([name, value]): (readonly [string, JsonValue])[] =>
    !reading.strict && isJsonObject(value) && name.toLowerCase() === base
      ? Object.entries(value)
      : [[name, value]],
  );
}

function collectExtension(
  collection: Collection,
  schema: SchemaExtension["schema"],
  value: JsonValue,
  reading: NameReading,
): void {
  // All of what is computed is readOnly, and is ignored whatever stands there (RFC 7643 §7).
  if (value === null || (isJsonArray(value) && value.length === 0) || isComputed(schema)) {
    return;
  }
  if (!isJsonObject(value)) {
    throw wrongKindError(schema.id, value, "an object");
  }
  for (const [name, part] of Object.entries(value)) {
    const attribute = attributeNamed(schema.attributes, name);
    if (attribute === undefined) {
      reading.notes.unknown.add(`${schema.id}:${name}`);
    } else {
      putWhole(collection, attribute, part);
    }
  }
}

/** Interop: clients write qualified and dotted names at the top of a body, such as `Manager.Value` (no recorded flow). */
function resolvedName(
  name: string,
  resourceType: ResourceType,
  reading: NameReading,
): ResolvedPath | undefined {
  const isNotation = !reading.strict && /[.:]/.test(name);
  if (!isNotation && !reading.unqualifiedExtensionNames) {
    return undefined;
  }
  const schemaUris = [resourceType, ...resourceType.extensions].map(({ schema }) => schema.id);
  try {
    return resolveAttributePath(parseAttributePath(name, schemaUris), resourceType, reading);
  } catch (error) {
    if (error instanceof ScimError) {
      return undefined;
    }
    throw error;
  }
}

/** Takes the value of an attribute; of two in different notations neither can be the right one. */
function putWhole({ whole }: Collection, attribute: Attribute, value: JsonValue): void {
  if (whole.has(attribute)) {
    throw givenTwice(attribute.name);
  }
  whole.set(attribute, value);
}

function put(
  collection: Collection,
  attribute: Attribute,
  { subAttribute }: ResolvedPath,
  value: JsonValue,
): void {
  if (subAttribute === undefined) {
    putWhole(collection, attribute, value);
    return;
  }
  const parts = collection.parts.get(attribute) ?? new Map<string, JsonValue>();
  if (parts.has(subAttribute.name)) {
    throw givenTwice(`${attribute.name}.${subAttribute.name}`);
  }
  parts.set(subAttribute.name, value);
  collection.parts.set(attribute, parts);
}

function givenTwice(name: string): ScimError {
  return new ScimError(
    "invalidSyntax",
    `${name} is given twice, in different notations; expected it once`,
  );
}

/** Joins single sub-attributes to the value they belong to: the object, or an element of their own. */
function joined({ whole, parts }: Collection): ReadonlyMap<Attribute, JsonValue> {
  const values = new Map(whole);
  for (const [attribute, sent] of parts) {
    const own = Object.fromEntries(sent);
    const other = whole.get(attribute) ?? null;
    values.set(
      attribute,
      attribute.multiValued
        ? [...elementsOf(other), own]
        : isJsonObject(other)
          ? joinedParts(attribute, other, own)
          : own,
    );
  }
  return values;
}

function elementsOf(value: JsonValue): readonly JsonValue[] {
  if (isJsonArray(value)) {
    return value;
  }
  return value === null ? [] : [value];
}

function joinedParts(attribute: Attribute, object: JsonObject, parts: JsonObject): JsonObject {
  for (const name of Object.keys(object)) {
    const subAttribute = attributeNamed(attribute.subAttributes, name);
    if (subAttribute !== undefined && Object.hasOwn(parts, subAttribute.name)) {
      throw givenTwice(`${attribute.name}.${subAttribute.name}`);
    }
  }
  return { ...object, ...parts };
}

function emptyCollection(): Collection {
  return { whole: new Map(), parts: new Map() };
}
