/** The representation of a schema at /Schemas (RFC 7643 §7, RFC 7644 §4). */
import type { JsonObject } from "../json.ts";
import type { Attribute } from "./attribute.ts";
import type { Schema } from "./schema.ts";
import { schemaSchema } from "./schema-schema.ts";

/** Makes the JSON of a schema, without `meta`, which depends on where it is published. */
export function publishSchema(schema: Schema): JsonObject {
  return {
    schemas: [schemaSchema.id],
    id: schema.id,
    name: schema.name,
    description: schema.description,
    attributes: schema.attributes.map(publishAttribute),
  };
}

/** Makes the JSON of an attribute, with those characteristics that its type has (RFC 7643 §2.3). */
function publishAttribute(attribute: Attribute): JsonObject {
  const { type, canonicalValues, referenceTypes } = attribute;
  return {
    name: attribute.name,
    type,
    multiValued: attribute.multiValued,
    description: attribute.description,
    required: attribute.required,
    ...(canonicalValues === undefined ? {} : { canonicalValues }),
    ...(type === "string" || type === "reference" || type === "binary"
      ? { caseExact: attribute.caseExact }
      : {}),
    mutability: attribute.mutability,
    returned: attribute.returned,
    ...(type === "string" || type === "reference" || type === "integer" || type === "decimal"
      ? { uniqueness: attribute.uniqueness }
      : {}),
    ...(type === "reference" ? { referenceTypes: referenceTypes ?? [] } : {}),
    ...(type === "complex" ? { subAttributes: attribute.subAttributes.map(publishAttribute) } : {}),
  };
}
