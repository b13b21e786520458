/** What the store derives from a resource type once: its point attributes, its display attributes, its folded copy. */
import type { Attribute, JsonObject, JsonValue, ResolvedPath, ResourceType } from "@rollcall/scim";
import {
  comparisonFormOf,
  formatResolvedPath,
  isJsonArray,
  isJsonObject,
  memberOf,
  parseAttributePath,
  resolveAttributePath,
} from "@rollcall/scim";

/** A point attribute: one that clients filter on with `eq` to find one resource. */
export interface PointPath {
  /** In full, as `formatResolvedPath` writes it. */
  readonly text: string;
  readonly path: ResolvedPath;
}

/** One value of a point attribute, in comparison form. */
export interface PointValue {
  readonly path: string;
  readonly value: string;
}

const pathsByType = new WeakMap<ResourceType, Map<string, readonly PointPath[]>>();

/**
 * The point attributes of a resource type, and those that an operator has named beside them; those that are no text are
 * left out and have no index.
 */
export function pointPathsOf(
  resourceType: ResourceType,
  more: readonly string[] = [],
): readonly PointPath[] {
  const known = pathsByType.get(resourceType) ?? new Map<string, readonly PointPath[]>();
  pathsByType.set(resourceType, known);
  const key = more.join(" ");
  const paths = known.get(key) ?? resolvedPoints(resourceType, more);
  known.set(key, paths);
  return paths;
}

function resolvedPoints(resourceType: ResourceType, more: readonly string[]): readonly PointPath[] {
  const paths = [...resourceType.pointPaths, ...more].flatMap((text) => {
    const path = resolved(text, resourceType);
    return path !== undefined && isText(path.subAttribute ?? path.attribute)
      ? [{ text: formatResolvedPath(path), path }]
      : [];
  });
  return paths.filter(({ text }, index) => paths.findIndex((one) => one.text === text) === index);
}

/** The values of point attributes of a resource, given in comparison form, each once. */
export function pointValuesOf(
  points: readonly PointPath[],
  form: JsonObject,
): readonly PointValue[] {
  return points.flatMap(({ text, path }) =>
    [...new Set(valuesAt(form, path))].flatMap((value) =>
      typeof value === "string" ? [{ path: text, value }] : [],
    ),
  );
}

/** What stands for a resource as `display` in relations to it: the first display attribute that has a value. */
export function displayOf(resourceType: ResourceType, attributes: JsonObject): string | undefined {
  for (const text of resourceType.displayAttributes) {
    const path = resolved(text, resourceType);
    const value = path === undefined ? undefined : valuesAt(attributes, path)[0];
    if (typeof value === "string" && value !== "") {
      return value;
    }
  }
  return undefined;
}

/** The comparison form of what is stored of a resource: its attributes and its schemas. */
export function storedFormOf(resourceType: ResourceType, attributes: JsonObject): JsonObject {
  const uris = resourceType.extensions.map(({ schema }) => schema.id);
  const schemas = [
    resourceType.schema.id,
    ...uris.filter((uri) => memberOf(attributes, uri) !== undefined),
  ];
  return comparisonFormOf(resourceType, { schemas, ...attributes });
}

function isText(attribute: Attribute | undefined): boolean {
  return attribute !== undefined && textTypes.has(attribute.type);
}

const textTypes: ReadonlySet<string> = new Set(["string", "reference", "binary", "dateTime"]);

function resolved(text: string, resourceType: ResourceType): ResolvedPath | undefined {
  const uris = [resourceType.schema, ...resourceType.extensions.map(({ schema }) => schema)];
  const path = parseAttributePath(
    text,
    uris.map(({ id }) => id),
  );
  return resolveAttributePath(path, resourceType, { unqualifiedExtensionNames: false });
}

function valuesAt(resource: JsonObject, path: ResolvedPath): readonly JsonValue[] {
  const names = [path.extension, path.attribute?.name, path.subAttribute?.name];
  let values: readonly JsonValue[] = [resource];
  for (const name of names) {
    if (name !== undefined) {
      values = values.flatMap((value) => {
        const member = isJsonObject(value) ? memberOf(value, name) : undefined;
        return isJsonArray(member) ? member : member === undefined ? [] : [member];
      });
    }
  }
  return values;
}
