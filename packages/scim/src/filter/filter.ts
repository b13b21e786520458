/** The syntax tree of a filter (RFC 7644 §3.4.2.2): as written, nothing resolved. */
import type { AttributePath } from "../attribute-path/attribute-path.ts";

/** The operators that compare an attribute with a literal. */
export type ComparisonOperator = "eq" | "ne" | "co" | "sw" | "ew" | "gt" | "ge" | "lt" | "le";

/** A literal of the filter. `bare`: written without quotes, which only lenient parsing lets through. */
export interface Literal {
  readonly value: string | number | boolean | null;
  readonly bare: boolean;
}

/** A filter expression. */
export type Filter =
  | { readonly kind: "present"; readonly path: AttributePath }
  | {
      readonly kind: "comparison";
      readonly path: AttributePath;
      readonly operator: ComparisonOperator;
      readonly literal: Literal;
    }
  | { readonly kind: "and" | "or"; readonly operands: readonly Filter[] }
  | { readonly kind: "not"; readonly operand: Filter }
  /** `path[filter]`; the paths inside name sub-attributes. `path[f].sub op v` arrives here as `path[f and sub op v]`. */
  | { readonly kind: "valuePath"; readonly path: AttributePath; readonly filter: Filter };
