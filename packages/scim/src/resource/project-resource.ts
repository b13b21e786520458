/** From a stored resource to its representation (RFC 7643 §7 returned, RFC 7644 §3.9). */
import type { JsonObject, JsonValue } from "../json.ts";
import { isJsonArray, isJsonObject, memberOf } from "../json.ts";
import type { ResourceType, ResourceTypeRegistry } from "../schema/resource-type.ts";
import type { Projection } from "./projection.ts";
import type { ShownAttribute } from "./representation-shape.ts";
import { isRelated, representationShapeOf } from "./representation-shape.ts";
import type { RelationValue, Resource, StoredResource } from "./resource.ts";
import { versionOf } from "./resource-version.ts";

/** Names of the relations and derived attributes that the projection shows, to be loaded. */
export function relationsShown(
  resourceType: ResourceType,
  projection: Projection,
): readonly string[] {
  return representationShapeOf(resourceType, projection)
    .core.filter((shown) => isRelated(shown) && shown.parts.length > 0)
    .map(({ name }) => name);
}

/** URIs of the computed extensions that the projection shows something of. */
export function computedShown(
  resourceType: ResourceType,
  projection: Projection,
): readonly string[] {
  // They are returned on request alone: most answers have nothing to look for.
  return projection.kind !== "only"
    ? []
    : representationShapeOf(resourceType, projection).extensions.flatMap(({ uri, attributes }) =>
        attributes.some(({ stored }) => stored === "computed") ? [uri] : [],
      );
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
  const { core, extensions, meta } = representationShapeOf(resourceType, projection);
  const { id, attributes, relations } = stored;
  const resource: Record<string, JsonValue> = { schemas: schemasOf(attributes, resourceType), id };
  for (const shown of core) {
    const { name } = shown;
    const value = isRelated(shown)
      ? projectRelation(shown, relations, site)
      : projectValue(shown, memberOf(attributes, name), site);
    if (value !== undefined) {
      resource[name] = value;
    }
  }
  for (const { uri, attributes: shown } of extensions) {
    const extension = projectExtension(memberOf(attributes, uri), shown, site);
    if (extension !== undefined) {
      resource[uri] = extension;
    }
  }
  const shownMeta = meta && projectObject(meta, metaOf(stored, resourceType, site), site);
  if (shownMeta !== undefined) {
    resource["meta"] = shownMeta;
  }
  return resource;
}

/** What the service provider says about a resource (RFC 7643 §3.1), all of it. */
export function metaOf(
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

/** The values of a relation or of a derived attribute as they are shown; undefined for nothing. */
export function projectRelation(
  shown: ShownAttribute,
  relations: StoredResource["relations"],
  site: RepresentationSite,
): readonly JsonObject[] | undefined {
  const values = Object.hasOwn(relations, shown.name) ? relations[shown.name] : undefined;
  // Interop: authentik adds no one to a group whose list is missing (authentik.json); nobody minds an empty one.
  if (values === undefined || (values.length === 0 && shown.stored === "derived")) {
    return undefined;
  }
  return shown.parts.length === 0 ? undefined : projectRelationValues(shown, values, site);
}

/** Some of the values of a relation as they are shown. */
export function projectRelationValues(
  { parts }: ShownAttribute,
  values: readonly RelationValue[],
  { registry, baseUrl }: RepresentationSite,
): readonly JsonObject[] {
  return values.map((value) => {
    const shown: Record<string, JsonValue> = {};
    for (const { name } of parts) {
      const part = relationPart(value, name, registry, baseUrl);
      if (part !== undefined) {
        shown[name] = part;
      }
    }
    return shown;
  });
}

function schemasOf(attributes: JsonObject, resourceType: ResourceType): readonly string[] {
  const uris = resourceType.extensions.map(({ schema }) => schema.id);
  return [resourceType.schema.id, ...uris.filter((uri) => memberOf(attributes, uri) !== undefined)];
}

function projectExtension(
  values: JsonValue | undefined,
  attributes: readonly ShownAttribute[],
  site: RepresentationSite,
): JsonObject | undefined {
  if (!isJsonObject(values)) {
    return undefined;
  }
  const extension: Record<string, JsonValue> = {};
  for (const shown of attributes) {
    const value = projectValue(shown, memberOf(values, shown.name), site);
    if (value !== undefined) {
      extension[shown.name] = value;
    }
  }
  return Object.keys(extension).length === 0 ? undefined : extension;
}

function projectValue(
  shown: ShownAttribute,
  value: JsonValue | undefined,
  site: RepresentationSite,
): JsonValue | undefined {
  if (value === undefined || !shown.isComplex) {
    return value;
  }
  if (!isJsonArray(value)) {
    return isJsonObject(value) ? projectObject(shown, value, site) : undefined;
  }
  const elements = value.flatMap((element) =>
    isJsonObject(element) ? (projectObject(shown, element, site) ?? []) : [],
  );
  return elements.length === 0 ? undefined : elements;
}

function projectObject(
  { parts }: ShownAttribute,
  value: JsonObject,
  site: RepresentationSite,
): JsonObject | undefined {
  const shown: Record<string, JsonValue> = {};
  let isEmpty = true;
  for (const { name, referenceTypes } of parts) {
    const part =
      referenceTypes === undefined
        ? memberOf(value, name)
        : referenceTo(referenceTypes, memberOf(value, "value"), site);
    if (part !== undefined) {
      shown[name] = part;
      isEmpty = false;
    }
  }
  return isEmpty ? undefined : shown;
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
