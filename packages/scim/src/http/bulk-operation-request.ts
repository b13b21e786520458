/** An operation of a bulk job as the request that it stands for (RFC 7644 §3.7). */
import type { BulkOperation } from "../bulk/bulk-request.ts";
import { ScimError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import type { ScimContext } from "../provider/scim-context.ts";
import { locationOf } from "../resource/project-resource.ts";
import { tooLong } from "./read-message.ts";
import type { RoutedRequest } from "./routed-request.ts";
import type { ScimRouteMatch } from "./scim-routes.ts";
import { matchScimRoute, operationOf } from "./scim-routes.ts";

/** What paths are looked up in. */
type PathSite = Pick<ScimContext, "registry" | "baseUrl">;

/**
 * Finds out what an operation asks for. Throws `invalidSyntax` for a path that a job cannot have, 404 for one at which
 * nothing is.
 */
export function bulkOperationRequest(operation: BulkOperation, site: PathSite): RoutedRequest {
  const { method, path, version, data } = operation;
  const match = matchOf(path, site);
  if (match === undefined) {
    throw new ScimError(404, "There is nothing at this path; /ResourceTypes lists the endpoints.");
  }
  const { route, name } = match;
  checkPath(method, match);
  return {
    ...operationOf(route, method),
    resourceType: route.resourceType,
    name,
    parameters: new URLSearchParams(),
    headers: { get: (header) => (header.toLowerCase() === "if-match" ? (version ?? null) : null) },
    readMessage: async (lengthMax) => withinLength(data ?? {}, lengthMax),
    isContentless: true,
  };
}

/** The URL of the resource that the path of an operation names; undefined when it is no path of a resource. */
export function bulkLocationOf(path: string, site: PathSite): string | undefined {
  const match = matchOf(path, site);
  const resourceType = match?.route.resourceType;
  return resourceType === undefined || match === undefined || match.name === ""
    ? undefined
    : locationOf(resourceType, match.name, site.baseUrl);
}

/** Some clients leave the slash at the beginning out, others write the version as in a URL. */
function matchOf(path: string, { registry, baseUrl }: PathSite): ScimRouteMatch | undefined {
  const absolute = path.startsWith("/") ? path : `/${path}`;
  const version = /\/v\d+$/i.exec(baseUrl)?.[0] ?? "";
  const isVersioned = absolute.toLowerCase().startsWith(`${version.toLowerCase()}/`);
  return matchScimRoute(registry, isVersioned ? absolute.slice(version.length) : absolute);
}

function checkPath(method: BulkOperation["method"], { route, name }: ScimRouteMatch): void {
  const isResource = name !== "";
  if (route.resourceType === undefined || route.template.endsWith("/.search")) {
    throw new ScimError("invalidSyntax", `path: ${route.template} cannot be part of a bulk job`);
  }
  if (isResource !== (method !== "POST")) {
    const what =
      method === "POST" ? "the endpoint of a resource type, such as /Users" : "one resource";
    throw new ScimError("invalidSyntax", `path: expected ${what} for ${method}`);
  }
}

/** A resource may be no longer in a job than on its own. */
function withinLength(data: JsonObject, lengthMax: number): JsonObject {
  if (JSON.stringify(data).length > lengthMax) {
    throw tooLong(lengthMax);
  }
  return data;
}
