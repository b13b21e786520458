/** Calls the operation a route stands for with what the request says (RFC 7644 §3.2). */
import type { BulkOperation } from "../bulk/bulk-request.ts";
import { bulkPayloadMax, parseBulkRequest } from "../bulk/bulk-request.ts";
import { createResource } from "../provider/create-resource.ts";
import { deleteResource } from "../provider/delete-resource.ts";
import {
  queryResourceTypes,
  querySchemas,
  retrieveResourceType,
  retrieveSchema,
  retrieveServiceProviderConfig,
} from "../provider/discovery.ts";
import type { OperationAnswer } from "../provider/operation-answer.ts";
import { patchResource } from "../provider/patch-resource.ts";
import { processBulk } from "../provider/process-bulk.ts";
import { queryResources } from "../provider/query-resources.ts";
import { replaceResource } from "../provider/replace-resource.ts";
import { retrieveResource } from "../provider/retrieve-resource.ts";
import type { ScimContext } from "../provider/scim-context.ts";
import type { ParameterKind } from "../query/query-parameters.ts";
import { readQueryParameters } from "../query/query-parameters.ts";
import { parseSearchMessage } from "../query/search-message.ts";
import type { SearchRequest } from "../query/search-request.ts";
import { parseSearchRequest, projectionParametersOf } from "../query/search-request.ts";
import { namesMax, printableName } from "../resource/reading-notes.ts";
import type { ResourceType } from "../schema/resource-type.ts";
import { bulkLocationOf, bulkOperationRequest } from "./bulk-operation-request.ts";
import { answerMe, meRequest } from "./me-request.ts";
import { parsePreconditions } from "./preconditions.ts";
import { messageLengthMax, messageLengthMaxOf } from "./read-message.ts";
import type { RoutedRequest } from "./routed-request.ts";
import type { ScimRequest } from "./scim-request.ts";

/** An operation on a resource type. */
type TypeOperation = (
  routed: RoutedRequest & { readonly resourceType: ResourceType },
  context: ScimContext,
) => Promise<OperationAnswer>;

/** Runs the operation. Throws ScimError. */
export async function runOperation(
  routed: RoutedRequest,
  context: ScimContext,
): Promise<OperationAnswer> {
  const { operation, resourceType } = routed;
  switch (operation) {
    case "serviceProviderConfig":
      return retrieveServiceProviderConfig(routed, context);
    case "resourceTypes":
      return queryResourceTypes(routed, context);
    case "resourceType":
      return retrieveResourceType(routed, context);
    case "schemas":
      return querySchemas(routed, context);
    case "schema":
      return retrieveSchema(routed, context);
    case "me":
      return answerMe(meRequest(routed, context), (own) => runOperation(own, context));
    case "query":
    case "queryAll":
      return queryResources({ ...routed, search: searchInUrl(routed, context) }, context);
    case "search":
      return searchResources(routed, context);
    case "bulk":
      return runBulk(routed, context);
    default: {
      if (resourceType === undefined) {
        throw new TypeError(`The route of ${operation} has no resource type.`);
      }
      const parameters = knownParameters(routed, "projection", context);
      return typeOperations[operation]({ ...routed, parameters, resourceType }, context);
    }
  }
}

/** The parameters that have an effect; of the others the log is told. */
function knownParameters(
  { parameters }: RoutedRequest,
  kind: ParameterKind,
  { warn }: ScimContext,
): URLSearchParams {
  const { known, ignored } = readQueryParameters(parameters, kind);
  if (ignored.length > 0) {
    const names = ignored.slice(0, namesMax).map(printableName).join(", ");
    warn(`query parameters without effect here were ignored: ${names}`);
  }
  return known;
}

function searchInUrl(routed: RoutedRequest, context: ScimContext): SearchRequest {
  const cursors = context.cursors !== undefined;
  const kind = cursors ? "searchByCursor" : "search";
  return parseSearchRequest(knownParameters(routed, kind, context), { cursors });
}

