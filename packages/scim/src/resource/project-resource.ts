/** From a stored resource to its representation (RFC 7643 §7 returned, RFC 7644 §3.9). */
import type { ResolvedPath } from "../attribute-path/attribute-path.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import { isJsonArray, isJsonObject, memberOf } from "../json.ts";
import type { Attribute } from "../schema/attribute.ts";
import type { ResourceType, ResourceTypeRegistry } from "../schema/resource-type.ts";
import { coreAttributesOf } from "../schema/resource-type.ts";
import type { AttributeSelection } from "./attribute-selection.ts";
import { attributeSelectionOf } from "./attribute-selection.ts";
import { isDerivedReference, resourceTypesOf } from "./derived-reference.ts";
import type { RelationValue, Resource, StoredResource } from "./resource.ts";
import { versionOf } from "./resource-version.ts";

/** What a client wants to see: `attributes` or `excludedAttributes`, resolved; unknown names are gone. */
export type Projection =
  | { readonly kind: "default" }
  | { readonly kind: "only"; readonly paths: readonly ResolvedPath[] }
  | { readonly kind: "without"; readonly paths: readonly ResolvedPath[] };

/** Names of the relations and derived attributes that the projection shows, to be loaded. */
export function relationsShown(
  resourceType: ResourceType,
  projection: Projection,
): readonly string[] {
  const selection = selectionOf(projection);
  return coreAttributesOf(resourceType)
    .filter(
      (attribute) => isRelated(attribute) && (selection.partsShown(attribute) ?? []).length > 0,
    )
    .map(({ name }) => name);
}

/** Where representations live. */
export interface RepresentationSite {
  readonly registry: ResourceTypeRegistry;
  /** Without trailing slash. */
  readonly baseUrl: string;
}

/** The URL of a resource (`meta.location`). */
export function locationOf(resourceType: ResourceType, id: string, baseUrl: string): string {
  return `${baseUrl}${resourceType.endpoint}/${encodeURIComponent(id)}`;
}

/**
 * Builds the representation: `schemas` first, then `id`, `externalId`, attributes in schema order, extensions, `meta`.
 * `$ref` of references to resources is derived; a relation that was loaded and is empty shows `[]`.
 */
export function projectResource(
  stored: StoredResource,
  resourceType: ResourceType,
  projection: Projection,
  site: RepresentationSite,
): Resource {
  const selection = selectionOf(projection);
  const resource: Record<string, JsonValue> = {
    schemas: schemasOf(stored, resourceType),
    id: stored.id,
  };
  const core = coreAttributesOf(resourceType);
  for (const attribute of core) {
    if (!written.has(attribute.name)) {
      setShown(resource, attribute, selection.partsShown(attribute), (parts) =>
        isRelated(attribute)
          ? projectRelation(attribute, stored, parts, site)
          : projectValue(attribute, memberOf(stored.attributes, attribute.name), parts, site),
      );
    }
  }
  for (const { schema } of resourceType.extensions) {
    const extension = projectExtension(stored, schema, selection, site);
    if (extension !== undefined) {
      resource[schema.id] = extension;
    }
  }
  const meta = core.find(({ name }) => name === "meta");
  if (meta !== undefined) {
    setShown(resource, meta, selection.partsShown(meta), (parts) =>
      projectObject(meta, metaOf(stored, resourceType, site), parts, site),
    );
  }
  return resource;
}

function selectionOf(projection: Projection): AttributeSelection {
  return attributeSelectionOf(
    projection.kind,
    projection.kind === "default" ? [] : projection.paths,
  );
}

/** Attributes that have a place of their own in the representation. */
const written: ReadonlySet<string> = new Set(["schemas", "id", "meta"]);

function isRelated({ stored }: Attribute): boolean {
  return stored === "relation" || stored === "derived";
}

function schemasOf({ attributes }: StoredResource, resourceType: ResourceType): readonly string[] {
  const uris = resourceType.extensions.map(({ schema }) => schema.id);
  return [resourceType.schema.id, ...uris.filter((uri) => memberOf(attributes, uri) !== undefined)];
}

