/** The client of the conformance tests: it sends SCIM requests to any service provider and reads the answers. */
import { randomUUID } from "node:crypto";
import { expect } from "vitest";

/** URNs of the messages and schemas that tests name. */
export const urn = {
  user: "urn:ietf:params:scim:schemas:core:2.0:User",
  group: "urn:ietf:params:scim:schemas:core:2.0:Group",
  enterprise: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
  serviceProviderConfig: "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig",
  resourceType: "urn:ietf:params:scim:schemas:core:2.0:ResourceType",
  schema: "urn:ietf:params:scim:schemas:core:2.0:Schema",
  patchOp: "urn:ietf:params:scim:api:messages:2.0:PatchOp",
  bulkRequest: "urn:ietf:params:scim:api:messages:2.0:BulkRequest",
  bulkResponse: "urn:ietf:params:scim:api:messages:2.0:BulkResponse",
  searchRequest: "urn:ietf:params:scim:api:messages:2.0:SearchRequest",
  listResponse: "urn:ietf:params:scim:api:messages:2.0:ListResponse",
  error: "urn:ietf:params:scim:api:messages:2.0:Error",
} as const;

/** Where to send requests and as whom. */
export interface Target {
  /** Absolute, without trailing slash. */
  readonly baseUrl: string;
  /** Undefined to send no credentials. */
  readonly token: string | undefined;
  /** Stands in for the network, for service providers that live in the test. */
  readonly fetch?: (request: Request) => Promise<Response>;
}

/** One value of a multi-valued attribute, as answers carry it. */
export interface Element {
  readonly value?: string;
  readonly $ref?: string;
  readonly type?: string;
  readonly display?: string;
  readonly primary?: boolean;
  readonly [name: string]: unknown;
}

/** Whatever a service provider answers: a resource, a list or an error, seen through the names tests use. */
export interface Representation {
  readonly schemas: readonly string[];
  readonly id: string;
  readonly externalId?: string;
  readonly userName?: string;
  readonly displayName?: string;
  readonly nickName?: string;
  readonly title?: string;
  readonly active?: boolean;
  readonly name?: Readonly<Record<string, string>>;
  readonly emails?: readonly Element[];
  readonly phoneNumbers?: readonly Element[];
  readonly addresses?: readonly Element[];
  readonly roles?: readonly Element[];
  readonly members?: readonly Element[];
  readonly groups?: readonly Element[];
  readonly meta: {
    readonly resourceType: string;
    readonly created: string;
    readonly lastModified: string;
    readonly location: string;
    readonly version: string;
  };
  readonly totalResults: number;
  readonly startIndex: number;
  readonly itemsPerPage: number;
  readonly Resources: readonly Representation[];
  readonly status?: string;
  readonly scimType?: string;
  readonly detail?: string;
  readonly [name: string]: unknown;
}

/** A received response with its body parsed; the body of an empty answer is an empty object. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Representation;
}

/** What one request adds to the client's habits. */
export interface RequestOptions {
  /** Replace the client's own headers; undefined drops one. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/** Sends requests of one caller. */
export interface ScimClient {
  readonly baseUrl: string;
  /** Sends a request whose body, if any, goes out as it is. */
  send(
    method: string,
    path: string,
    body?: string | Uint8Array | ReadableStream<Uint8Array>,
    options?: RequestOptions,
  ): Promise<Answer>;
  get(path: string, options?: RequestOptions): Promise<Answer>;
  post(path: string, body: unknown, options?: RequestOptions): Promise<Answer>;
  put(path: string, body: unknown, options?: RequestOptions): Promise<Answer>;
  /** Sends a PatchOp with these operations. */
  patch(path: string, operations: readonly unknown[], options?: RequestOptions): Promise<Answer>;
  delete(path: string, options?: RequestOptions): Promise<Answer>;
  /** Lists a resource type with a filter; quotes and blanks are encoded here. */
  filter(endpoint: string, filter: string, more?: string): Promise<Answer>;
  /** Creates a User with a name of its own and expects 201. */
  newUser(attributes?: Readonly<Record<string, unknown>>): Promise<Representation>;
  /** Creates a Group with a name of its own and expects 201. */
  newGroup(attributes?: Readonly<Record<string, unknown>>): Promise<Representation>;
}

/** Makes a name that nothing else in the population has. */
export function unique(prefix: string): string {
  return `${prefix}-${randomUUID().slice(0, 8)}`;
}

/** The body of a User with a name of its own; attributes replace or add. */
export function userBody(attributes: Readonly<Record<string, unknown>> = {}): {
  readonly [name: string]: unknown;
} {
  return { schemas: [urn.user], userName: unique("user"), ...attributes };
}

/** The body of a Group with a name of its own; attributes replace or add. */
export function groupBody(attributes: Readonly<Record<string, unknown>> = {}): {
  readonly [name: string]: unknown;
} {
  return { schemas: [urn.group], displayName: unique("group"), ...attributes };
}

/** Reads a response. */
async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  let body: unknown = {};
  if (text !== "") {
    try {
      body = JSON.parse(text);
    } catch {
      throw new Error(`${response.status} with a body that is not JSON: ${text.slice(0, 200)}`);
    }
  }
  // Tests read answers of every kind through one view; what is missing shows as undefined.
  return { status: response.status, headers: response.headers, text, body: body as Representation };
}

