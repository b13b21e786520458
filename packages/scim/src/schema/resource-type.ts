/** Resource types and their registry (RFC 7643 §6, §3.2, §3.3). */
import type { Attribute, AttributeDefinition } from "./attribute.ts";
import { defineAttribute } from "./attribute.ts";
import { checkSchema } from "./check-schema.ts";
import { resourceTypeSchema } from "./resource-type-schema.ts";
import type { Schema } from "./schema.ts";
import { attributeNamed } from "./schema.ts";
import { schemaSchema } from "./schema-schema.ts";
import { serviceProviderConfigSchema } from "./service-provider-config.ts";

/** A rule that no two live resources of a population share a value. */
export interface UniqueKey {
  /** Name of a singular string attribute of the base schema, or `externalId`. */
  readonly path: string;
  /** The setting that turns the rule on; without it the rule always holds. */
  readonly setting?: string;
  /** `name`: what a person calls the resource; `external`: what the client calls it. The create policy tells them apart. */
  readonly role: "name" | "external";
}

/** An extension of a resource type (RFC 7643 §6). */
export interface SchemaExtension {
  readonly schema: Schema;
  readonly required: boolean;
}

/** A resource type: an endpoint, its schema and its extensions (RFC 7643 §6). */
export interface ResourceType {
  /** The name, which is also the id, such as `User`. */
  readonly name: string;
  /** The endpoint with its leading slash, such as `/Users`. */
  readonly endpoint: string;
  readonly description: string;
  readonly schema: Schema;
  readonly extensions: readonly SchemaExtension[];
  readonly uniqueKeys: readonly UniqueKey[];
  /** Attribute paths, such as `emails.value`, that clients filter on with `eq` to find one resource; stores index them. */
  readonly pointPaths: readonly string[];
  /** The first of these that has a value stands for the resource as `display` in relations to it. */
  readonly displayAttributes: readonly string[];
}

/** All resource types of a service provider; the one place that validation, discovery, filters and projection read. */
export interface ResourceTypeRegistry {
  readonly resourceTypes: readonly ResourceType[];
  /** Every published schema, the discovery schemas included (RFC 7644 §4). */
  readonly schemas: readonly Schema[];
  /** The URIs of all schemas, for parsing paths by known prefix. */
  readonly schemaUris: readonly string[];
  /** Finds a type by its name. */
  named(name: string): ResourceType | undefined;
  /** Finds a type by endpoint segment without slash, ignoring case, such as `users`. */
  atEndpoint(segment: string): ResourceType | undefined;
}

const commonDefinitions: readonly AttributeDefinition[] = [
  {
    name: "schemas",
    description: "The URIs of the schemas the resource follows.",
    type: "reference",
    referenceTypes: ["uri"],
    multiValued: true,
    required: true,
    caseExact: true,
    returned: "always",
  },
  {
    name: "id",
    description: "The identifier the service provider gave to the resource.",
    caseExact: true,
    mutability: "readOnly",
    returned: "always",
    uniqueness: "server",
  },
  {
    name: "externalId",
    description: "The identifier the client gave to the resource.",
    caseExact: true,
    keptByReplace: true,
  },
  {
    name: "meta",
    description: "What the service provider knows about the resource.",
    type: "complex",
    mutability: "readOnly",
    subAttributes: [
      {
        name: "resourceType",
        description: "The name of the resource type.",
        caseExact: true,
        mutability: "readOnly",
      },
      {
        name: "created",
        description: "When the resource was created.",
        type: "dateTime",
        mutability: "readOnly",
      },
      {
        name: "lastModified",
        description: "When the resource last changed.",
        type: "dateTime",
        mutability: "readOnly",
      },
      {
        name: "location",
        description: "The URL of the resource.",
        type: "reference",
        referenceTypes: ["uri"],
        caseExact: true,
        mutability: "readOnly",
      },
      {
        name: "version",
        description: "The version of the resource.",
        caseExact: true,
        mutability: "readOnly",
      },
    ],
  },
];

/** The attributes every resource has although no schema lists them (RFC 7643 §3.1): `schemas`, `id`, `externalId`, `meta`. */
export const commonAttributes: readonly Attribute[] = commonDefinitions.map(defineAttribute);

const coreAttributesByType = new WeakMap<ResourceType, readonly Attribute[]>();

/**
 * Every attribute at the top of a resource: common and core, without extensions. Where a schema lists a common
 * attribute with other characteristics, those of RFC 7643 §3.1 hold.
 */
export function coreAttributesOf(resourceType: ResourceType): readonly Attribute[] {
  const known = coreAttributesByType.get(resourceType);
  if (known !== undefined) {
    return known;
  }
  const own = resourceType.schema.attributes.filter(
    ({ name }) => attributeNamed(commonAttributes, name) === undefined,
  );
  const attributes = [...commonAttributes, ...own];
  coreAttributesByType.set(resourceType, attributes);
  return attributes;
}

