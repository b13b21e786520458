/** Resolves what to sort by (RFC 7644 §3.4.2.3). */
import type { ResolvedPath } from "../attribute-path/attribute-path.ts";
import { parseAttributePath } from "../attribute-path/parse-attribute-path.ts";
import type { NameResolution } from "../attribute-path/resolve-attribute-path.ts";
import {
  formatResolvedPath,
  resolveAttributePath,
} from "../attribute-path/resolve-attribute-path.ts";
import { ScimError } from "../errors.ts";
import { printableName } from "../resource/reading-notes.ts";
import type { ResourceType } from "../schema/resource-type.ts";
import { attributeNamed } from "../schema/schema.ts";

/** How `sortBy` is read. */
export interface SortReading extends NameResolution {
  readonly schemaUris: readonly string[];
}

/**
 * Resolves `sortBy`; undefined where the resource type has no such attribute. Throws `invalidValue` for attributes that
 * are computed or never returned, whose order would give them away, and `invalidPath` for a complex attribute without a
 * sub-attribute to sort by.
 */
export function resolveSortPath(
  sortBy: string,
  resourceType: ResourceType,
  reading: SortReading,
): ResolvedPath | undefined {
  const written = parseAttributePath(sortBy, reading.schemaUris);
  const path = resolveAttributePath(written, resourceType, reading);
  if (path === undefined) {
    return undefined;
  }
  if (isNeverReturned(path) || path.attribute?.stored === "computed") {
    throw noSortAttribute(sortBy, resourceType.name);
  }
  return withValue(path);
}

/** The refusal of what nobody can sort by; `of` is what should have it. */
export function noSortAttribute(sortBy: string, of: string): ScimError {
  return new ScimError(
    "invalidValue",
    `sortBy: ${printableName(sortBy)} is no attribute of ${of} to sort by; expected one that is returned`,
  );
}

function isNeverReturned(path: ResolvedPath): boolean {
  return path.attribute?.returned === "never" || path.subAttribute?.returned === "never";
}

/** A multi-valued complex attribute stands for its `value` (SORT-07). */
function withValue(path: ResolvedPath): ResolvedPath {
  const { attribute } = path;
  if (
    attribute !== undefined &&
    (attribute.type !== "complex" || path.subAttribute !== undefined)
  ) {
    return path;
  }
  const value = attribute?.multiValued
    ? attributeNamed(attribute.subAttributes, "value")
    : undefined;
  if (value === undefined) {
    throw new ScimError(
      "invalidPath",
      `sortBy: ${formatResolvedPath(path) || "the base schema"} has no order; expected a simple attribute or a sub-attribute`,
    );
  }
  return { ...path, subAttribute: value };
}
