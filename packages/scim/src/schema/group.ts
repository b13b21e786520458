/** The Group schema and resource type (RFC 7643 §4.2, §8.7.1 with errata). */
import type { AttributeDefinition } from "./attribute.ts";
import { defineAttribute } from "./attribute.ts";
import type { ResourceType } from "./resource-type.ts";
import type { Schema } from "./schema.ts";

const members: AttributeDefinition = {
  name: "members",
  description: "The members of the group.",
  type: "complex",
  multiValued: true,
  stored: "relation",
  subAttributes: [
    {
      name: "value",
      description: "The id of the member.",
      caseExact: true,
      mutability: "immutable",
    },
    {
      name: "$ref",
      description: "The URL of the member.",
      type: "reference",
      referenceTypes: ["User", "Group"],
      caseExact: true,
      mutability: "immutable",
    },
    {
      name: "type",
      description: "The resource type of the member.",
      canonicalValues: ["User", "Group"],
      mutability: "immutable",
    },
    { name: "display", description: "The name of the member.", mutability: "immutable" },
  ],
};

/** The Group schema. */
export const groupSchema: Schema = {
  id: "urn:ietf:params:scim:schemas:core:2.0:Group",
  name: "Group",
  description: "Group",
  attributes: [
    defineAttribute({
      name: "displayName",
      description: "The name of the group.",
      required: true,
    }),
    defineAttribute(members),
  ],
};

/** The Group resource type. */
export const groupResourceType: ResourceType = {
  name: "Group",
  endpoint: "/Groups",
  description: "Group",
  schema: groupSchema,
  extensions: [],
  uniqueKeys: [
    { path: "displayName", setting: "uniqueGroupNames", role: "name" },
    { path: "externalId", setting: "uniqueExternalId", role: "external" },
  ],
  pointPaths: ["displayName", "externalId"],
  displayAttributes: ["displayName"],
};
