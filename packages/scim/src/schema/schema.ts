/** A schema and the look-up of its attributes (RFC 7643 §7). */
import type { Attribute } from "./attribute.ts";

/** A schema: a URI and the attributes it defines (RFC 7643 §7). */
export interface Schema {
  /** The schema's URI, in the case it is published. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly attributes: readonly Attribute[];
}

/** Tells whether the attributes of a schema are computed for each answer that asks for them; then all of them are. */
export function isComputed({ attributes }: Schema): boolean {
  return attributes[0]?.stored === "computed";
}

/** Attributes by their names and by their names in lower case; definitions never change. */
const indexOfAttributes = new WeakMap<readonly Attribute[], ReadonlyMap<string, Attribute>>();

/** Finds an attribute by name, ignoring case (RFC 7643 §2.1). */
export function attributeNamed(
  attributes: readonly Attribute[],
  name: string,
): Attribute | undefined {
  const index = indexOfAttributes.get(attributes) ?? indexAttributes(attributes);
  return index.get(name) ?? index.get(name.toLowerCase());
}

/** A body can have a hundred thousand names, so that looking at every attribute for each would take seconds. */
function indexAttributes(attributes: readonly Attribute[]): ReadonlyMap<string, Attribute> {
  const index = new Map<string, Attribute>();
  for (const attribute of attributes) {
    index.set(attribute.name.toLowerCase(), attribute).set(attribute.name, attribute);
  }
  indexOfAttributes.set(attributes, index);
  return index;
}
