/** Resolves a filter against a resource type: names, types, literals (RFC 7644 §3.4.2.2). */
import type { AttributePath, ResolvedPath } from "../attribute-path/attribute-path.ts";
import type { NameResolution } from "../attribute-path/resolve-attribute-path.ts";
import {
  formatResolvedPath,
  resolveAttributePath,
} from "../attribute-path/resolve-attribute-path.ts";
import { ScimError } from "../errors.ts";
import type { Attribute, DataType } from "../schema/attribute.ts";
import { comparableOf } from "../schema/data-type.ts";
import { utcDateTimeOf } from "../schema/date-time.ts";
import type { ResourceType } from "../schema/resource-type.ts";
import { attributeNamed, isComputed } from "../schema/schema.ts";
import type { ComparisonOperator, Filter, Literal } from "./filter.ts";
import type { Comparable, ResolvedFilter } from "./resolved-filter.ts";
import { alwaysMatches, neverMatches } from "./resolved-filter.ts";

/** How a filter is resolved. */
export interface FilterResolution extends NameResolution {
  /** Refuses strings where a boolean belongs, bare words, and singular complex attributes that stand for their `value`. */
  readonly strict: boolean;
  /**
   * What becomes of attributes that the resource type does not have. `absent`, for queries over several types: they have
   * no value (RFC 7644 §3.4.2.1). Refused unless it says so.
   */
  readonly unknownAttributes?: "refused" | "absent";
}

/** Finds what a path of the filter names, and refuses what must not be filtered on; undefined for what has no value. */
type ResolvePath = (path: AttributePath) => ResolvedPath | undefined;

/**
 * Resolves a filter. Throws `invalidFilter` for unknown attributes, attributes that are never returned or computed, complex
 * attributes without sub-attribute, operators and literals that do not fit the type.
 */
export function resolveFilter(
  filter: Filter,
  resourceType: ResourceType,
  resolution: FilterResolution,
): ResolvedFilter {
  return resolve(filter, resolution, (path) => {
    const resolved = resolveAttributePath(path, resourceType, resolution);
    if (resolved === undefined) {
      return absent(resolution, `${nameOf(path)} is no attribute of ${resourceType.name}`);
    }
    if (resolved.attribute === undefined && resolved.extension === undefined) {
      throw refuse("the URI of the base schema needs an attribute behind it");
    }
    if (
      resourceType.extensions.some(
        ({ schema }) => schema.id === resolved.extension && isComputed(schema),
      )
    ) {
      throw refuse(
        `${formatResolvedPath(resolved)} is computed for each answer and cannot be filtered on`,
      );
    }
    return resolved;
  });
}

/** Resolves the filter of a value path against the sub-attributes of one attribute (`value` for a simple one). */
export function resolveValueFilter(
  filter: Filter,
  attribute: Attribute,
  resolution: FilterResolution,
): ResolvedFilter {
  const subAttributes =
    attribute.type === "complex"
      ? attribute.subAttributes
      : [{ ...attribute, name: "value", multiValued: false }];
  return resolve(filter, resolution, (path) => {
    const isName = path.schema === undefined && path.subAttribute === undefined;
    const subAttribute = isName ? attributeNamed(subAttributes, path.attribute ?? "") : undefined;
    if (subAttribute === undefined) {
      return absent(resolution, `${nameOf(path)} is no sub-attribute of ${attribute.name}`);
    }
    return { extension: undefined, attribute: subAttribute, subAttribute: undefined };
  });
}

function resolve(
  filter: Filter,
  resolution: FilterResolution,
  resolvePath: ResolvePath,
): ResolvedFilter {
  const readable: ResolvePath = (path) => {
    const resolved = resolvePath(path);
    return resolved && returnable(resolved);
  };
  switch (filter.kind) {
    case "present": {
      const path = readable(filter.path);
      return path === undefined ? neverMatches : { kind: "present", path };
    }
    case "comparison": {
      const { operator, literal } = filter;
      const path = readable(filter.path);
      return path === undefined
        ? absentComparison(operator, literal)
        : resolveComparison(path, operator, literal, resolution.strict);
    }
    case "and":
    case "or":
      return {
        kind: filter.kind,
        operands: filter.operands.map((operand) => resolve(operand, resolution, resolvePath)),
      };
    case "not":
      return { kind: "not", operand: resolve(filter.operand, resolution, resolvePath) };
    case "valuePath": {
      const path = readable(filter.path);
      return path === undefined ? neverMatches : resolveValuePath(path, filter.filter, resolution);
    }
  }
}

/** Says that there is no value, or refuses what could have none. */
function absent({ unknownAttributes }: FilterResolution, why: string): undefined {
  if (unknownAttributes !== "absent") {
    throw refuse(why);
  }
}

/** Where there is no value, it is none that is named, and nothing else holds of it (RFC 7644 §3.4.2.1, FILT-22). */
function absentComparison(operator: ComparisonOperator, { value }: Literal): ResolvedFilter {
  const isNone = value === null;
  return operator === (isNone ? "eq" : "ne") ? alwaysMatches : neverMatches;
}

