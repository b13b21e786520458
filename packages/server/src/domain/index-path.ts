/** Attribute paths that an operator wants an index for, written `TYPE:PATH`: which make sense (RFC 7644 §3.10). */
import type { Attribute, ResolvedPath, ResourceType, ResourceTypeRegistry } from "@rollcall/scim";
import { formatResolvedPath, parseAttributePath, resolveAttributePath } from "@rollcall/scim";
import type { Connection } from "./connection.ts";
import { refusal } from "./refusal.ts";

/** How many paths of a type may have an index; every write pays for each. */
export const indexPathsMax: number = 20;

/** The word that stands for no path at all. */
const none = "none";

/** Reads what an operator wrote, each `User:title` or the like; `none` alone is no path. Refuses what no index helps. */
export function parseIndexPaths(
  texts: readonly string[],
  registry: ResourceTypeRegistry,
): NonNullable<Connection["indexPaths"]> {
  const paths = new Map<string, Set<string>>();
  for (const text of texts.length === 1 && texts[0] === none ? [] : texts) {
    const { type, path } = parseIndexPath(text, registry);
    paths.set(type, (paths.get(type) ?? new Set()).add(path));
  }
  const crowded = [...paths].find(([, ofType]) => ofType.size > indexPathsMax);
  if (crowded !== undefined) {
    throw refusal(`${crowded[0]} can have ${indexPathsMax} indexes at most`);
  }
  return Object.fromEntries([...paths].map(([type, ofType]) => [type, [...ofType]]));
}

/** Lists paths as an operator writes them. */
export function formatIndexPaths({ indexPaths = {} }: Pick<Connection, "indexPaths">): string[] {
  return Object.entries(indexPaths).flatMap(([type, paths]) =>
    paths.map((path) => `${type}:${path}`),
  );
}

function parseIndexPath(
  text: string,
  registry: ResourceTypeRegistry,
): { readonly type: string; readonly path: string } {
  const [, typeName = "", pathText = ""] = /^([^:]*):(.+)$/s.exec(text) ?? [];
  const types = registry.resourceTypes;
  const resourceType = types.find(({ name }) => name.toLowerCase() === typeName.toLowerCase());
  if (resourceType === undefined) {
    const names = types.map(({ name }) => name).join(", ");
    throw refusal(
      `"${text}" names no index: write TYPE:PATH, such as User:title; the types are ${names}`,
    );
  }
  const resolved = resolvedIn(resourceType, pathText);
  if (resolved === undefined) {
    throw refusal(`${resourceType.name} has no attribute ${pathText}`);
  }
  const path = formatResolvedPath(resolved);
  const problem = problemOf(resolved, path, resourceType);
  if (problem !== undefined) {
    throw refusal(`${resourceType.name}:${path} ${problem}`);
  }
  return { type: resourceType.name, path };
}

function resolvedIn(resourceType: ResourceType, text: string): ResolvedPath | undefined {
  const schemas = [resourceType.schema, ...resourceType.extensions.map(({ schema }) => schema)];
  const path = parseAttributePath(
    text,
    schemas.map(({ id }) => id),
  );
  const resolved = resolveAttributePath(path, resourceType, { unqualifiedExtensionNames: false });
  return resolved?.attribute === undefined ? undefined : resolved;
}

const storedElsewhere: Readonly<Record<NonNullable<Attribute["stored"]>, string | undefined>> = {
  inline: undefined,
  relation: "is kept apart and is found without an index of its own",
  derived: "is kept apart and is found without an index of its own",
  computed: "is computed for each answer, so that nobody can filter on it",
};

function whyElsewhere({ stored = "inline" }: Attribute): string | undefined {
  return storedElsewhere[stored];
}

function problemOf(
  { extension, attribute, subAttribute }: ResolvedPath,
  path: string,
  resourceType: ResourceType,
): string | undefined {
  const last = subAttribute ?? attribute;
  if (last === undefined || attribute === undefined) {
    return "is no attribute";
  }
  if (resourceType.pointPaths.includes(path) || (extension === undefined && path === "id")) {
    return "has an index already, in every connection";
  }
  const elsewhere = whyElsewhere(attribute);
  if (elsewhere !== undefined) {
    return elsewhere;
  }
  if (extension === undefined && ["schemas", "meta"].includes(attribute.name)) {
    return "cannot have an index";
  }
  if (attribute.returned === "never" || last.returned === "never") {
    return "is never returned, so that nobody can filter on it";
  }
  switch (last.type) {
    case "complex":
      return `is complex: name one of its parts, such as ${path}.${last.subAttributes[0]?.name}`;
    case "boolean":
    case "decimal":
    case "integer":
      return `is no text but a ${last.type}, and only text can have an index`;
    case "string":
    case "dateTime":
    case "binary":
    case "reference":
      return undefined;
  }
}
