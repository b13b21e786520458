/** The schema of ResourceType (RFC 7643 §6, §8.7.2 with errata). */
import type { AttributeDefinition } from "./attribute.ts";
import { defineAttribute } from "./attribute.ts";
import type { Schema } from "./schema.ts";

/** The URI of a schema. */
const schemaUri: AttributeDefinition = {
  name: "schema",
  description: "The URI of the schema.",
  type: "reference",
  referenceTypes: ["uri"],
  required: true,
  caseExact: true,
  mutability: "readOnly",
};

const definitions: readonly AttributeDefinition[] = [
  { name: "id", description: "The id; the same as the name.", mutability: "readOnly" },
  {
    name: "name",
    description: "The name of the resource type.",
    required: true,
    mutability: "readOnly",
    uniqueness: "server",
  },
  { name: "description", description: "The resource type in words.", mutability: "readOnly" },
  {
    name: "endpoint",
    description: "The endpoint relative to the base URL, such as `/Users`.",
    type: "reference",
    referenceTypes: ["uri"],
    required: true,
    caseExact: true,
    mutability: "readOnly",
    uniqueness: "server",
  },
  schemaUri,
  {
    name: "schemaExtensions",
    description: "The extensions of the resource type.",
    type: "complex",
    multiValued: true,
    mutability: "readOnly",
    subAttributes: [
      schemaUri,
      {
        name: "required",
        description: "Whether every resource must have the extension.",
        type: "boolean",
        required: true,
        mutability: "readOnly",
      },
    ],
  },
];

/** The schema of ResourceType. */
export const resourceTypeSchema: Schema = {
  id: "urn:ietf:params:scim:schemas:core:2.0:ResourceType",
  name: "ResourceType",
  description: "A kind of resource and its endpoint",
  attributes: definitions.map(defineAttribute),
};
