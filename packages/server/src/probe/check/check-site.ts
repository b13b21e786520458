/** What checks have to work with: requests as one client, resources of their own, and the way to clean up. */
import { randomUUID } from "node:crypto";
import { realPatience, untilTaken } from "../patience.ts";
import type { Answer, Target } from "../target.ts";
import { memberAt, send } from "../target.ts";
import { mismatch } from "./expect.ts";

/** What a service provider says that it can do, by its ServiceProviderConfig. */
export type Feature = "patch" | "bulk" | "filter" | "sort" | "etag";

/** A JSON object. */
export type Attributes = Readonly<Record<string, unknown>>;

/** A resource that a check has made. */
export interface MadeResource {
  readonly id: string;
  /** Its path, relative to the base URL. */
  readonly path: string;
  readonly body: unknown;
  readonly answer: Answer;
}

/** What checks have. */
export interface CheckSite {
  readonly baseUrl: string;
  /** What all that is made begins with. */
  readonly prefix: string;
  /** Tells whether something is advertised. */
  offers(feature: Feature): boolean;
  /** The ServiceProviderConfig; undefined where there is none. */
  readonly config: unknown;
  /** Sends as is; headers replace the usual ones, undefined drops one. */
  send(method: string, path: string, more?: RequestWish): Promise<Answer>;
  get(path: string, headers?: RequestWish["headers"]): Promise<Answer>;
  post(path: string, body: unknown): Promise<Answer>;
  put(path: string, body: unknown, headers?: RequestWish["headers"]): Promise<Answer>;
  /** Sends a PatchOp with these operations. */
  patch(
    path: string,
    operations: readonly unknown[],
    headers?: RequestWish["headers"],
  ): Promise<Answer>;
  delete(path: string, headers?: RequestWish["headers"]): Promise<Answer>;
  /** Lists with a filter, among all. */
  filter(endpoint: string, filter: string, more?: string): Promise<Answer>;
  /** A name that nothing else has. */
  unique(word?: string): string;
  /** The body of a User with a name of its own. */
  userBody(attributes?: Attributes): Attributes;
  groupBody(attributes?: Attributes): Attributes;
  newUser(attributes?: Attributes): Promise<MadeResource>;
  newGroup(attributes?: Attributes): Promise<MadeResource>;
  /** Deletes everything that was made; answers with what could not be deleted. */
  cleanUp(): Promise<readonly string[]>;
}

