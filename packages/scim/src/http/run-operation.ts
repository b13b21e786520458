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
import { me } from "../provider/me.ts";
import { notOffered } from "../provider/not-offered.ts";
import type { OperationAnswer } from "../provider/operation-answer.ts";
import { patchResource } from "../provider/patch-resource.ts";
import { processBulk } from "../provider/process-bulk.ts";
import { queryResources } from "../provider/query-resources.ts";
import { replaceResource } from "../provider/replace-resource.ts";
import { retrieveResource } from "../provider/retrieve-resource.ts";
import type { ScimContext } from "../provider/scim-context.ts";
import { readQueryParameters } from "../query/query-parameters.ts";
import { namesMax, printableName } from "../resource/reading-notes.ts";
import type { ResourceType } from "../schema/resource-type.ts";
import { bulkLocationOf, bulkOperationRequest } from "./bulk-operation-request.ts";
import { parsePreconditions } from "./preconditions.ts";
import { messageLengthMaxOf } from "./read-message.ts";
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
      return me();
    case "search":
      throw notOffered("Queries by POST are", "use GET on the endpoint of a resource type");
    case "bulk":
      return runBulk(routed, context);
    case "queryAll":
      throw notOffered("Queries over all types are", "use GET on the endpoint of a resource type");
    default: {
      if (resourceType === undefined) {
        throw new TypeError(`The route of ${operation} has no resource type.`);
      }
      const kind = operation === "query" ? "search" : "projection";
      const { known: parameters, ignored } = readQueryParameters(routed.parameters, kind);
      if (ignored.length > 0) {
        const names = ignored.slice(0, namesMax).map(printableName).join(", ");
        context.warn(`query parameters without effect here were ignored: ${names}`);
      }
      return typeOperations[operation]({ ...routed, parameters, resourceType }, context);
    }
  }
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
  Record<"create" | "retrieve" | "query" | "replace" | "patch" | "delete", TypeOperation>
> = {
  query: queryResources,
  create: async (routed, context) =>
    createResource({ ...routed, body: await bodyOf(routed) }, context),
  retrieve: async (routed, context) => {
    const ifNoneMatch = conditionOf(routed, "If-None-Match");
    return retrieveResource({ ...routed, id: routed.name, ifNoneMatch }, context);
  },
  replace: async (routed, context) =>
    replaceResource({ ...writeOf(routed), body: await bodyOf(routed) }, context),
  patch: async (routed, context) =>
    patchResource(
      { ...writeOf(routed), body: await bodyOf(routed), minimal: prefersMinimal(routed.headers) },
      context,
    ),
  delete: async (routed, context) => deleteResource(writeOf(routed), context),
};

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
