/**
 * A filter resolved against a resource type (RFC 7644 §3.4.2.2): every path is known, every literal is in
 * comparison form (see `comparableOf`), and what a type does not allow was refused. The evaluator and every
 * store's SQL give it the same meaning.
 */
import type { ResolvedPath } from "../attribute-path/attribute-path.ts";
import type { ComparisonOperator } from "./filter.ts";

/** A literal in comparison form. Strings compare by code point, numbers by value, booleans by equality. */
export type Comparable = string | number | boolean;

/**
 * A resolved filter expression, read against the comparison form of a resource (`comparisonFormOf`).
 *
 * - `comparison` on a multi-valued attribute holds when any value satisfies it. `ne` holds when some value is another
 *   one, and also where there is no value at all (FILT-22).
 * - `title eq null` arrives as `not present`, `ne null` as `present`.
 * - A complex multi-valued attribute without sub-attribute arrives with its `value` sub-attribute.
 * - `any`: some element of the multi-valued (or the one value of the singular) complex attribute satisfies `filter`,
 *   in which every path has `subAttribute` undefined and `attribute` set to the sub-attribute. For a simple
 *   multi-valued attribute the pseudo sub-attribute `value` stands for the element itself.
 */
export type ResolvedFilter =
  | { readonly kind: "present"; readonly path: ResolvedPath }
  | {
      readonly kind: "comparison";
      readonly path: ResolvedPath;
      readonly operator: ComparisonOperator;
      readonly comparable: Comparable;
    }
  | { readonly kind: "and" | "or"; readonly operands: readonly ResolvedFilter[] }
  | { readonly kind: "not"; readonly operand: ResolvedFilter }
  | { readonly kind: "any"; readonly path: ResolvedPath; readonly filter: ResolvedFilter };

/** What every resource satisfies. */
export const alwaysMatches: ResolvedFilter = { kind: "and", operands: [] };

/** What no resource satisfies. */
export const neverMatches: ResolvedFilter = { kind: "or", operands: [] };