/** Wrapped, since a bare string would bring a Content-Type of its own; a stream goes out in chunks. */
function contentOf(body: Parameters<ScimClient["send"]>[2]) {
  if (body === undefined) {
    return {};
  }
  return body instanceof ReadableStream
    ? { body, duplex: "half" }
    : { body: new Blob([body as BlobPart]) };
}

/** Makes a client. */
export function createScimClient(target: Target): ScimClient {
  const { baseUrl, token } = target;
  const habits: Readonly<Record<string, string | undefined>> = {
    accept: "application/scim+json",
    authorization: token === undefined ? undefined : `Bearer ${token}`,
  };
  const send: ScimClient["send"] = async (method, path, body, options = {}) => {
    const contentType = body === undefined ? undefined : "application/scim+json";
    const chosen = { ...habits, "content-type": contentType, ...options.headers };
    const headers = Object.entries(chosen).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, value]],
    );
    const request = new Request(`${baseUrl}${path}`, {
      method,
      headers,
      redirect: "manual",
      ...contentOf(body),
    });
    return answerOf(await (target.fetch ?? fetch)(request));
  };
  const sendJson = (method: string, path: string, body: unknown, options?: RequestOptions) =>
    send(method, path, JSON.stringify(body), options);
  const create = async (path: string, body: unknown) => {
    const answer = await sendJson("POST", path, body);
    expect(answer.status, `${path}: ${answer.text}`).toBe(201);
    return answer.body;
  };
  return {
    baseUrl,
    send,
    get: (path, options) => send("GET", path, undefined, options),
    post: (path, body, options) => sendJson("POST", path, body, options),
    put: (path, body, options) => sendJson("PUT", path, body, options),
    patch: (path, operations, options) =>
      sendJson("PATCH", path, { schemas: [urn.patchOp], Operations: operations }, options),
    delete: (path, options) => send("DELETE", path, undefined, options),
    filter: (endpoint, filter, more = "") =>
      send("GET", `${endpoint}?filter=${encodeURIComponent(filter)}${more}`),
    newUser: (attributes) => create("/Users", userBody(attributes)),
    newGroup: (attributes) => create("/Groups", groupBody(attributes)),
  };
}

/** Expects a SCIM Error: status, media type, message schema, string status and a detail (RFC 7644 §3.12). */
export function expectError(answer: Answer, status: number, scimType?: string): void {
  expect(answer.status, answer.text).toBe(status);
  expect(answer.headers.get("content-type")).toMatch(/^application\/scim\+json/);
  expect(answer.body).toMatchObject({ schemas: [urn.error], status: String(status) });
  expect(answer.body.scimType, answer.text).toBe(scimType);
  expect(answer.body.detail).toMatch(/\S/);
}

/** Expects a status and shows the body when it is another. */
export function expectStatus(answer: Answer, ...statuses: readonly number[]): void {
  expect(statuses, answer.text).toContain(answer.status);
}

/** The ids in a list, sorted. */
export function idsOf(answer: Answer): readonly string[] {
  expect(answer.status, answer.text).toBe(200);
  return answer.body.Resources.map(({ id }) => id).toSorted();
}
