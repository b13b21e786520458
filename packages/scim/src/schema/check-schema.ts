/** Checks that a schema is one RFC 7643 allows: names (§2.1), data types (§2.3) and characteristics (§7). */
import type { Attribute } from "./attribute.ts";
import { checkSimpleValue, dataTypes } from "./data-type.ts";
import type { Schema } from "./schema.ts";

const namePattern = /^[A-Za-z][A-Za-z0-9$_-]*$/;

/** Checks the attributes of a schema; throws TypeError naming the first that is wrong. */
export function checkSchema(schema: Schema): void {
  checkNames(schema.attributes, schema.id);
  for (const attribute of schema.attributes) {
    const path = `${schema.id}:${attribute.name}`;
    checkAttribute(attribute, path);
    checkNames(attribute.subAttributes, path);
    for (const subAttribute of attribute.subAttributes) {
      const subPath = `${path}.${subAttribute.name}`;
      // RFC 7643 §2.3.8: complex attributes contain only simple sub-attributes.
      if (subAttribute.type === "complex") {
        throw new TypeError(`${subPath}: a sub-attribute is never complex`);
      }
      checkAttribute(subAttribute, subPath);
    }
  }
}

function checkNames(attributes: readonly Attribute[], owner: string): void {
  const seen = new Set<string>();
  for (const { name } of attributes) {
    // RFC 7643 §2.1 has no `$` in front; `$ref` is its standing exception.
    if (!namePattern.test(name) && name !== "$ref") {
      throw new TypeError(
        `${owner}: "${name}" is no attribute name; expected a letter, then letters, digits, $, - or _`,
      );
    }
    if (seen.has(name.toLowerCase())) {
      throw new TypeError(`${owner}: ${name} is defined twice`);
    }
    seen.add(name.toLowerCase());
  }
}

function checkAttribute(attribute: Attribute, path: string): void {
  const { type, subAttributes, referenceTypes, defaultValue } = attribute;
  if (!dataTypes.includes(type)) {
    throw new TypeError(`${path}: ${type} is no data type; expected ${dataTypes.join(", ")}`);
  }
  if ((type === "complex") !== subAttributes.length > 0) {
    throw new TypeError(`${path}: complex attributes have sub-attributes, and no other has`);
  }
  if (referenceTypes !== undefined && type !== "reference") {
    throw new TypeError(`${path}: \`referenceTypes\` belongs to references`);
  }
  if (defaultValue !== undefined) {
    if (attribute.multiValued || type === "complex") {
      throw new TypeError(`${path}: only a singular simple attribute has a default value`);
    }
    checkDefaultValue(attribute, defaultValue, path);
  }
}

function checkDefaultValue(
  attribute: Attribute,
  value: string | number | boolean,
  path: string,
): void {
  try {
    checkSimpleValue(attribute, value, path, { strict: true });
  } catch (cause) {
    throw new TypeError(`${path}: the default value does not fit the type`, { cause });
  }
}
