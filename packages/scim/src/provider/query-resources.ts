/** Queries the resources of a type with GET (RFC 7644 §3.4.2). */
import { listResponse } from "../query/list-response.ts";
import { resolveSearchRequest } from "../query/resolve-search-request.ts";
import { parseSearchRequest } from "../query/search-request.ts";
import { projectResource } from "../resource/project-resource.ts";
import type { OperationAnswer } from "./operation-answer.ts";
import type { OperationRequest } from "./operation-request.ts";
import type { ScimContext } from "./scim-context.ts";

/** Answers GET on the endpoint of a resource type: always 200, also when nothing matches. */
export async function queryResources(
  { resourceType, parameters }: OperationRequest,
  { store, registry, settings, baseUrl }: ScimContext,
): Promise<OperationAnswer> {
  const { strict, unqualifiedExtensionNames } = settings;
  const { schemaUris } = registry;
  const reading = { strict, unqualifiedExtensionNames, schemaUris, baseUrl };
  const search = parseSearchRequest(parameters);
  const { query, projection } = resolveSearchRequest(search, resourceType, reading);
  const { totalResults, resources } = await store.query(query);
  const site = { registry, baseUrl };
  return {
    status: 200,
    body: listResponse({
      totalResults,
      startIndex: query.startIndex,
      resources: resources.map((stored) => projectResource(stored, resourceType, projection, site)),
    }),
  };
}
