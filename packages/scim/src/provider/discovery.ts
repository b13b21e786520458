/** The discovery endpoints (RFC 7644 §4): what this service provider can do, from what it really does. */
import { bulkOperationsMax, bulkPayloadMax } from "../bulk/bulk-request.ts";
import { ScimError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import { cursorSecondsDefault } from "../query/cursor.ts";
import { listResponse } from "../query/list-response.ts";
import { pageSizeDefault, pageSizeMax } from "../query/search-request.ts";
import { publishSchema } from "../schema/publish-schema.ts";
import type { ResourceType } from "../schema/resource-type.ts";
import { resourceTypeSchema } from "../schema/resource-type-schema.ts";
import type { Schema } from "../schema/schema.ts";
import { serviceProviderConfigSchema } from "../schema/service-provider-config.ts";
import type { OperationAnswer } from "./operation-answer.ts";
import { contentOf } from "./operation-answer.ts";
import type { ScimContext } from "./scim-context.ts";

/** A request to a discovery endpoint; `name` is what stands behind the last slash. */
export interface DiscoveryRequest {
  readonly parameters: URLSearchParams;
  readonly name: string;
}

/** Answers GET /ServiceProviderConfig (RFC 7643 §5). */
export async function retrieveServiceProviderConfig(
  request: Pick<DiscoveryRequest, "parameters">,
  { baseUrl, cursors, describeProvider }: ScimContext,
): Promise<OperationAnswer> {
  refuseFilter(request);
  const { authenticationSchemes = [], securityEvents } = (await describeProvider?.()) ?? {};
  const location = `${baseUrl}/ServiceProviderConfig`;
  return {
    status: 200,
    location,
    content: contentOf({
      schemas: [serviceProviderConfigSchema.id],
      patch: { supported: true },
      // Interop: authentik sends as many operations in one PATCH as maxOperations allows (authentik.json).
      bulk: {
        supported: true,
        maxOperations: bulkOperationsMax,
        maxPayloadSize: bulkPayloadMax,
      },
      filter: { supported: true, maxResults: pageSizeMax },
      changePassword: { supported: false },
      sort: { supported: true },
      etag: { supported: true },
      pagination: {
        cursor: cursors !== undefined,
        index: true,
        defaultPaginationMethod: "index",
        defaultPageSize: pageSizeDefault,
        maxPageSize: pageSizeMax,
        ...(cursors === undefined ? {} : { cursorTimeout: cursorSecondsDefault }),
      },
      authenticationSchemes: [
        {
          type: "oauthbearertoken",
          name: "OAuth Bearer Token",
          description: "A token in the Authorization header, as in RFC 6750.",
          specUri: "https://www.rfc-editor.org/info/rfc6750",
          primary: true,
        },
        ...authenticationSchemes.map((scheme) => ({ ...scheme })),
      ],
      ...(securityEvents === undefined
        ? {}
        : { securityEvents: { ...securityEvents, eventUris: [...securityEvents.eventUris] } }),
      meta: { resourceType: "ServiceProviderConfig", location },
    }),
  };
}

/** Answers GET /ResourceTypes. */
export function queryResourceTypes(
  request: Pick<DiscoveryRequest, "parameters">,
  { registry, baseUrl }: ScimContext,
): OperationAnswer {
  refuseFilter(request);
  return listAnswer(registry.resourceTypes.map((type) => resourceTypeOf(type, baseUrl)));
}

/** Answers GET /ResourceTypes/{name}; the name in any case. */
export function retrieveResourceType(
  request: DiscoveryRequest,
  { registry, baseUrl }: ScimContext,
): OperationAnswer {
  refuseFilter(request);
  const found = registry.resourceTypes.find(({ name }) => sameName(name, request.name));
  if (found === undefined) {
    throw new ScimError(404, "There is no resource type of this name.");
  }
  return { status: 200, ...located(resourceTypeOf(found, baseUrl)) };
}

/** Answers GET /Schemas. */
export function querySchemas(
  request: Pick<DiscoveryRequest, "parameters">,
  { registry, baseUrl }: ScimContext,
): OperationAnswer {
  refuseFilter(request);
  return listAnswer(registry.schemas.map((schema) => schemaOf(schema, baseUrl)));
}

/** Answers GET /Schemas/{urn}; the URN in any case. */
export function retrieveSchema(
  request: DiscoveryRequest,
  { registry, baseUrl }: ScimContext,
): OperationAnswer {
  refuseFilter(request);
  const found = registry.schemas.find(({ id }) => sameName(id, request.name));
  if (found === undefined) {
    throw new ScimError(404, "There is no schema with this URI.");
  }
  return { status: 200, ...located(schemaOf(found, baseUrl)) };
}

/** A filter on discovery is forbidden, since nothing would apply it (RFC 7644 §4); other parameters are ignored. */
function refuseFilter({ parameters }: Pick<DiscoveryRequest, "parameters">): void {
  if (parameters.has("filter")) {
    throw new ScimError(403, "Discovery endpoints cannot be filtered; leave the filter out.");
  }
}

function listAnswer(resources: readonly PublishedResource[]): OperationAnswer {
  const totalResults = resources.length;
  return {
    status: 200,
    content: contentOf(listResponse({ totalResults, startIndex: 1, resources })),
  };
}

/** A representation with its place. */
type PublishedResource = JsonObject & {
  readonly meta: { readonly resourceType: string; readonly location: string };
};

function located(body: PublishedResource): Pick<OperationAnswer, "content" | "location"> {
  return { content: contentOf(body), location: body.meta.location };
}

function resourceTypeOf(type: ResourceType, baseUrl: string): PublishedResource {
  return {
    schemas: [resourceTypeSchema.id],
    id: type.name,
    name: type.name,
    endpoint: type.endpoint,
    description: type.description,
    schema: type.schema.id,
    schemaExtensions: type.extensions.map(({ schema, required }) => ({
      schema: schema.id,
      required,
    })),
    meta: {
      resourceType: "ResourceType",
      location: `${baseUrl}/ResourceTypes/${segmentOf(type.name)}`,
    },
  };
}

function schemaOf(schema: Schema, baseUrl: string): PublishedResource {
  const meta = { resourceType: "Schema", location: `${baseUrl}/Schemas/${segmentOf(schema.id)}` };
  return { ...publishSchema(schema), meta };
}

/** One segment of a path; the colons of a URN stay as they are (RFC 3986 §3.3). */
function segmentOf(name: string): string {
  return encodeURIComponent(name).replaceAll("%3A", ":");
}

function sameName(left: string, right: string): boolean {
  return left === right || left.toLowerCase() === right.toLowerCase();
}
