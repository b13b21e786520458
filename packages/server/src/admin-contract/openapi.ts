/** Derives the OpenAPI 3.1 document of the admin API from the table of its operations. */
import type { JsonObject, JsonValue } from "@rollcall/scim";
import { isJsonObject } from "@rollcall/scim";
import { z } from "zod";
import type { Operation } from "./operation.ts";
import { adminRoot, contractSchemas, noBody, noContent } from "./operation.ts";
import { operations, parametersOf, pathParameters } from "./operations.ts";
import { problemMediaType, problemSchema } from "./problem.ts";

/** Where the document is served, and of which version of the program. */
export interface DocumentSite {
  /** The public URL of the server. */
  readonly url: string;
  readonly version: string;
}

const componentPrefix = "#/components/schemas/";

/** Makes the document. */
export function openApiDocument({ url, version }: DocumentSite): JsonObject {
  return {
    openapi: "3.1.0",
    info: {
      title: "Rollcall admin API",
      version,
      description:
        "Tenants, connections, credentials, accounts, members and logs. Lists are paged by an opaque cursor; failures are problem details (RFC 9457); every POST takes an Idempotency-Key.",
    },
    servers: [{ url: `${url}${adminRoot}` }],
    security: [{ bearer: [] }],
    tags: [...new Set(operations.map(({ noun }) => noun))].map((name) => ({ name })),
    paths: pathsOf(operations),
    components: {
      schemas: componentSchemas(),
      securitySchemes: {
        bearer: {
          type: "http",
          scheme: "bearer",
          description:
            "A token of the admin API, rollcall_admin_…: good for one tenant or for the instance.",
        },
      },
    },
  };
}

function pathsOf(all: readonly Operation[]): JsonObject {
  const paths = [...new Set(all.map(({ path }) => path))];
  return Object.fromEntries(
    paths.map((path) => [
      path,
      Object.fromEntries(
        all
          .filter((operation) => operation.path === path)
          .map((operation) => [operation.method.toLowerCase(), describedOperation(operation)]),
      ),
    ]),
  );
}

function describedOperation(operation: Operation): JsonObject {
  const parameters = [
    ...parametersOf(operation).map(pathParameter),
    ...queryParameters(operation),
    ...(operation.method === "POST" ? [idempotencyKey] : []),
    ...(takesCondition(operation) ? [condition] : []),
  ];
  return {
    operationId: operation.operationId,
    summary: operation.summary,
    description:
      operation.scope === "instance"
        ? "Needs a credential for the whole instance."
        : "A credential of one tenant sees that tenant alone.",
    tags: [operation.noun],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(hasBody(operation)
      ? {
          requestBody: {
            required: true,
            content: { "application/json": { schema: referenceTo(operation.body) } },
          },
        }
      : {}),
    responses: responsesOf(operation),
  };
}

function pathParameter(name: string): JsonObject {
  return {
    name,
    in: "path",
    required: true,
    description: pathParameters[name] ?? "",
    schema: { type: "string" },
  };
}

/** The parameters of the query, each with its schema. */
export function queryParameters({ query }: Operation): readonly JsonObject[] {
  const { properties = {}, required = [] } = jsonSchemaOf(query);
  return Object.entries(isJsonObject(properties) ? properties : {}).map(([name, schema]) => {
    const { description, ...rest } = isJsonObject(schema) ? schema : {};
    return {
      name,
      in: "query",
      required: Array.isArray(required) && required.includes(name),
      ...(description === undefined ? {} : { description }),
      schema: rest,
    };
  });
}

const idempotencyKey: JsonObject = {
  name: "Idempotency-Key",
  in: "header",
  required: false,
  description:
    "Up to 255 visible ASCII characters. For 24 hours the same key with the same request gets the first answer again and changes nothing.",
  schema: { type: "string", minLength: 1, maxLength: 255 },
};

const condition: JsonObject = {
  name: "If-Match",
  in: "header",
  required: false,
  description:
    "The ETag of what was read: when it has changed since, nothing is changed and the answer is 412. Without it the change is made on whatever is there.",
  schema: { type: "string", minLength: 1 },
};

/** Tells whether an operation changes something that has a version. */
export function takesCondition({ method, versionOf }: Operation): boolean {
  return method !== "GET" && versionOf !== undefined;
}

/** Tells whether an operation reads a body. */
export function hasBody({ body }: Operation): boolean {
  return body !== noBody;
}

function responsesOf(operation: Operation): JsonObject {
  const { answer, statuses, mediaTypes } = operation;
  const success = statuses.map((status) => [
    String(status),
    answer === noContent
      ? { description: "Done" }
      : {
          description: status === 201 ? "Made" : "The answer",
          ...(operation.versionOf === undefined || operation.method === "DELETE"
            ? {}
            : {
                headers: {
                  ETag: {
                    description: `The version of ${operation.versionOf}`,
                    schema: { type: "string" },
                  },
                },
              }),
          content:
            mediaTypes === undefined
              ? { "application/json": { schema: referenceTo(answer) } }
              : Object.fromEntries(
                  mediaTypes.map((type) => [type, { schema: jsonSchemaOf(answer) }]),
                ),
        },
  ]);
  const problems = problemsOf(operation).map(([status, description]) => [
    String(status),
    { description, content: { [problemMediaType]: { schema: referenceTo(problemSchema) } } },
  ]);
  return Object.fromEntries([...success, ...problems]);
}

/** What can go wrong: statuses with what each says. */
export function problemsOf(operation: Operation): readonly (readonly [number, string])[] {
  const isPost = operation.method === "POST";
  const conflict = [
    ...(operation.conflict === undefined ? [] : [operation.conflict]),
    ...(isPost ? ["A request with the same Idempotency-Key is under way"] : []),
  ];
  return [
    [400, "The request is not as described; errors says where"],
    [401, "No valid token of the admin API"],
    [403, "The token is not good for this"],
    [404, "There is no such thing, as far as the token may see"],
    ...(conflict.length === 0 ? [] : [[409, conflict.join("; or: ")] as const]),
    ...(operation.gone === undefined ? [] : [[410, operation.gone] as const]),
    ...(takesCondition(operation)
      ? [[412, `If-Match names another version of ${operation.versionOf}`] as const]
      : []),
    ...(hasBody(operation)
      ? ([
          [413, "The body is too long"],
          [415, "The body is not application/json"],
        ] as const)
      : []),
    ...(isPost ? [[422, "The Idempotency-Key was used for another request"] as const] : []),
    [429, "Too many requests; Retry-After says how long to wait"],
    [503, "The server cannot answer now; Retry-After says when to try again"],
  ];
}

function componentSchemas(): JsonObject {
  const { schemas } = z.toJSONSchema(contractSchemas, {
    uri: (id) => `${componentPrefix}${id}`,
    io: "input",
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, schema]) => [id, withoutIdentity(schema)]),
  );
}

/** The name of a schema as a reference to it; programmers name every body and every answer. */
function referenceTo(schema: z.ZodType): JsonObject {
  const id = contractSchemas.get(schema)?.id;
  if (id === undefined) {
    throw new TypeError("a body or an answer has no name in the contract");
  }
  return { $ref: `${componentPrefix}${id}` };
}

function jsonSchemaOf(schema: z.ZodType): JsonObject {
  return withoutIdentity(z.toJSONSchema(schema, { io: "input" }));
}

/** Inside the document a schema needs neither dialect nor id. */
function withoutIdentity(schema: object): JsonObject {
  const members: readonly (readonly [string, JsonValue])[] = Object.entries(schema);
  return Object.fromEntries(members.filter(([name]) => name !== "$schema" && name !== "$id"));
}