function metaOf(
  { id, created, lastModified, revision }: StoredResource,
  resourceType: ResourceType,
  { baseUrl }: RepresentationSite,
): JsonObject {
  return {
    resourceType: resourceType.name,
    created,
    lastModified,
    location: locationOf(resourceType, id, baseUrl),
    version: versionOf(revision),
  };
}

function setShown(
  target: Record<string, JsonValue>,
  { name }: Attribute,
  parts: readonly Attribute[] | undefined,
  project: (parts: readonly Attribute[]) => JsonValue | undefined,
): void {
  const value = parts === undefined ? undefined : project(parts);
  if (value !== undefined) {
    target[name] = value;
  }
}

function projectExtension(
  { attributes }: StoredResource,
  schema: ResourceType["schema"],
  selection: AttributeSelection,
  site: RepresentationSite,
): JsonObject | undefined {
  const values = memberOf(attributes, schema.id);
  if (!isJsonObject(values)) {
    return undefined;
  }
  const shown: Record<string, JsonValue> = {};
  for (const attribute of schema.attributes) {
    setShown(shown, attribute, selection.partsShown(attribute, schema.id), (parts) =>
      projectValue(attribute, memberOf(values, attribute.name), parts, site),
    );
  }
  return Object.keys(shown).length === 0 ? undefined : shown;
}

function projectValue(
  attribute: Attribute,
  value: JsonValue | undefined,
  parts: readonly Attribute[],
  site: RepresentationSite,
): JsonValue | undefined {
  if (attribute.type !== "complex") {
    return value;
  }
  if (!isJsonArray(value)) {
    return isJsonObject(value) ? projectObject(attribute, value, parts, site) : undefined;
  }
  const elements = value.flatMap((element) =>
    isJsonObject(element) ? (projectObject(attribute, element, parts, site) ?? []) : [],
  );
  return elements.length === 0 ? undefined : elements;
}

function projectObject(
  attribute: Attribute,
  value: JsonObject,
  parts: readonly Attribute[],
  site: RepresentationSite,
): JsonObject | undefined {
  const shown: Record<string, JsonValue> = {};
  for (const part of parts) {
    const partValue = isDerivedReference(attribute, part)
      ? referenceTo(resourceTypesOf(part), memberOf(value, "value"), site)
      : memberOf(value, part.name);
    if (partValue !== undefined) {
      shown[part.name] = partValue;
    }
  }
  return Object.keys(shown).length === 0 ? undefined : shown;
}

/** A reference can be derived from the id alone when it can point to one resource type only. */
function referenceTo(
  resourceTypes: readonly string[],
  id: JsonValue | undefined,
  { registry, baseUrl }: RepresentationSite,
): string | undefined {
  const [name, ...others] = resourceTypes;
  const target = name === undefined || others.length > 0 ? undefined : registry.named(name);
  return target !== undefined && typeof id === "string" && id !== ""
    ? locationOf(target, id, baseUrl)
    : undefined;
}

function projectRelation(
  attribute: Attribute,
  { relations }: StoredResource,
  parts: readonly Attribute[],
  { registry, baseUrl }: RepresentationSite,
): JsonValue | undefined {
  const values = Object.hasOwn(relations, attribute.name) ? relations[attribute.name] : undefined;
  // Interop: authentik adds no one to a group whose list is missing (authentik.json); nobody minds an empty one.
  if (values === undefined || (values.length === 0 && attribute.stored === "derived")) {
    return undefined;
  }
  const names = parts.map(({ name }) => name);
  if (names.length === 0) {
    return undefined;
  }
  return values.map((value) => {
    const shown: Record<string, JsonValue> = {};
    for (const name of names) {
      const part = relationPart(value, name, registry, baseUrl);
      if (part !== undefined) {
        shown[name] = part;
      }
    }
    return shown;
  });
}

function relationPart(
  { value, type, resourceType, display }: RelationValue,
  name: string,
  registry: ResourceTypeRegistry,
  baseUrl: string,
): string | undefined {
  switch (name) {
    case "value":
      return value;
    case "type":
      return type;
    case "display":
      return display;
    case "$ref": {
      const target = registry.named(resourceType);
      return target === undefined ? undefined : locationOf(target, value, baseUrl);
    }
    default:
      return undefined;
  }
}