async function searchResources(
  routed: RoutedRequest,
  context: ScimContext,
): Promise<OperationAnswer> {
  knownParameters(routed, "none", context);
  const message = await routed.readMessage(messageLengthMax);
  const cursors = context.cursors !== undefined;
  const search = parseSearchMessage(message, { strict: context.settings.strict, cursors });
  const answer = await queryResources({ ...routed, search }, context);
  const endpoint = routed.resourceType?.endpoint ?? "";
  return { ...answer, searched: `${context.baseUrl}${endpoint}/.search` };
}

/** Every operation of a job takes the way of a request of its own. */
async function runBulk(routed: RoutedRequest, context: ScimContext): Promise<OperationAnswer> {
  const message = await routed.readMessage(bulkPayloadMax, "maxPayloadSize");
  const site = {
    perform: (operation: BulkOperation, inContext: ScimContext) =>
      runOperation(bulkOperationRequest(operation, inContext), inContext),
    locationOf: (path: string) => bulkLocationOf(path, context),
  };
  return processBulk(parseBulkRequest(message, context.settings), site, context);
}

const typeOperations: Readonly<
  Record<"create" | "retrieve" | "replace" | "patch" | "delete", TypeOperation>
> = {
  create: async (routed, context) =>
    answerAsPreferred(routed, async (preferred) =>
      createResource({ ...preferred, body: await bodyOf(routed) }, context),
    ),
  retrieve: async (routed, context) => {
    const ifNoneMatch = conditionOf(routed, "If-None-Match");
    return retrieveResource({ ...routed, id: routed.name, ifNoneMatch }, context);
  },
  replace: async (routed, context) =>
    answerAsPreferred(writeOf(routed), async (preferred) =>
      replaceResource({ ...preferred, body: await bodyOf(routed) }, context),
    ),
  patch: async (routed, context) =>
    patchResource(
      { ...writeOf(routed), body: await bodyOf(routed), minimal: prefersMinimal(routed.headers) },
      context,
    ),
  delete: async (routed, context) => deleteResource(writeOf(routed), context),
};

/**
 * Leaves the content out for whoever prefers a minimal answer and names no attributes (RFC 7240 §4.2); nothing is read
 * for it then. A PATCH, which often has none anyway, decides that for itself.
 */
async function answerAsPreferred<Request extends RoutedRequest>(
  request: Request,
  answer: (preferred: Request) => Promise<OperationAnswer>,
): Promise<OperationAnswer> {
  const { attributes, excludedAttributes } = projectionParametersOf(request.parameters);
  if (!prefersMinimal(request.headers) || `${attributes}${excludedAttributes}` !== "") {
    return answer(request);
  }
  const { content, location, status, ...minimal } = await answer({
    ...request,
    isContentless: true,
  });
  return {
    ...minimal,
    status: status === 200 ? 204 : status,
    // Of a resource that the client has named it knows the place.
    ...(request.operation === "create" && location !== undefined ? { location } : {}),
    preferenceApplied: "return=minimal",
  };
}

function writeOf(routed: RoutedRequest & { readonly resourceType: ResourceType }) {
  return {
    ...routed,
    id: routed.name,
    ifMatch: conditionOf(routed, "If-Match"),
    ifNoneMatch: conditionOf(routed, "If-None-Match"),
  };
}

function bodyOf({
  readMessage,
  resourceType,
}: RoutedRequest & { readonly resourceType: ResourceType }) {
  return readMessage(messageLengthMaxOf(resourceType));
}

function conditionOf({ headers }: RoutedRequest, header: "If-Match" | "If-None-Match") {
  return parsePreconditions(headers.get(header));
}

/** Reads `Prefer: return=minimal` (RFC 7240 §4.2). */
function prefersMinimal(headers: ScimRequest["headers"]): boolean {
  const preferences = headers.get("Prefer")?.toLowerCase().split(/[,;]/) ?? [];
  return preferences.some((preference) => /^\s*return\s*=\s*"?minimal"?\s*$/.test(preference));
}
