/** What a path of a filter leads to, as SQL: a value, an object, a list of either, or nothing. */
import type { Attribute } from "@rollcall/scim";
import type { SqlDialect } from "./sql-dialect.ts";
import type { Statement } from "./statement.ts";
import { compose, joined, statement } from "./statement.ts";

/** Where a path leads. */
export type FilterTarget =
  | { readonly kind: "nothing" }
  | { readonly kind: "scalar"; readonly scalar: Scalar }
  | {
      readonly kind: "object";
      /** Whether there is such an object. */
      readonly exists: Statement;
      readonly members: ReadonlyMap<string, () => FilterTarget>;
    }
  | {
      readonly kind: "list";
      /** Whether any element passes the test. */
      readonly any: (test: (element: FilterTarget) => Statement) => Statement;
    };

/** A simple value. */
export interface Scalar {
  readonly text: Statement;
  readonly number: Statement;
  readonly is: (value: boolean) => Statement;
  /** Whether there is a value, empty or not. */
  readonly exists: Statement;
  /** Whether there is a value that is not empty. */
  readonly present: Statement;
}

/** Nothing at all. */
export const nothing: FilterTarget = { kind: "nothing" };

/** Always. */
export const always: Statement = statement("1 = 1");

/** Never. */
export const never: Statement = statement("1 = 0");

/** A text that is no JSON: a column or an expression. */
export function textTarget(text: Statement): FilterTarget {
  return {
    kind: "scalar",
    scalar: {
      text,
      number: text,
      is: () => never,
      exists: compose`${text} IS NOT NULL`,
      present: compose`${text} <> ''`,
    },
  };
}

/** The member of an object; of a list, those of its elements. */
export function memberOfTarget(target: FilterTarget, name: string): FilterTarget {
  switch (target.kind) {
    case "object":
      return target.members.get(name)?.() ?? nothing;
    case "list":
      return { kind: "list", any: (test) => target.any((one) => test(memberOfTarget(one, name))) };
    default:
      return nothing;
  }
}

/** RFC 7644 §3.4.2.2 `pr`: something that is not empty. */
export function presenceOf(target: FilterTarget): Statement {
  switch (target.kind) {
    case "nothing":
      return never;
    case "scalar":
      return target.scalar.present;
    case "list":
      return target.any(presenceOf);
    case "object": {
      const members = [...target.members.values()].map((member) => presenceOf(member()));
      return members.length === 0 ? never : compose`(${joined(members, " OR ")})`;
    }
  }
}

/** What reading an attribute of a JSON document needs. */
export interface JsonReading {
  readonly dialect: SqlDialect;
  /** Makes a name for a table that no other part of the statement has. */
  readonly newAlias: () => string;
  /** The URL that `$ref` derives from the sibling `value`; nothing where `$ref` is an ordinary sub-attribute. */
  readonly derivedReference: (
    subAttribute: Attribute,
    value: FilterTarget,
  ) => FilterTarget | undefined;
}

/** Reads an attribute at a path of a JSON document. */
export function jsonTarget(
  attribute: Attribute,
  document: Statement,
  path: readonly string[],
  reading: JsonReading,
): FilterTarget {
  const { dialect, newAlias } = reading;
  if (!attribute.multiValued) {
    return attribute.type === "complex"
      ? jsonObject(attribute, document, path, reading)
      : { kind: "scalar", scalar: jsonScalar(document, path, dialect) };
  }
  return {
    kind: "list",
    any: (test) => {
      const name = newAlias();
      const element: FilterTarget =
        attribute.type === "complex"
          ? jsonObject(attribute, dialect.element.document(name), [], reading)
          : { kind: "scalar", scalar: elementScalar(name, dialect) };
      return compose`EXISTS (SELECT 1 FROM ${dialect.elementsAt(document, path, name)} WHERE ${test(element)})`;
    },
  };
}

function jsonObject(
  attribute: Attribute,
  document: Statement,
  path: readonly string[],
  reading: JsonReading,
): FilterTarget {
  const inline = (sub: Attribute) => jsonTarget(sub, document, [...path, sub.name], reading);
  const value = attribute.subAttributes.find(({ name }) => name === "value");
  return {
    kind: "object",
    exists:
      path.length === 0 ? always : compose`${reading.dialect.jsonAt(document, path)} IS NOT NULL`,
    members: new Map(
      attribute.subAttributes.map((sub) => [
        sub.name,
        () => (value && reading.derivedReference(sub, inline(value))) ?? inline(sub),
      ]),
    ),
  };
}

function jsonScalar(document: Statement, path: readonly string[], dialect: SqlDialect): Scalar {
  return {
    text: dialect.textAt(document, path),
    number: dialect.numberAt(document, path),
    is: (value) => dialect.isAt(document, path, value),
    exists: compose`${dialect.jsonAt(document, path)} IS NOT NULL`,
    present: compose`${dialect.jsonAt(document, path)} <> '""'`,
  };
}

function elementScalar(name: string, { element }: SqlDialect): Scalar {
  return {
    text: element.text(name),
    number: element.number(name),
    is: (value) => element.is(name, value),
    exists: always,
    present: compose`${element.text(name)} <> ''`,
  };
}
