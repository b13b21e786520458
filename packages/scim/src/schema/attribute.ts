/** Attribute characteristics (RFC 7643 §2.2, §7). */

/** The data types of RFC 7643 §2.3. */
export type DataType =
  | "string"
  | "boolean"
  | "decimal"
  | "integer"
  | "dateTime"
  | "binary"
  | "reference"
  | "complex";

/** Who may change an attribute, and when (RFC 7643 §7). */
export type Mutability = "readOnly" | "readWrite" | "immutable" | "writeOnly";

/** When an attribute is part of a response (RFC 7643 §7). */
export type Returned = "always" | "never" | "default" | "request";

/** One attribute or sub-attribute with all of its characteristics (RFC 7643 §7). */
export interface Attribute {
  readonly name: string;
  readonly type: DataType;
  readonly multiValued: boolean;
  readonly description: string;
  readonly required: boolean;
  /** Suggested values, advisory (RFC 7643 §7). */
  readonly canonicalValues?: readonly string[];
  readonly caseExact: boolean;
  readonly mutability: Mutability;
  readonly returned: Returned;
  readonly uniqueness: "none" | "server" | "global";
  /** Names of resource types, `external` or `uri`; for `reference` only. */
  readonly referenceTypes?: readonly string[];
  /** For `complex` only; empty otherwise. */
  readonly subAttributes: readonly Attribute[];
  /**
   * Where the values live; not published.
   * `inline` (the default): in the resource. `relation`: as rows of their own that a write never loads.
   * `derived`: computed by the store when it reads, never written.
   * `computed`, for all attributes of an extension: nowhere; what the provider says of a resource when it is asked for.
   */
  readonly stored?: "inline" | "relation" | "derived" | "computed";
  /** For `derived`: the reverse of a relation, such as the groups a user is a member of. */
  readonly reverseOf?: { readonly resourceType: string; readonly attribute: string };
  /**
   * `identifier`: refuse control, bidi, zero-width and unassigned code points. `country`: two letters (ISO 3166-1
   * alpha-2), where reading is strict. Not published.
   */
  readonly format?: "identifier" | "country";
  /** The value a new resource gets when the client sends none; kept by PUT when left out. Not published. */
  readonly defaultValue?: string | number | boolean;
  /** PUT without the attribute leaves its value alone; not published. */
  readonly keptByReplace?: boolean;
}

/** What {@link defineAttribute} needs; the rest gets the defaults of RFC 7643 §2.2. */
export type AttributeDefinition = Partial<Omit<Attribute, "subAttributes">> & {
  readonly name: string;
  readonly description: string;
  readonly subAttributes?: readonly AttributeDefinition[];
};

/** Completes a definition with the defaults of RFC 7643 §2.2. */
export function defineAttribute(definition: AttributeDefinition): Attribute {
  return {
    type: "string",
    multiValued: false,
    required: false,
    caseExact: false,
    mutability: "readWrite",
    returned: "default",
    uniqueness: "none",
    ...definition,
    subAttributes: (definition.subAttributes ?? []).map(defineAttribute),
  };
}
