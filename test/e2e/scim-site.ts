/** What the end-to-end tests send, to one server or to several in turn. */
import { openInstance } from "../../packages/server/src/compose.ts";
import { scopeOf } from "../../packages/server/src/domain/connection.ts";
import { configForTests } from "../compose-for-tests.ts";

/** An answer. */
export interface ScimAnswer {
  readonly status: number;
  readonly etag: string;
  readonly retryAfter: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: the tests read what they expect and fail where it is not there.
  readonly body: any;
}

/** Servers under test on the same data. */
export interface ScimSite {
  /** Sends a request to the next server. */
  call(
    token: string,
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<ScimAnswer>;
  /** Makes a connection of the tenant `default` and answers with a token for it. */
  freshConnection(slug: string): Promise<string>;
}

/** Makes the site of servers on one folder, and on one database where that is elsewhere. */
export function createScimSite(
  baseUrls: () => readonly string[],
  data: () => { readonly folder: string; readonly databaseUrl?: string },
): ScimSite {
  let turn = 0;
  return {
    call(token, method, path, body, headers) {
      const urls = baseUrls();
      turn += 1;
      return sendScim(`${urls[turn % urls.length]}${path}`, token, method, body, headers);
    },
    freshConnection: (slug) => freshConnection(slug, data()),
  };
}

/** Does what the command line does, without the start of a process for each connection. */
async function freshConnection(
  slug: string,
  { folder, databaseUrl }: { readonly folder: string; readonly databaseUrl?: string },
): Promise<string> {
  const instance = await openInstance(configForTests(folder, { databaseUrl }), {
    role: "cli",
    now: Date.now,
  });
  try {
    const [tenant] = await instance.store.tenants.list();
    if (tenant === undefined) {
      throw new Error("the server has made no tenant");
    }
    const wish = { tenant, profile: "generic", slug, name: undefined } as const;
    const connection = await instance.createConnection(wish);
    const { token } = await instance.issueCredential({
      scope: scopeOf(connection),
      name: "",
      lifetime: { kind: "days", days: 30 },
      scopes: ["scim:read", "scim:write"],
      cidrs: [],
      creator: "test",
    });
    return token;
  } finally {
    await instance.close();
  }
}

/** Sends one request. */
export async function sendScim(
  url: string,
  token: string,
  method: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<ScimAnswer> {
  const response = await fetch(url, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { "content-type": "application/scim+json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    etag: response.headers.get("etag") ?? "",
    retryAfter: response.headers.get("retry-after"),
    body: text === "" ? undefined : JSON.parse(text),
  };
}

/** Counts how often each status came. */
export function tally(answers: readonly { readonly status: number }[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of answers) {
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}

/** A User message. */
export function userMessage(attributes: object): object {
  return { schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], ...attributes };
}

/** A Group message. */
export function groupMessage(attributes: object): object {
  return { schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], ...attributes };
}

/** A PATCH message. */
export function patchMessage(...operations: readonly unknown[]): object {
  return {
    schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    Operations: operations,
  };
}
