/** Writes a filter as text (RFC 7644 §3.4.2.2); parsing it again gives the same tree. */
import type { AttributePath } from "../attribute-path/attribute-path.ts";
import type { Filter, Literal } from "./filter.ts";

/** Formats a filter. */
export function formatFilter(filter: Filter): string {
  switch (filter.kind) {
    case "present":
      return `${formatPath(filter.path)} pr`;
    case "comparison":
      return `${formatPath(filter.path)} ${filter.operator} ${formatLiteral(filter.literal)}`;
    case "or":
      return filter.operands.map(formatFilter).join(" or ");
    case "and":
      return filter.operands.map(formatConjunct).join(" and ");
    case "not":
      return `not (${formatFilter(filter.operand)})`;
    case "valuePath":
      return `${formatPath(filter.path)}[${formatFilter(filter.filter)}]`;
  }
}

function formatConjunct(filter: Filter): string {
  return filter.kind === "or" ? `(${formatFilter(filter)})` : formatFilter(filter);
}

function formatPath({ schema, attribute, subAttribute }: AttributePath): string {
  const names = [attribute, subAttribute].filter((name) => name !== undefined).join(".");
  return [schema, names].filter(Boolean).join(":");
}

function formatLiteral({ value, bare }: Literal): string {
  return bare ? String(value) : JSON.stringify(value);
}
