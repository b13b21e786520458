/** The schema of ServiceProviderConfig (RFC 7643 §5, §8.7.2 with errata, RFC 9967 §4). */
import type { AttributeDefinition } from "./attribute.ts";
import { defineAttribute } from "./attribute.ts";
import type { Schema } from "./schema.ts";

/** A feature: whether it is there, and its limits. */
function feature(
  name: string,
  description: string,
  limits: readonly AttributeDefinition[] = [],
): AttributeDefinition {
  return {
    name,
    description,
    type: "complex",
    required: true,
    mutability: "readOnly",
    subAttributes: [flag("supported", "Whether the feature is supported."), ...limits],
  };
}

/** Something that is so or not. */
function flag(name: string, description: string): AttributeDefinition {
  return { name, description, type: "boolean", required: true, mutability: "readOnly" };
}

/** A limit of a feature. */
function limit(name: string, description: string): AttributeDefinition {
  return { name, description, type: "integer", required: true, mutability: "readOnly" };
}

/** The URL of a page for people. */
function page(name: string, description: string): AttributeDefinition {
  return {
    name,
    description,
    type: "reference",
    referenceTypes: ["external"],
    caseExact: true,
    mutability: "readOnly",
  };
}

/** A string that is always there. */
function label(name: string, description: string): AttributeDefinition {
  return { name, description, required: true, mutability: "readOnly" };
}

const definitions: readonly AttributeDefinition[] = [
  page("documentationUri", "The URL of the service provider's documentation."),
  feature("patch", "Whether resources can be modified with PATCH."),
  feature("bulk", "Whether several operations can be sent in one request.", [
    limit("maxOperations", "The most operations in one request."),
    limit("maxPayloadSize", "The largest request body, in bytes."),
  ]),
  feature("filter", "Whether queries can have a filter.", [
    limit("maxResults", "The most resources in one response."),
  ]),
  feature("changePassword", "Whether a password can be changed."),
  feature("sort", "Whether results can be sorted."),
  feature("etag", "Whether resources have versions."),
  {
    name: "pagination",
    description: "How results are divided into pages (RFC 9865 §4).",
    type: "complex",
    mutability: "readOnly",
    subAttributes: [
      flag("cursor", "Whether there are pages by cursor."),
      flag("index", "Whether there are pages by index."),
      {
        name: "defaultPaginationMethod",
        description: "How results are divided when the client does not say.",
        canonicalValues: ["cursor", "index"],
        mutability: "readOnly",
      },
      {
        ...limit("defaultPageSize", "How many results a page has when the client does not say."),
        required: false,
      },
      { ...limit("maxPageSize", "The most results on one page."), required: false },
      {
        ...limit("cursorTimeout", "How many seconds a cursor is good for at least."),
        required: false,
      },
    ],
  },
  {
    name: "authenticationSchemes",
    description: "How clients authenticate.",
    type: "complex",
    multiValued: true,
    required: true,
    mutability: "readOnly",
    subAttributes: [
      {
        ...label("type", "The authentication scheme."),
        canonicalValues: ["oauth", "oauth2", "oauthbearertoken", "httpbasic", "httpdigest"],
      },
      label("name", "The name of the scheme."),
      label("description", "The scheme in words."),
      page("specUri", "The URL of the scheme's specification."),
      page("documentationUri", "The URL of the scheme's documentation."),
      {
        name: "primary",
        description: "Whether this is the preferred scheme.",
        type: "boolean",
        mutability: "readOnly",
      },
    ],
  },
  {
    name: "securityEvents",
    description: "Which security events are offered (RFC 9967).",
    type: "complex",
    mutability: "readOnly",
    subAttributes: [
      {
        ...label("asyncRequest", "Whether requests are completed asynchronously."),
        canonicalValues: ["none", "long", "request"],
      },
      {
        ...label("eventUris", "The URIs of the events."),
        multiValued: true,
      },
    ],
  },
];

/** The schema of ServiceProviderConfig. */
export const serviceProviderConfigSchema: Schema = {
  id: "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig",
  name: "ServiceProviderConfig",
  description: "What the service provider supports",
  attributes: definitions.map(defineAttribute),
};
