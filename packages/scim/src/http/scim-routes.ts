/** The route table: which path takes which methods and what they do (RFC 7644 §3.2). */
import { ScimError } from "../errors.ts";
import type { ResourceType, ResourceTypeRegistry } from "../schema/resource-type.ts";

/** The methods of the protocol; HEAD goes wherever GET goes. */
export type ScimMethod = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** What a request wants. */
export type ScimOperation =
  | "create"
  | "retrieve"
  | "query"
  | "replace"
  | "patch"
  | "delete"
  | "serviceProviderConfig"
  | "resourceTypes"
  | "resourceType"
  | "schemas"
  | "schema"
  | "me"
  | "search"
  | "bulk"
  | "queryAll";

/** One row: a path below the base URL and its methods. `{name}` stands for one segment. */
export interface ScimRoute {
  readonly template: string;
  readonly methods: Readonly<Partial<Record<ScimMethod, ScimOperation>>>;
  readonly resourceType: ResourceType | undefined;
}

/** A row that fits a path, with what stands for `{name}`, decoded. */
export interface ScimRouteMatch {
  readonly route: ScimRoute;
  readonly name: string;
}

const everyMethod: readonly ScimMethod[] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

const fixedRoutes: readonly Omit<ScimRoute, "resourceType">[] = [
  { template: "/", methods: { GET: "queryAll" } },
  { template: "/ServiceProviderConfig", methods: { GET: "serviceProviderConfig" } },
  { template: "/ResourceTypes", methods: { GET: "resourceTypes" } },
  { template: "/ResourceTypes/{name}", methods: { GET: "resourceType" } },
  { template: "/Schemas", methods: { GET: "schemas" } },
  { template: "/Schemas/{urn}", methods: { GET: "schema" } },
  { template: "/Me", methods: Object.fromEntries(everyMethod.map((method) => [method, "me"])) },
  { template: "/Bulk", methods: { POST: "bulk" } },
  { template: "/.search", methods: { POST: "search" } },
];

/** Every route of a service provider, the more specific ones first. */
export function scimRoutesOf(registry: ResourceTypeRegistry): readonly ScimRoute[] {
  return [
    ...fixedRoutes.map((route) => ({ ...route, resourceType: undefined })),
    ...registry.resourceTypes.flatMap(routesOfType),
  ];
}

function routesOfType(resourceType: ResourceType): readonly ScimRoute[] {
  const { endpoint } = resourceType;
  return [
    { template: endpoint, methods: { GET: "query", POST: "create" }, resourceType },
    { template: `${endpoint}/.search`, methods: { POST: "search" }, resourceType },
    {
      template: `${endpoint}/{id}`,
      methods: { GET: "retrieve", PUT: "replace", PATCH: "patch", DELETE: "delete" },
      resourceType,
    },
  ];
}

/** Routes by lower-case path: those without a name in them, and those with one by what stands before it. */
interface RouteIndex {
  readonly plain: ReadonlyMap<string, ScimRoute>;
  readonly named: ReadonlyMap<string, ScimRoute>;
}

const indexOfRegistry = new WeakMap<ResourceTypeRegistry, RouteIndex>();

function routeIndexOf(registry: ResourceTypeRegistry): RouteIndex {
  const known = indexOfRegistry.get(registry);
  if (known !== undefined) {
    return known;
  }
  const entries = scimRoutesOf(registry).map((route) => {
    const [path = "", name] = route.template.toLowerCase().split("/{");
    return { path, isNamed: name !== undefined, route };
  });
  const mapOf = (isNamed: boolean) =>
    new Map(
      entries
        .filter((entry) => entry.isNamed === isNamed)
        .map(({ path, route }) => [path, route] as const),
    );
  const index = { plain: mapOf(false), named: mapOf(true) };
  indexOfRegistry.set(registry, index);
  return index;
}

/**
 * Finds the route of a path below the base URL, in any case and with or without a slash at its end; undefined when
 * nothing is there. The last segment is decoded once.
 */
export function matchScimRoute(
  registry: ResourceTypeRegistry,
  path: string,
): ScimRouteMatch | undefined {
  const { plain, named } = routeIndexOf(registry);
  const trimmed = path === "" || path === "/" ? "/" : path.replace(/\/$/, "");
  const fixed = plain.get(trimmed.toLowerCase());
  if (fixed !== undefined) {
    return { route: fixed, name: "" };
  }
  const slash = trimmed.lastIndexOf("/");
  const route = named.get(trimmed.slice(0, slash).toLowerCase());
  const name = decodeSegment(trimmed.slice(slash + 1));
  return route === undefined || name === "" ? undefined : { route, name };
}

/** Decodes a segment once; what cannot be decoded, or no id can contain, is empty. */
function decodeSegment(segment: string): string {
  try {
    const decoded = decodeURIComponent(segment);
    return /\p{Cc}/u.test(decoded) ? "" : decoded;
  } catch {
    return "";
  }
}

/** A method with the operation that it stands for. */
export interface MethodOperation {
  readonly method: ScimMethod;
  readonly operation: ScimOperation;
}

/** The operation a method stands for on a route. Throws 405 with Allow. */
export function operationOf({ methods, template }: ScimRoute, sent: string): MethodOperation {
  const method = everyMethod.find((known) => known === (sent === "HEAD" ? "GET" : sent));
  const operation = method === undefined ? undefined : methods[method];
  if (method === undefined || operation === undefined) {
    const allowed = everyMethod.filter((known) => methods[known] !== undefined);
    const allow = allowed.flatMap((known) => (known === "GET" ? ["GET", "HEAD"] : [known]));
    throw new ScimError(405, `${template} takes ${allow.join(", ")}.`, {
      headers: { Allow: allow.join(", ") },
    });
  }
  return { method, operation };
}