function resolveValuePath(
  path: ResolvedPath,
  filter: Filter,
  resolution: FilterResolution,
): ResolvedFilter {
  const { attribute, subAttribute } = path;
  const hasElements = attribute?.type === "complex" || attribute?.multiValued === true;
  if (attribute === undefined || subAttribute !== undefined || !hasElements) {
    throw refuse(`${formatResolvedPath(path)} has no sub-attributes to filter on`);
  }
  return { kind: "any", path, filter: resolveValueFilter(filter, attribute, resolution) };
}

/** Refuses attributes that are never returned: a filter would tell their value (RFC 7644 §7.5.2). */
function returnable(path: ResolvedPath): ResolvedPath {
  if (path.attribute?.returned === "never" || path.subAttribute?.returned === "never") {
    throw refuse(`${formatResolvedPath(path)} is never returned and cannot be filtered on`);
  }
  return path;
}

function resolveComparison(
  path: ResolvedPath,
  operator: ComparisonOperator,
  literal: Literal,
  strict: boolean,
): ResolvedFilter {
  if (literal.value === null) {
    return resolveNullComparison(path, operator);
  }
  const { path: simplePath, target } = simplePathOf(path, strict);
  const name = formatResolvedPath(simplePath);
  checkOperator(operator, target.type, name);
  const comparable = comparableLiteral(target, literal, strict);
  if (comparable === undefined) {
    const kind = literal.bare ? "a word without quotes" : `a ${typeof literal.value}`;
    throw refuse(`${name} is compared with ${kind}, expected ${expectedLiteral[target.type]}`);
  }
  return { kind: "comparison", path: simplePath, operator, comparable };
}

/** RFC 7643 §2.5: null is the same as no value. */
function resolveNullComparison(path: ResolvedPath, operator: ComparisonOperator): ResolvedFilter {
  const present: ResolvedFilter = { kind: "present", path };
  switch (operator) {
    case "eq":
      return { kind: "not", operand: present };
    case "ne":
      return present;
    default:
      throw refuse(`${formatResolvedPath(path)}: null can only be compared with eq and ne`);
  }
}

/** The path of a simple attribute, and that attribute. A complex one stands for its `value` where it may. */
function simplePathOf(
  path: ResolvedPath,
  strict: boolean,
): { readonly path: ResolvedPath; readonly target: Attribute } {
  const { attribute } = path;
  if (attribute === undefined) {
    throw refuse(`${formatResolvedPath(path)} needs an attribute behind it`);
  }
  const target = path.subAttribute ?? attribute;
  if (target.type !== "complex") {
    return { path, target };
  }
  // Interop: Entra sends `id eq "…" and manager eq "…"` (entra-modern.json: reference-check-query).
  const value =
    attribute.multiValued || !strict ? attributeNamed(attribute.subAttributes, "value") : undefined;
  if (value === undefined) {
    throw refuse(`${formatResolvedPath(path)} is complex and needs a sub-attribute`);
  }
  const valuePath = returnable({ ...path, subAttribute: value });
  return { path: valuePath, target: value };
}

const substringTypes: readonly DataType[] = ["string", "reference", "binary"];
const unorderedTypes: readonly DataType[] = ["boolean", "binary"];

function checkOperator(operator: ComparisonOperator, type: DataType, name: string): void {
  switch (operator) {
    case "eq":
    case "ne":
      return;
    case "co":
    case "sw":
    case "ew":
      if (!substringTypes.includes(type)) {
        throw refuse(`${name} is of type ${type}, which ${operator} does not search`);
      }
      return;
    case "gt":
    case "ge":
    case "lt":
    case "le":
      if (unorderedTypes.includes(type)) {
        throw refuse(`${name} is of type ${type}, which has no order for ${operator}`);
      }
  }
}

const expectedLiteral: Readonly<Record<DataType, string>> = {
  string: "a string in double quotes",
  reference: "a string in double quotes",
  binary: "a string in double quotes",
  boolean: "true or false",
  integer: "a number",
  decimal: "a number",
  dateTime: "a date and time in double quotes, such as 2011-05-13T04:42:34Z",
  complex: "a sub-attribute",
};

/** The literal in comparison form; undefined when its type does not fit. */
function comparableLiteral(
  attribute: Attribute,
  { value, bare }: Literal,
  strict: boolean,
): Comparable | undefined {
  if (strict && bare) {
    return undefined;
  }
  switch (attribute.type) {
    case "boolean":
      return booleanOf(value, strict);
    case "integer":
    case "decimal":
      return typeof value === "number" ? value : undefined;
    case "dateTime":
      return typeof value === "string" ? utcDateTimeOf(value) : undefined;
    default:
      return typeof value === "string" ? comparableOf(attribute, value) : undefined;
  }
}

/** Interop: Entra sends `primary eq "True"` (entra-legacy.json: roles-primary-true-path). */
function booleanOf(value: Literal["value"], strict: boolean): boolean | undefined {
  if (typeof value === "string" && !strict) {
    const lower = value.toLowerCase();
    return lower === "true" || lower === "false" ? lower === "true" : undefined;
  }
  return typeof value === "boolean" ? value : undefined;
}

function nameOf({ schema, attribute, subAttribute }: AttributePath): string {
  const names = [attribute, subAttribute].filter((name) => name !== undefined).join(".");
  return [schema, names].filter(Boolean).join(":").slice(0, 200);
}

function refuse(detail: string): ScimError {
  return new ScimError("invalidFilter", `filter: ${detail}`);
}
