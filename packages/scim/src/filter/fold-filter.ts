/** Works out beforehand what a filter says about all resources of a type, so that nobody has to be asked (RFC 7644 §3.4.2.1). */
import type { ResourceType } from "../schema/resource-type.ts";
import { evaluateFilter } from "./evaluate-filter.ts";
import type { ResolvedFilter } from "./resolved-filter.ts";
import { alwaysMatches, neverMatches } from "./resolved-filter.ts";

/** What is left of a filter for the resources of one type. */
export type FoldedFilter =
  | { readonly kind: "all" | "none" }
  | { readonly kind: "some"; readonly filter: ResolvedFilter };

/** Folds a filter: of `meta.resourceType` the value is known, and so is what has no operands. */
export function foldFilter(
  filter: ResolvedFilter | undefined,
  resourceType: Pick<ResourceType, "name">,
): FoldedFilter {
  const folded = filter === undefined ? alwaysMatches : fold(filter, resourceType);
  if (isSame(folded, alwaysMatches)) {
    return { kind: "all" };
  }
  return isSame(folded, neverMatches) ? { kind: "none" } : { kind: "some", filter: folded };
}

function fold(filter: ResolvedFilter, resourceType: Pick<ResourceType, "name">): ResolvedFilter {
  switch (filter.kind) {
    case "and":
    case "or":
      return combined(
        filter.kind,
        filter.operands.map((operand) => fold(operand, resourceType)),
      );
    case "not": {
      const operand = fold(filter.operand, resourceType);
      if (isSame(operand, alwaysMatches)) {
        return neverMatches;
      }
      return isSame(operand, neverMatches) ? alwaysMatches : { kind: "not", operand };
    }
    default:
      return namesResourceType(filter)
        ? constantOf(evaluateFilter(filter, { meta: { resourceType: resourceType.name } }))
        : filter;
  }
}

function combined(kind: "and" | "or", operands: readonly ResolvedFilter[]): ResolvedFilter {
  const [neutral, decisive] =
    kind === "and" ? [alwaysMatches, neverMatches] : [neverMatches, alwaysMatches];
  if (operands.some((operand) => isSame(operand, decisive))) {
    return decisive;
  }
  const left = operands.filter((operand) => !isSame(operand, neutral));
  const [only] = left;
  return left.length === 1 && only !== undefined ? only : { kind, operands: left };
}

function constantOf(value: boolean): ResolvedFilter {
  return value ? alwaysMatches : neverMatches;
}

function isSame(filter: ResolvedFilter, constant: ResolvedFilter): boolean {
  return (
    (filter.kind === "and" || filter.kind === "or") &&
    filter.kind === constant.kind &&
    filter.operands.length === 0
  );
}

function namesResourceType(
  filter: ResolvedFilter,
): filter is Extract<ResolvedFilter, { kind: "present" | "comparison" }> {
  if (filter.kind !== "present" && filter.kind !== "comparison") {
    return false;
  }
  const { extension, attribute, subAttribute } = filter.path;
  return (
    extension === undefined && attribute?.name === "meta" && subAttribute?.name === "resourceType"
  );
}