/** Adds an extension to a resource type (RFC 7643 §3.3). */
export function withExtension(
  resourceType: ResourceType,
  extension: SchemaExtension,
): ResourceType {
  return { ...resourceType, extensions: [...resourceType.extensions, extension] };
}

const discoverySchemas: readonly Schema[] = [
  serviceProviderConfigSchema,
  resourceTypeSchema,
  schemaSchema,
];

/** Makes the registry of a service provider; throws TypeError when names, URIs or attributes are not as RFC 7643 wants them. */
export function createResourceTypeRegistry(
  resourceTypes: readonly ResourceType[],
): ResourceTypeRegistry {
  const byName = new Map<string, ResourceType>();
  const byEndpoint = new Map<string, ResourceType>();
  for (const resourceType of resourceTypes) {
    checkEndpoint(resourceType);
    const segment = resourceType.endpoint.slice(1).toLowerCase();
    if (byName.has(resourceType.name) || byEndpoint.has(segment)) {
      throw new TypeError(
        `resource type ${resourceType.name} at ${resourceType.endpoint}: name or endpoint is taken`,
      );
    }
    byName.set(resourceType.name, resourceType);
    byEndpoint.set(segment, resourceType);
  }
  const schemas = schemasOf(resourceTypes);
  for (const resourceType of resourceTypes) {
    checkAttributes(resourceType, byName);
    checkReferences(resourceType);
    checkUniqueness(resourceType);
  }
  return {
    resourceTypes,
    schemas,
    schemaUris: schemas.map(({ id }) => id),
    named: (name) => byName.get(name),
    atEndpoint: (segment) => byEndpoint.get(segment.toLowerCase()),
  };
}

/** Every schema once, those of the types first; two different schemas never share a URI, whatever its letter case. */
function schemasOf(resourceTypes: readonly ResourceType[]): readonly Schema[] {
  const byUri = new Map<string, Schema>();
  const used = resourceTypes.flatMap(({ schema, extensions }) => [
    schema,
    ...extensions.map((extension) => extension.schema),
  ]);
  for (const schema of [...used, ...discoverySchemas]) {
    const uri = schema.id.toLowerCase();
    const known = byUri.get(uri);
    if (known === undefined) {
      checkSchemaUri(schema);
      byUri.set(uri, schema);
    } else if (known !== schema) {
      throw new TypeError(`schema ${schema.id} is defined twice`);
    }
  }
  return [...byUri.values()];
}

function checkSchemaUri({ id }: Schema): void {
  // Filters end a name at blanks, quotes, brackets and parentheses, so such a URI could not be written in one.
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:[^\s"()[\]]+$/.test(id) || id.endsWith(":")) {
    throw new TypeError(`schema ${id}: the id is no URI that can stand in front of an attribute`);
  }
  if (/^urn:ietf:params:scim:api:messages:/i.test(id)) {
    throw new TypeError(`schema ${id} is the schema of a message, not of a resource`);
  }
}

const reservedEndpoints = ["schemas", "resourcetypes", "serviceproviderconfig", "bulk", "me"];

function checkEndpoint({ name, endpoint }: ResourceType): void {
  if (name === "" || !/^\/[A-Za-z0-9][A-Za-z0-9._~-]*$/.test(endpoint)) {
    throw new TypeError(
      `resource type ${name}: expected a name and an endpoint such as /Devices, got ${endpoint}`,
    );
  }
  if (reservedEndpoints.includes(endpoint.slice(1).toLowerCase())) {
    throw new TypeError(`resource type ${name}: RFC 7644 §3.2 gives ${endpoint} another meaning`);
  }
}

/** Checks the attributes of a type and of its extensions. */
function checkAttributes(
  resourceType: ResourceType,
  types: ReadonlyMap<string, ResourceType>,
): void {
  checkSchema(resourceType.schema);
  for (const attribute of resourceType.schema.attributes) {
    checkStorage(attribute, `${resourceType.name}.${attribute.name}`, types);
  }
  const seen = new Set<Schema>([resourceType.schema]);
  for (const extension of resourceType.extensions) {
    const { schema } = extension;
    if (seen.has(schema)) {
      throw new TypeError(`resource type ${resourceType.name} has the schema ${schema.id} twice`);
    }
    seen.add(schema);
    checkSchema(schema);
    checkExtension(schema, resourceType);
    checkComputed(extension);
  }
}

