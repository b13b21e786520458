/** The meaning of a filter (RFC 7644 §3.4.2.2); every store's SQL must agree with it. */
import type { ResolvedPath } from "../attribute-path/attribute-path.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import { isJsonArray, isJsonObject, memberOf } from "../json.ts";
import { compareCodePoints } from "../schema/data-type.ts";
import type { ComparisonOperator } from "./filter.ts";
import type { Comparable, ResolvedFilter } from "./resolved-filter.ts";

/** What a path leads to, or nothing. */
type ReadPath = (path: ResolvedPath) => JsonValue | undefined;

/** Tells whether a resource, given in comparison form, satisfies the filter. */
export function evaluateFilter(filter: ResolvedFilter, form: JsonObject): boolean {
  return evaluate(filter, (path) => {
    const owner = path.extension === undefined ? form : memberOf(form, path.extension);
    return path.attribute === undefined ? owner : subValue(owner, path.attribute.name);
  });
}

/** Tells whether one element of a multi-valued attribute, in comparison form, satisfies the filter of a value path. */
export function evaluateValueFilter(filter: ResolvedFilter, element: JsonValue): boolean {
  return evaluate(filter, ({ attribute }) => {
    if (isJsonObject(element)) {
      return attribute === undefined ? undefined : memberOf(element, attribute.name);
    }
    return attribute?.name === "value" ? element : undefined;
  });
}

function evaluate(filter: ResolvedFilter, read: ReadPath): boolean {
  switch (filter.kind) {
    case "present":
      return isPresent(readSubAttribute(filter.path, read));
    case "comparison":
      return satisfies(readSubAttribute(filter.path, read), filter.operator, filter.comparable);
    case "and":
      return filter.operands.every((operand) => evaluate(operand, read));
    case "or":
      return filter.operands.some((operand) => evaluate(operand, read));
    case "not":
      return !evaluate(filter.operand, read);
    case "any":
      return elementsOf(read(filter.path)).some((element) =>
        evaluateValueFilter(filter.filter, element),
      );
  }
}

function readSubAttribute(path: ResolvedPath, read: ReadPath): JsonValue | undefined {
  const value = read(path);
  return path.subAttribute === undefined ? value : subValue(value, path.subAttribute.name);
}

/** The named value of an object, or that of each object in an array. */
function subValue(value: JsonValue | undefined, name: string): JsonValue | undefined {
  if (isJsonArray(value)) {
    return value.flatMap((element) => subValue(element, name) ?? []);
  }
  return isJsonObject(value) ? memberOf(value, name) : undefined;
}

function elementsOf(value: JsonValue | undefined): readonly JsonValue[] {
  if (isJsonArray(value)) {
    return value;
  }
  return value === undefined || value === null ? [] : [value];
}

/** RFC 7644 §3.4.2.2 `pr`: not empty; a complex value is not empty when one of its sub-attributes is not. */
function isPresent(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null || value === "") {
    return false;
  }
  if (isJsonArray(value)) {
    return value.some(isPresent);
  }
  return isJsonObject(value) ? Object.values(value).some(isPresent) : true;
}

/** Whether any value satisfies the comparison (RFC 7644 §3.4.2.2); `ne` also holds where there is no value. */
function satisfies(
  value: JsonValue | undefined,
  operator: ComparisonOperator,
  comparable: Comparable,
): boolean {
  const elements = elementsOf(value);
  if (operator === "ne") {
    return elements.length === 0 || elements.some((element) => element !== comparable);
  }
  return elements.some((element) => compares(element, operator, comparable));
}

function compares(
  value: JsonValue,
  operator: Exclude<ComparisonOperator, "ne">,
  comparable: Comparable,
): boolean {
  if (operator === "eq") {
    return value === comparable;
  }
  if (typeof value === "string" && typeof comparable === "string") {
    return comparesText(value, operator, comparable);
  }
  return (
    typeof value === "number" &&
    typeof comparable === "number" &&
    isInOrder(value - comparable, operator)
  );
}

function comparesText(
  value: string,
  operator: Exclude<ComparisonOperator, "eq" | "ne">,
  comparable: string,
): boolean {
  switch (operator) {
    case "co":
      return value.includes(comparable);
    case "sw":
      return value.startsWith(comparable);
    case "ew":
      return value.endsWith(comparable);
    default:
      return isInOrder(compareCodePoints(value, comparable), operator);
  }
}

function isInOrder(order: number, operator: Exclude<ComparisonOperator, "eq" | "ne">): boolean {
  switch (operator) {
    case "gt":
      return order > 0;
    case "ge":
      return order >= 0;
    case "lt":
      return order < 0;
    case "le":
      return order <= 0;
    default:
      return false;
  }
}
