/** A resource as a store keeps it and as a client sees it (RFC 7643 §3). */
import type { JsonObject } from "../json.ts";

/** A resource's representation: what a response carries. */
export type Resource = JsonObject;

/**
 * A stored resource. `attributes` is validated and canonical: schema names in published case, extension
 * attributes under the URI of their extension, no null, no empty array or object; without `id`, `meta`,
 * `schemas` and without relations and derived attributes.
 */
export interface StoredResource {
  readonly id: string;
  readonly attributes: JsonObject;
  /**
   * These very attributes as `JSON.stringify` writes them, from a store that keeps them as text: an answer that shows
   * everything is then made without parsing them. Only where every name in it is one that the resource type still has.
   */
  readonly attributesText?: string;
  /** xsd:dateTime in UTC with milliseconds. */
  readonly created: string;
  /** xsd:dateTime in UTC with milliseconds; never goes back. */
  readonly lastModified: string;
  /** Starts at 1 and grows by one with each change; the version (RFC 7644 §3.14) is made from it. */
  readonly revision: number;
  /** Values of relations and derived attributes by attribute name, for those that were asked for. */
  readonly relations: Readonly<Record<string, readonly RelationValue[]>>;
}

/** One value of a relation or of a derived attribute, such as one member of a group. */
export interface RelationValue {
  /** The id of the other resource. */
  readonly value: string;
  /** Its resource type; `direct` or `indirect` for a derived attribute. */
  readonly type: string;
  /** Name of the resource type that `value` belongs to, for `$ref`. */
  readonly resourceType: string;
  /** The other resource's display attribute. */
  readonly display?: string;
}