/** Checks that an extension redefines no core attribute (RFC 7643 §3.3). */
function checkExtension(schema: Schema, resourceType: ResourceType): void {
  for (const { name, stored } of schema.attributes) {
    if (attributeNamed(coreAttributesOf(resourceType), name) !== undefined) {
      throw new TypeError(`schema ${schema.id} redefines ${resourceType.name}.${name}`);
    }
    if (stored === "relation" || stored === "derived") {
      throw new TypeError(`${schema.id}:${name}: an extension attribute is stored inline`);
    }
  }
}

/** Checks that what is computed is nothing a client can send, and no part of an answer that does not ask for it. */
function checkComputed({ schema, required }: SchemaExtension): void {
  const computed = schema.attributes.filter(({ stored }) => stored === "computed");
  if (computed.length === 0) {
    return;
  }
  if (required || computed.length < schema.attributes.length) {
    throw new TypeError(
      `schema ${schema.id}: an extension is computed as a whole, and is then not required`,
    );
  }
  for (const { name, mutability, returned } of computed) {
    if (mutability !== "readOnly" || returned !== "request") {
      throw new TypeError(
        `${schema.id}:${name}: a computed attribute is readOnly and returned on request`,
      );
    }
  }
}

/** Checks that relations and derived attributes are what a store can keep apart from the resource. */
function checkStorage(
  attribute: Attribute,
  path: string,
  types: ReadonlyMap<string, ResourceType>,
): void {
  const { stored = "inline", reverseOf } = attribute;
  if (stored === "computed") {
    throw new TypeError(`${path}: only the attributes of an extension are computed`);
  }
  if ((stored === "derived") !== (reverseOf !== undefined)) {
    throw new TypeError(`${path}: \`reverseOf\` belongs to derived attributes and to no other`);
  }
  if (stored === "inline") {
    return;
  }
  const hasValue = attributeNamed(attribute.subAttributes, "value") !== undefined;
  if (attribute.type !== "complex" || !attribute.multiValued || !hasValue) {
    throw new TypeError(
      `${path}: a ${stored} attribute is complex, multi-valued and has \`value\``,
    );
  }
  if (attribute.required) {
    throw new TypeError(
      `${path}: a ${stored} attribute is never required; a write does not load it`,
    );
  }
  if (reverseOf === undefined) {
    return;
  }
  if (attribute.mutability !== "readOnly") {
    throw new TypeError(`${path}: a derived attribute is readOnly`);
  }
  const relation = attributeNamed(
    types.get(reverseOf.resourceType)?.schema.attributes ?? [],
    reverseOf.attribute,
  );
  if (relation?.stored !== "relation") {
    throw new TypeError(
      `${path}: ${reverseOf.resourceType}.${reverseOf.attribute} is no relation of this registry`,
    );
  }
}

/** Checks that no attribute is published as unique without a rule that always keeps it so (RFC 7643 §7). */
function checkUniqueness({ name, schema, extensions, uniqueKeys }: ResourceType): void {
  const kept = new Set(
    uniqueKeys.flatMap(({ path, setting }) => (setting === undefined ? [path.toLowerCase()] : [])),
  );
  const isPromised = ({ uniqueness }: Attribute): boolean => uniqueness !== "none";
  const promised = [
    ...schema.attributes.filter((each) => isPromised(each) && !kept.has(each.name.toLowerCase())),
    ...extensions.flatMap((extension) => extension.schema.attributes.filter(isPromised)),
    ...[schema, ...extensions.map((extension) => extension.schema)].flatMap(({ attributes }) =>
      attributes.flatMap(({ subAttributes }) => subAttributes.filter(isPromised)),
    ),
  ].find((attribute) => attributeNamed(commonAttributes, attribute.name) === undefined);
  if (promised !== undefined) {
    throw new TypeError(
      `${name}: ${promised.name} is unique by its schema; expected a key without setting in \`uniqueKeys\``,
    );
  }
}

/** Checks that the paths a type declares for stores lead to attributes. */
function checkReferences(resourceType: ResourceType): void {
  const singular = [
    ...resourceType.uniqueKeys.map(({ path }) => path),
    ...resourceType.displayAttributes,
  ];
  for (const path of singular) {
    const attribute = attributeNamed(coreAttributesOf(resourceType), path);
    if (attribute?.type !== "string" || attribute.multiValued) {
      throw new TypeError(`${resourceType.name}: ${path} is no singular string attribute`);
    }
  }
  for (const path of resourceType.pointPaths) {
    const [name = "", subName] = path.split(".");
    const attribute = attributeNamed(coreAttributesOf(resourceType), name);
    const target =
      subName === undefined ? attribute : attributeNamed(attribute?.subAttributes ?? [], subName);
    if (target === undefined || target.type === "complex") {
      throw new TypeError(`${resourceType.name}: ${path} is no path of a simple attribute`);
    }
  }
}