/** What a request has beyond method and path. */
interface RequestWish {
  /** Goes out as it is when it is text, else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined;
}

/** URIs that checks name. */
export const urn = {
  user: "urn:ietf:params:scim:schemas:core:2.0:User",
  group: "urn:ietf:params:scim:schemas:core:2.0:Group",
  enterprise: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
  config: "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig",
  patchOp: "urn:ietf:params:scim:api:messages:2.0:PatchOp",
  list: "urn:ietf:params:scim:api:messages:2.0:ListResponse",
  search: "urn:ietf:params:scim:api:messages:2.0:SearchRequest",
  bulk: "urn:ietf:params:scim:api:messages:2.0:BulkRequest",
  bulkResponse: "urn:ietf:params:scim:api:messages:2.0:BulkResponse",
} as const;

/** Without a ServiceProviderConfig a client takes these for given. */
const takenForGranted: readonly Feature[] = ["patch", "filter"];

/** Makes the site; asks for the ServiceProviderConfig first. */
export async function createCheckSite(target: Target): Promise<CheckSite> {
  const prefix = `rollcall-check-${randomUUID().slice(0, 8)}`;
  const made = new Map<string, string>();
  let named = 0;
  const usual = {
    accept: "application/scim+json",
    authorization: target.token === undefined ? undefined : `Bearer ${target.token}`,
  };
  const request: CheckSite["send"] = async (method, path, { body, headers = {} } = {}) => {
    const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
    const contentType = text === undefined ? undefined : "application/scim+json";
    const all = Object.entries({ ...usual, "content-type": contentType, ...headers });
    const chosen = all.filter((pair): pair is [string, string] => pair[1] !== undefined);
    const answer = await untilTaken(
      () =>
        send(target, {
          method,
          path,
          headers: Object.fromEntries(chosen),
          body: text,
        }),
      realPatience,
    );
    noteMade(made, path, answer);
    return answer;
  };
  const sendBody =
    (method: string) => (path: string, body: unknown, headers?: RequestWish["headers"]) =>
      request(method, path, { body, headers });
  const create = async (endpoint: string, body: Attributes): Promise<MadeResource> => {
    const answer = await request("POST", endpoint, { body });
    const id = memberAt(answer.body, "id");
    if (answer.status !== 201 || typeof id !== "string") {
      throw mismatch(
        `POST ${endpoint} was answered by ${answer.status} ${answer.text.slice(0, 160)}, so that this cannot be looked at`,
      );
    }
    return { id, path: `${endpoint}/${encodeURIComponent(id)}`, body: answer.body, answer };
  };
  const unique = (word = "x") => {
    named += 1;
    return `${prefix}-${word}${named}`;
  };
  const userBody = (attributes: Attributes = {}) => ({
    schemas: [urn.user],
    userName: unique("user"),
    ...attributes,
  });
  const groupBody = (attributes: Attributes = {}) => ({
    schemas: [urn.group],
    displayName: unique("group"),
    ...attributes,
  });
  const { status, body: config } = await request("GET", "/ServiceProviderConfig");
  const isKnown = status === 200 && typeof config === "object" && config !== null;
  return {
    baseUrl: target.baseUrl,
    prefix,
    config: isKnown ? config : undefined,
    offers: (feature) =>
      isKnown
        ? memberAt(config, `${feature}.supported`) === true
        : takenForGranted.includes(feature),
    send: request,
    get: (path, headers) => request("GET", path, { headers }),
    post: sendBody("POST"),
    put: sendBody("PUT"),
    patch: (path, operations, headers) =>
      request("PATCH", path, { body: { schemas: [urn.patchOp], Operations: operations }, headers }),
    delete: (path, headers) => request("DELETE", path, { headers }),
    filter: (endpoint, filter, more = "") =>
      request("GET", `${endpoint}?filter=${encodeURIComponent(filter)}${more}`),
    unique,
    userBody,
    groupBody,
    newUser: (attributes) => create("/Users", userBody(attributes)),
    newGroup: (attributes) => create("/Groups", groupBody(attributes)),
    cleanUp: () => cleanUp(made, request),
  };
}

/** Everything that came into being, also by bulk, and by what should have been refused. */
function noteMade(made: Map<string, string>, path: string, { status, body }: Answer): void {
  const [, endpoint = ""] = /^\/(Users|Groups)(?:\?|$)/.exec(path) ?? [];
  const id = memberAt(body, "id");
  if (endpoint !== "" && status === 201 && typeof id === "string") {
    made.set(`/${endpoint}/${encodeURIComponent(id)}`, endpoint);
  }
  const operations = memberAt(body, "Operations");
  for (const operation of Array.isArray(operations) ? operations : []) {
    const [, place, type = ""] =
      /(\/(Users|Groups)\/[^/]+)$/.exec(String(memberAt(operation, "location"))) ?? [];
    if (place !== undefined && memberAt(operation, "method") !== "DELETE") {
      made.set(place, type);
    }
  }
}

/** Groups first, since they name users. */
async function cleanUp(
  made: Map<string, string>,
  request: CheckSite["send"],
): Promise<readonly string[]> {
  const sorted = [...made].toSorted(([, one], [, other]) => one.localeCompare(other));
  const left: string[] = [];
  for (const [path] of sorted) {
    const { status } = await request("DELETE", path);
    if (status !== 204 && status !== 404 && status !== 200) {
      left.push(path);
    }
  }
  made.clear();
  return left;
}
