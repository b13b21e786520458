/** Compiles a resolved filter to SQL over the folded JSON copy, with the meaning of the library's evaluator (RFC 7644 §3.4.2.2). */
import type {
  Attribute,
  Comparable,
  ComparisonOperator,
  ResolvedFilter,
  ResolvedPath,
} from "@rollcall/scim";
import type { FilterSite } from "./filter-site.ts";
import type { FilterTarget, Scalar } from "./filter-target.ts";
import { always, memberOfTarget, never, nothing, presenceOf } from "./filter-target.ts";
import { relationElementTarget } from "./relation-target.ts";
import { resourceTarget } from "./resource-target.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import type { Statement } from "./statement.ts";
import { compose, joined, statement } from "./statement.ts";

/** What a filter's paths lead to. */
type ReadPath = (path: ResolvedPath) => FilterTarget;

/** Compiles a filter on resources, which the statement around it knows as `r`. */
export function filterToSql(filter: ResolvedFilter, site: FilterSite): Statement {
  return conditionOf(filter, (path) => resourceTarget(path, site), site.dialect);
}

/** Compiles the filter of a value path on a relation: the member row is `m`, the resource it names `o`. */
export function relationFilterToSql(
  filter: ResolvedFilter,
  attribute: Attribute,
  site: FilterSite,
): Statement {
  return conditionOf(filter, readElement(relationElementTarget(attribute, site)), site.dialect);
}

function conditionOf(filter: ResolvedFilter, read: ReadPath, dialect: SqlDialect): Statement {
  switch (filter.kind) {
    case "present":
      return presenceOf(readSubAttribute(filter.path, read));
    case "comparison":
      return satisfies(
        readSubAttribute(filter.path, read),
        filter.operator,
        filter.comparable,
        dialect,
      );
    case "and":
    case "or":
      return combined(
        filter.kind,
        filter.operands.map((operand) => conditionOf(operand, read, dialect)),
      );
    case "not":
      return negated(conditionOf(filter.operand, read, dialect));
    case "any":
      return anyElement(read(filter.path), (element) =>
        conditionOf(filter.filter, readElement(element), dialect),
      );
  }
}

function readSubAttribute(path: ResolvedPath, read: ReadPath): FilterTarget {
  const target = read(path);
  return path.subAttribute === undefined ? target : memberOfTarget(target, path.subAttribute.name);
}

/** Inside the brackets of a value path; a simple element answers to the pseudo sub-attribute `value`. */
function readElement(element: FilterTarget): ReadPath {
  return ({ attribute }) => {
    if (attribute === undefined) {
      return nothing;
    }
    return element.kind === "scalar" && attribute.name === "value"
      ? element
      : memberOfTarget(element, attribute.name);
  };
}

function combined(kind: "and" | "or", operands: readonly Statement[]): Statement {
  if (operands.length === 0) {
    return kind === "and" ? always : never;
  }
  return compose`(${joined(operands, kind === "and" ? " AND " : " OR ")})`;
}

/** SQL's unknown, which a missing value gives, counts as false. */
function negated(condition: Statement): Statement {
  return compose`((${condition}) IS NOT TRUE)`;
}

function anyElement(target: FilterTarget, test: (element: FilterTarget) => Statement): Statement {
  switch (target.kind) {
    case "nothing":
      return never;
    case "list":
      return target.any(test);
    case "object":
      return compose`(${target.exists} AND ${test(target)})`;
    case "scalar":
      return compose`(${target.scalar.exists} AND ${test(target)})`;
  }
}

/** Whether any value satisfies the comparison; `ne` also holds where there is no value. */
function satisfies(
  target: FilterTarget,
  operator: ComparisonOperator,
  comparable: Comparable,
  dialect: SqlDialect,
): Statement {
  if (operator === "ne") {
    return target.kind === "list"
      ? compose`(${differs(target, comparable, dialect)} OR ${negated(existenceOf(target))})`
      : negated(satisfies(target, "eq", comparable, dialect));
  }
  switch (target.kind) {
    case "nothing":
    case "object":
      return never;
    case "list":
      return target.any((element) => satisfies(element, operator, comparable, dialect));
    case "scalar":
      return compares(target.scalar, operator, comparable, dialect);
  }
}

/** Whether some value is another one. */
function differs(target: FilterTarget, comparable: Comparable, dialect: SqlDialect): Statement {
  switch (target.kind) {
    case "nothing":
    case "object":
      return never;
    case "list":
      return target.any((element) => differs(element, comparable, dialect));
    case "scalar":
      return compose`(${target.scalar.exists} AND ${negated(compares(target.scalar, "eq", comparable, dialect))})`;
  }
}

/** Whether there is any value, empty or not. */
function existenceOf(target: FilterTarget): Statement {
  switch (target.kind) {
    case "nothing":
      return never;
    case "object":
      return target.exists;
    case "list":
      return target.any(existenceOf);
    case "scalar":
      return target.scalar.exists;
  }
}

const orderOf = { gt: ">", ge: ">=", lt: "<", le: "<=" } as const;
const loneSurrogate = /\p{Surrogate}/u;

function compares(
  scalar: Scalar,
  operator: Exclude<ComparisonOperator, "ne">,
  comparable: Comparable,
  dialect: SqlDialect,
): Statement {
  if (typeof comparable === "boolean") {
    return operator === "eq" ? scalar.is(comparable) : never;
  }
  return typeof comparable === "number"
    ? comparesNumber(scalar, operator, comparable, dialect)
    : comparesText(scalar, operator, comparable, dialect);
}

function comparesNumber(
  scalar: Scalar,
  operator: Exclude<ComparisonOperator, "ne">,
  comparable: number,
  dialect: SqlDialect,
): Statement {
  switch (operator) {
    case "co":
    case "sw":
    case "ew":
      return never;
    default: {
      const sign = statement(operator === "eq" ? "=" : orderOf[operator]);
      return compose`${scalar.number} ${sign} ${dialect.number(comparable)}`;
    }
  }
}

function comparesText(
  { text }: Scalar,
  operator: Exclude<ComparisonOperator, "ne">,
  comparable: string,
  dialect: SqlDialect,
): Statement {
  // No stored text has one, but UTF-8 would turn it into U+FFFD, which one may have.
  if (loneSurrogate.test(comparable)) {
    return never;
  }
  switch (operator) {
    case "eq":
      return compose`${text} = ${comparable}`;
    case "co":
      return dialect.contains(text, comparable);
    case "sw":
      return dialect.beginsWith(text, comparable);
    case "ew":
      return dialect.endsWith(text, comparable);
    default:
      return compose`${text} ${statement(orderOf[operator])} ${dialect.text(comparable)}`;
  }
}
