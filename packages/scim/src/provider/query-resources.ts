/** Queries the resources of one type or of all, with GET or POST (RFC 7644 §3.4.2, §3.4.3). */
import { queryTextOf } from "../query/cursor.ts";
import type { ResolvedSearch } from "../query/resolve-search-request.ts";
import { resolveSearchRequest } from "../query/resolve-search-request.ts";
import type { FoundResource, ResourcePage } from "../query/resource-query.ts";
import type { SearchRequest } from "../query/search-request.ts";
import { defaultProjection } from "../resource/projection.ts";
import { resourceText } from "../resource/resource-text.ts";
import type { ResourceType } from "../schema/resource-type.ts";
import { withComputed } from "./compute-extensions.ts";
import type { OperationAnswer } from "./operation-answer.ts";
import { pageAnswer } from "./page-answer.ts";
import { placeOfPage, walkOf } from "./page-cursors.ts";
import type { ScimContext } from "./scim-context.ts";

/** A query. */
export interface QueryRequest {
  /** The one whose endpoint was asked; undefined for the base URL, where all of them are. */
  readonly resourceType: ResourceType | undefined;
  readonly search: SearchRequest;
}

/** Answers a query: always 200, also when nothing matches. */
export async function queryResources(
  { resourceType, search }: QueryRequest,
  context: ScimContext,
): Promise<OperationAnswer> {
  const { registry, baseUrl } = context;
  const resolved = resolvedIn(resourceType, search, context);
  const { query, projections } = resolved;
  const endpoint = resourceType?.endpoint ?? "";
  const queryText = queryTextOf(endpoint, query, projections);
  const walk = await walkOf(search, queryText, context);
  const page: ResourcePage =
    query.parts.length === 0
      ? { totalResults: 0, resources: [] }
      : await context.store.query({ ...query, walk });
  const resources = await allWithComputed(page.resources, resolved, context);
  const place = await placeOfPage(search, page, queryText, context);
  const site = { registry, baseUrl };
  return pageAnswer({ ...page, resources }, place, (found) => {
    const { part, projection } = showingOf(found, resolved);
    return resourceText(found, part.resourceType, projection, site);
  });
}

function resolvedIn(
  resourceType: ResourceType | undefined,
  search: SearchRequest,
  { registry, settings, baseUrl }: ScimContext,
): ResolvedSearch {
  const { strict, unqualifiedExtensionNames } = settings;
  const { schemaUris, resourceTypes } = registry;
  const reading = { strict, unqualifiedExtensionNames, schemaUris, baseUrl };
  return resourceType === undefined
    ? resolveSearchRequest(search, resourceTypes, { ...reading, unknownAttributes: "absent" })
    : resolveSearchRequest(search, [resourceType], reading);
}

function showingOf({ part }: FoundResource, { query, projections }: ResolvedSearch) {
  const found = query.parts[part];
  const projection = projections[part];
  if (found === undefined || projection === undefined) {
    throw new TypeError(`the query has no part ${part}`);
  }
  return { part: found, projection };
}

/** The resources with what is computed of them, part by part. */
async function allWithComputed(
  resources: readonly FoundResource[],
  { query, projections }: ResolvedSearch,
  { computeExtensions }: ScimContext,
): Promise<readonly FoundResource[]> {
  let shown = resources;
  for (const [part, { resourceType }] of query.parts.entries()) {
    const projection = projections[part] ?? defaultProjection;
    const own = shown.filter((found) => found.part === part);
    const computed = await withComputed(own, { resourceType, projection }, computeExtensions);
    if (computed !== own) {
      const byId = new Map(computed.map((stored) => [stored.id, { ...stored, part }]));
      shown = shown.map((found) => byId.get(found.id) ?? found);
    }
  }
  return shown;
}
