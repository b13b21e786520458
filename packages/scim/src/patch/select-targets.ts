/** Finds what the path of an operation points to (RFC 7644 §3.5.2). */
import {
  formatResolvedPath,
  resolveAttributePath,
} from "../attribute-path/resolve-attribute-path.ts";
import { ScimError } from "../errors.ts";
import { evaluateValueFilter } from "../filter/evaluate-filter.ts";
import type { Filter } from "../filter/filter.ts";
import { resolveValueFilter } from "../filter/resolve-filter.ts";
import type { ResolvedFilter } from "../filter/resolved-filter.ts";
import type { JsonValue } from "../json.ts";
import { isJsonArray } from "../json.ts";
import type { AttributeReading } from "../resource/read-value.ts";
import type { Attribute } from "../schema/attribute.ts";
import type { ResourceType } from "../schema/resource-type.ts";
import { attributeNamed } from "../schema/schema.ts";
import type { PatchPath, PatchReading } from "./patch-op.ts";

/** An attribute, a sub-attribute, or the elements of a multi-valued attribute that a filter selects. */
export interface AttributeTarget {
  readonly kind: "attribute";
  /** URI of the extension that holds the attribute; undefined for core attributes. */
  readonly extension: string | undefined;
  readonly attribute: Attribute;
  readonly subAttribute: Attribute | undefined;
  readonly filter: TargetFilter | undefined;
  /** For messages, without the filter. */
  readonly path: string;
}

/** A value filter, as written and as resolved. */
export interface TargetFilter {
  readonly written: Filter;
  readonly resolved: ResolvedFilter;
}

/** All attributes of an extension, or of the base schema where `extension` is undefined. */
export interface SchemaTarget {
  readonly kind: "schema";
  readonly extension: string | undefined;
}

/**
 * Resolves a path; undefined when no schema of the resource type knows its names. Throws `invalidPath` for a filter
 * on a singular attribute, `invalidFilter` for a filter that does not fit the attribute.
 */
export function selectTarget(
  path: PatchPath,
  resourceType: ResourceType,
  reading: PatchReading,
): AttributeTarget | SchemaTarget | undefined {
  const resolved = resolveAttributePath(path.path, resourceType, reading);
  if (resolved === undefined) {
    return undefined;
  }
  const { extension, attribute } = resolved;
  if (attribute === undefined) {
    return { kind: "schema", extension };
  }
  if (path.filter === undefined) {
    const { subAttribute } = resolved;
    const text = formatResolvedPath(resolved);
    return { kind: "attribute", extension, attribute, subAttribute, filter: undefined, path: text };
  }
  if (!attribute.multiValued) {
    throw new ScimError(
      "invalidPath",
      `${formatResolvedPath(resolved)} is not multi-valued; expected a path without brackets`,
    );
  }
  const subAttribute =
    path.subAttribute === undefined
      ? undefined
      : attributeNamed(attribute.subAttributes, path.subAttribute);
  if (path.subAttribute !== undefined && subAttribute === undefined) {
    return undefined;
  }
  return {
    kind: "attribute",
    extension,
    attribute,
    subAttribute,
    filter: {
      written: path.filter,
      resolved: resolveValueFilter(path.filter, attribute, reading),
    },
    path: formatResolvedPath({ extension, attribute, subAttribute }),
  };
}

/** The elements of the value of a multi-valued attribute. */
export function elementsOf(value: JsonValue | undefined): readonly JsonValue[] {
  if (value === undefined) {
    return [];
  }
  return isJsonArray(value) ? value : [value];
}

/** The elements that the filter of the target selects; all of them when it has none. */
export function selectElements(
  target: AttributeTarget,
  elements: readonly JsonValue[],
  { comparison }: AttributeReading,
): ReadonlySet<JsonValue> {
  const { attribute, filter } = target;
  return new Set(
    filter === undefined
      ? elements
      : elements.filter((element) =>
          evaluateValueFilter(filter.resolved, comparison.formOf(attribute, element)),
        ),
  );
}
