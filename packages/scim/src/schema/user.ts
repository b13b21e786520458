/** The User schema and resource type (RFC 7643 §4.1, §8.7.1 with errata). */
import type { Attribute, AttributeDefinition } from "./attribute.ts";
import { defineAttribute } from "./attribute.ts";
import { enterpriseUserSchema } from "./enterprise-user.ts";
import type { ResourceType } from "./resource-type.ts";
import type { Schema } from "./schema.ts";

/** What tells the values of a multi-valued attribute apart (RFC 7643 §2.4). */
interface PluralDefinition {
  readonly name: string;
  readonly description: string;
  readonly value: AttributeDefinition;
  readonly types: readonly string[];
}

/** A multi-valued complex attribute with the sub-attributes `value`, `display`, `type` and `primary`. */
function plural({ name, description, value, types }: PluralDefinition): AttributeDefinition {
  return {
    name,
    description,
    type: "complex",
    multiValued: true,
    subAttributes: [
      value,
      { name: "display", description: "The value in words, for display only." },
      {
        name: "type",
        description: "What the value is for.",
        ...(types.length > 0 ? { canonicalValues: types } : {}),
      },
      primary(`Whether this is the preferred value; true for one value of ${name} at most.`),
    ],
  };
}

/** The sub-attribute `primary`. */
function primary(description: string): AttributeDefinition {
  return { name: "primary", description, type: "boolean" };
}

/** Singular attributes, in the order of RFC 7643 §4.1.1. */
const singular: readonly AttributeDefinition[] = [
  {
    name: "userName",
    description: "The name a user signs in with; unique among users whatever its letter case.",
    required: true,
    uniqueness: "server",
    format: "identifier",
  },
  {
    name: "name",
    description: "The parts of the user's name.",
    type: "complex",
    subAttributes: [
      { name: "formatted", description: "The whole name, ready for display." },
      { name: "familyName", description: "The family name, or last name." },
      { name: "givenName", description: "The given name, or first name." },
      { name: "middleName", description: "The middle names." },
      { name: "honorificPrefix", description: "What stands before the name, such as `Dr.`." },
      { name: "honorificSuffix", description: "What stands after the name, such as `III`." },
    ],
  },
  { name: "displayName", description: "The name shown to other people." },
  { name: "nickName", description: "What the user is called casually." },
  {
    name: "profileUrl",
    description: "The URL of the user's profile page.",
    type: "reference",
    referenceTypes: ["external"],
    caseExact: true,
  },
  { name: "title", description: "The user's title, such as `Vice President`." },
  { name: "userType", description: "How the user relates to the organization." },
  {
    name: "preferredLanguage",
    description: "The preferred languages as in an Accept-Language header, such as `en-US`.",
  },
  { name: "locale", description: "The locale for dates, numbers and currency, such as `en-US`." },
  { name: "timezone", description: "The time zone by its IANA name, such as `Europe/Berlin`." },
  {
    name: "active",
    description: "Whether the user may sign in.",
    type: "boolean",
    defaultValue: true,
    keptByReplace: true,
  },
  {
    name: "password",
    description: "A password in clear text; accepted and never returned.",
    mutability: "writeOnly",
    returned: "never",
    caseExact: true,
    keptByReplace: true,
  },
];

/** Multi-valued attributes, in the order of RFC 7643 §4.1.2. */
const multiValued: readonly AttributeDefinition[] = [
  plural({
    name: "emails",
    description: "E-mail addresses.",
    value: { name: "value", description: "An e-mail address." },
    types: ["work", "home", "other"],
  }),
  plural({
    name: "phoneNumbers",
    description: "Phone numbers.",
    value: { name: "value", description: "A phone number." },
    types: ["work", "home", "mobile", "fax", "pager", "other"],
  }),
  plural({
    name: "ims",
    description: "Instant messaging addresses.",
    value: { name: "value", description: "An instant messaging address." },
    types: ["aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo"],
  }),
  plural({
    name: "photos",
    description: "URLs of photos of the user.",
    value: {
      name: "value",
      description: "The URL of a photo.",
      type: "reference",
      referenceTypes: ["external"],
      caseExact: true,
    },
    types: ["photo", "thumbnail"],
  }),
  {
    name: "addresses",
    description: "Postal addresses.",
    type: "complex",
    multiValued: true,
    subAttributes: [
      { name: "formatted", description: "The whole address, ready for a label." },
      { name: "streetAddress", description: "Street and house number." },
      { name: "locality", description: "The city." },
      { name: "region", description: "The state or region." },
      { name: "postalCode", description: "The postal code." },
      {
        name: "country",
        description: "The country, by its ISO 3166-1 alpha-2 code.",
        format: "country",
      },
      {
        name: "type",
        description: "What the address is for.",
        canonicalValues: ["work", "home", "other"],
      },
      primary("Whether this is the preferred address; true for one address at most."),
    ],
  },
  {
    name: "groups",
    description: "The groups the user belongs to; changed through the groups alone.",
    type: "complex",
    multiValued: true,
    mutability: "readOnly",
    stored: "derived",
    reverseOf: { resourceType: "Group", attribute: "members" },
    subAttributes: [
      {
        name: "value",
        description: "The id of the group.",
        caseExact: true,
        mutability: "readOnly",
      },
      {
        name: "$ref",
        description: "The URL of the group.",
        type: "reference",
        referenceTypes: ["Group"],
        caseExact: true,
        mutability: "readOnly",
      },
      { name: "display", description: "The name of the group.", mutability: "readOnly" },
      {
        name: "type",
        description: "Whether the user is a member itself or through another group.",
        canonicalValues: ["direct", "indirect"],
        mutability: "readOnly",
      },
    ],
  },
  plural({
    name: "entitlements",
    description: "What the user is entitled to.",
    value: { name: "value", description: "An entitlement." },
    types: [],
  }),
  {
    ...plural({
      name: "roles",
      description: "The roles of the user.",
      value: { name: "value", description: "A role." },
      types: [],
    }),
    keptByReplace: true,
  },
  plural({
    name: "x509Certificates",
    description: "X.509 certificates of the user.",
    value: {
      name: "value",
      description: "One certificate: base64 of its DER form.",
      type: "binary",
      caseExact: true,
    },
    types: [],
  }),
];

const attributes: readonly Attribute[] = [...singular, ...multiValued].map(defineAttribute);

/** The User schema. */
export const userSchema: Schema = {
  id: "urn:ietf:params:scim:schemas:core:2.0:User",
  name: "User",
  description: "User Account",
  attributes,
};

/** The User resource type. */
export const userResourceType: ResourceType = {
  name: "User",
  endpoint: "/Users",
  description: "User Account",
  schema: userSchema,
  extensions: [{ schema: enterpriseUserSchema, required: false }],
  uniqueKeys: [
    { path: "userName", role: "name" },
    { path: "externalId", setting: "uniqueExternalId", role: "external" },
  ],
  pointPaths: ["userName", "externalId", "displayName", "emails.value"],
  displayAttributes: ["displayName", "userName"],
};
