/** Queries the resources of a type with GET (RFC 7644 §3.4.2). */
import { resolveSearchRequest } from "../query/resolve-search-request.ts";
import { parseSearchRequest } from "../query/search-request.ts";
import { resourceText } from "../resource/resource-text.ts";
import { withComputed } from "./compute-extensions.ts";
import type { OperationAnswer } from "./operation-answer.ts";
import type { OperationRequest } from "./operation-request.ts";
import { pageAnswer } from "./page-answer.ts";
import type { ScimContext } from "./scim-context.ts";

/** Answers GET on the endpoint of a resource type: always 200, also when nothing matches. */
export async function queryResources(
  { resourceType, parameters }: OperationRequest,
  { store, registry, settings, baseUrl, computeExtensions }: ScimContext,
): Promise<OperationAnswer> {
  const { strict, unqualifiedExtensionNames } = settings;
  const { schemaUris } = registry;
  const reading = { strict, unqualifiedExtensionNames, schemaUris, baseUrl };
  const search = parseSearchRequest(parameters);
  const { query, projection } = resolveSearchRequest(search, resourceType, reading);
  const page = await store.query(query);
  const site = { registry, baseUrl };
  const showing = { resourceType, projection };
  const resources = await withComputed(page.resources, showing, computeExtensions);
  return pageAnswer({ ...page, resources }, query.startIndex, (stored) =>
    resourceText(stored, resourceType, projection, site),
  );
}
