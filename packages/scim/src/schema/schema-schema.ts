/** The schema of Schema (RFC 7643 §7, §8.7.2 with errata). */
import type { AttributeDefinition } from "./attribute.ts";
import { defineAttribute } from "./attribute.ts";
import type { Schema } from "./schema.ts";

/** A string with a closed list of values. */
function choice(name: string, description: string, values: readonly string[]): AttributeDefinition {
  return { name, description, canonicalValues: values, caseExact: true, mutability: "readOnly" };
}

/** A boolean characteristic. */
function flag(name: string, description: string): AttributeDefinition {
  return { name, description, type: "boolean", mutability: "readOnly" };
}

const simpleTypes = ["string", "boolean", "decimal", "integer", "dateTime", "binary", "reference"];

/** The characteristics of an attribute; a sub-attribute is never complex. */
function characteristics(types: readonly string[]): readonly AttributeDefinition[] {
  return [
    {
      name: "name",
      description: "The name of the attribute.",
      required: true,
      caseExact: true,
      mutability: "readOnly",
    },
    { ...choice("type", "The data type of the attribute.", types), required: true },
    { ...flag("multiValued", "Whether there can be several values."), required: true },
    { name: "description", description: "The attribute in words.", mutability: "readOnly" },
    flag("required", "Whether every resource must have a value."),
    {
      name: "canonicalValues",
      description: "Values that are suggested.",
      multiValued: true,
      caseExact: true,
      mutability: "readOnly",
    },
    flag("caseExact", "Whether letter case matters."),
    choice("mutability", "Who may change the attribute, and when.", [
      "readOnly",
      "readWrite",
      "immutable",
      "writeOnly",
    ]),
    choice("returned", "When the attribute is part of a response.", [
      "always",
      "never",
      "default",
      "request",
    ]),
    choice("uniqueness", "Among which resources a value is unique.", ["none", "server", "global"]),
    {
      name: "referenceTypes",
      description: "What a reference may point to.",
      multiValued: true,
      caseExact: true,
      mutability: "readOnly",
    },
  ];
}

const definitions: readonly AttributeDefinition[] = [
  {
    name: "id",
    description: "The URI of the schema.",
    required: true,
    caseExact: true,
    returned: "always",
    mutability: "readOnly",
  },
  { name: "name", description: "The name of the schema.", required: true, mutability: "readOnly" },
  { name: "description", description: "The schema in words.", mutability: "readOnly" },
  {
    name: "attributes",
    description: "The attributes the schema defines.",
    type: "complex",
    multiValued: true,
    required: true,
    mutability: "readOnly",
    subAttributes: [
      ...characteristics([...simpleTypes, "complex"]),
      {
        name: "subAttributes",
        description: "The sub-attributes of a complex attribute.",
        type: "complex",
        multiValued: true,
        mutability: "readOnly",
        subAttributes: characteristics(simpleTypes),
      },
    ],
  },
];

/** The schema of Schema. */
export const schemaSchema: Schema = {
  id: "urn:ietf:params:scim:schemas:core:2.0:Schema",
  name: "Schema",
  description: "The attributes that a URI stands for",
  attributes: definitions.map(defineAttribute),
};
