/** The Enterprise User extension (RFC 7643 §4.3, §8.7.1 with errata). */
import type { AttributeDefinition } from "./attribute.ts";
import { defineAttribute } from "./attribute.ts";
import type { Schema } from "./schema.ts";

const definitions: readonly AttributeDefinition[] = [
  { name: "employeeNumber", description: "The number the organization gave to the person." },
  { name: "costCenter", description: "The cost center." },
  { name: "organization", description: "The organization." },
  { name: "division", description: "The division." },
  { name: "department", description: "The department." },
  {
    name: "manager",
    description: "The user's manager.",
    type: "complex",
    subAttributes: [
      { name: "value", description: "The id of the manager's user.", caseExact: true },
      {
        name: "$ref",
        description: "The URL of the manager's user.",
        type: "reference",
        referenceTypes: ["User"],
        caseExact: true,
      },
      {
        name: "displayName",
        description: "The manager's display name.",
        mutability: "readOnly",
      },
    ],
  },
];

/** The Enterprise User schema. */
export const enterpriseUserSchema: Schema = {
  id: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
  name: "EnterpriseUser",
  description: "Enterprise User",
  attributes: definitions.map(defineAttribute),
};
