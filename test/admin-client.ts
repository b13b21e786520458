/** A client of the admin API for tests: every answer is held against the served OpenAPI document. */
import { expect } from "vitest";
import { z } from "zod";
import type { TestRollcall } from "./compose-for-tests.ts";

/** What a request got. */
export interface AdminAnswer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of JSON
  readonly body: any;
}

/** What is sent beside method and path. */
export interface AdminRequest {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is in place of a body. */
  readonly text?: string;
}

/** Sends requests with one token. */
export type AdminClient = (
  method: string,
  path: string,
  request?: AdminRequest,
) => Promise<AdminAnswer>;

/** A token of the admin API for tests. */
export async function adminToken(rollcall: TestRollcall, slug?: string): Promise<string> {
  const tenant = slug === undefined ? undefined : await rollcall.store.tenants.bySlug(slug);
  const wish = { tenantId: tenant?.tenantId, name: "", creator: "test" } as const;
  const lifetime = { kind: "days", days: 30 } as const;
  return (await rollcall.issueAdminCredential({ ...wish, lifetime })).token;
}

/** Makes a client over real HTTP; `origin` is where the server listens. */
export function createAdminClient(origin: string, token: string): AdminClient {
  const document = fetch(`${origin}/api/v1/openapi.json`, {
    headers: { authorization: `Bearer ${token}` },
  }).then((response) => response.json());
  return async (method, path, { body, text, headers = {} } = {}) => {
    const content = text ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await fetch(`${origin}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(content === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(content === undefined ? {} : { body: content }),
    });
    const answered = await response.text();
    const isJson = /^application\/(problem\+)?json(;|$)/.test(
      response.headers.get("content-type") ?? "",
    );
    const parsed: unknown =
      answered === "" || !isJson ? answered || undefined : JSON.parse(answered);
    checkAnswer(await document, { method, path, response, body: parsed });
    return { status: response.status, headers: response.headers, body: parsed };
  };
}

interface Answered {
  readonly method: string;
  readonly path: string;
  readonly response: Response;
  readonly body: unknown;
}

/** Holds an answer against the document: its status is declared, its type is, and its content fits the schema. */
function checkAnswer(document: unknown, { method, path, response, body }: Answered): void {
  // Whoever may not read the document cannot hold anything against it.
  const paths: Record<string, Record<string, unknown>> = Object(document).paths ?? {};
  const template = Object.keys(paths).find((one) =>
    new RegExp(`^${one.replace(/\{\w+\}/g, "[^/]+")}$`).test(path.split("?")[0] ?? ""),
  );
  const operation = Object(paths[template ?? ""]?.[method.toLowerCase()]);
  if (template === undefined || operation.responses === undefined || response.status >= 500) {
    return;
  }
  const what = `${method} ${template} ${response.status}`;
  const declared = operation.responses[response.status];
  expect(declared, `${what} is declared`).toBeDefined();
  const sent = response.headers.get("content-type") ?? undefined;
  const contents = Object.entries(declared.content ?? {});
  const [mediaType, content] = contents.find(([one]) => one === sent) ?? contents[0] ?? [];
  expect(sent, what).toBe(mediaType);
  // An export may have nothing in it.
  if (content !== undefined && body !== undefined) {
    const schema = schemaIn(document, Object(content).schema);
    const reading = z.fromJSONSchema({ ...schema }).safeParse(body);
    expect(reading.error?.issues, what).toBeUndefined();
    expect(undeclaredIn(body, schema, schema, ""), what).toEqual([]);
  }
}

interface SchemaRoot {
  readonly $defs: Record<string, z.core.JSONSchema.JSONSchema>;
}

/** A schema of the document that stands alone. */
function schemaIn(document: unknown, schema: object): SchemaRoot {
  const { schemas } = Object(document).components;
  const text = JSON.stringify({ ...schema, $defs: schemas });
  return JSON.parse(text.replaceAll("#/components/schemas/", "#/$defs/"));
}

/** Members that an answer has and its schema does not name, where it names any. */
function undeclaredIn(
  value: unknown,
  schema: unknown,
  root: SchemaRoot,
  path: string,
): readonly string[] {
  const { $ref, properties, items, additionalProperties } = Object(schema);
  if (typeof $ref === "string") {
    return undeclaredIn(value, root.$defs[$ref.split("/").at(-1) ?? ""], root, path);
  }
  if (Array.isArray(value)) {
    return value.flatMap((element) => undeclaredIn(element, items, root, `${path}[]`));
  }
  if (typeof value !== "object" || value === null || properties === undefined) {
    return [];
  }
  return Object.entries(value).flatMap(([name, member]) =>
    Object.hasOwn(properties, name)
      ? undeclaredIn(member, properties[name], root, `${path}.${name}`)
      : additionalProperties === undefined
        ? [`${path}.${name}`]
        : [],
  );
}
