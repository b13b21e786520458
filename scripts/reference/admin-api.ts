/** Derives docs/reference/admin-api.md: every operation of the admin API with what it takes and answers. */
import type { JsonObject, JsonValue } from "@rollcall/scim";
import { isJsonArray, isJsonObject } from "@rollcall/scim";
import {
  openApiDocument,
  problemsOf,
  queryParameters,
} from "../../packages/server/src/admin-contract/openapi.ts";
import type { Operation } from "../../packages/server/src/admin-contract/operation.ts";
import {
  operations,
  parametersOf,
  pathParameters,
} from "../../packages/server/src/admin-contract/operations.ts";

/** Writes the page. */
export function formatAdminApi(): string {
  const document = openApiDocument({ url: "https://rollcall.example.com", version: "" });
  const nouns = [...new Set(operations.map(({ noun }) => noun))];
  return `# Admin API

Made by \`npm run docs\` from the contract; do not edit. The server serves the same as OpenAPI 3.1 at \`/api/v1/openapi.json\`; [the guide](../guides/admin-api.md) shows how to begin.

All paths are below \`/api/v1\`. A credential is made with \`rollcall admin-token create\`. One of a tenant sees that tenant alone, and others as if they did not exist; operations marked *instance* need one of the instance.

${nouns.map((noun) => formatNoun(noun, document)).join("\n")}
## Bodies and answers

\`?\` marks what may be left out.

${formatSchemas(document)}
## Problems

Failures are \`application/problem+json\` (RFC 9457): \`type\`, \`title\`, \`status\`, \`detail\`, \`instance\` (the request id as a URN), and \`errors\` with \`path\` and \`detail\` for each part of the request that is wrong. Every operation can answer ${problemsOf(
    firstOperation(),
  )
    .map(([status]) => status)
    .join(
      ", ",
    )}; those that read a body also 413 and 415, every POST also 409 and 422 because of its Idempotency-Key.
`;
}

function firstOperation(): Operation {
  const operation = operations.find(({ method }) => method === "GET");
  if (operation === undefined) {
    throw new TypeError("the contract has no operation");
  }
  return operation;
}

function formatNoun(noun: string, document: JsonObject): string {
  const rows = operations.filter((operation) => operation.noun === noun);
  return `## ${noun.charAt(0).toUpperCase()}${noun.slice(1)}\n\n${rows
    .map((operation) => formatOperation(operation, document))
    .join("\n")}`;
}

function formatOperation(operation: Operation, document: JsonObject): string {
  const { method, path, summary, scope, conflict } = operation;
  const described = memberAt(document, "paths", path, method.toLowerCase());
  const parameters = [
    ...parametersOf(operation).map((name) => [name, "", pathParameters[name] ?? ""] as const),
    ...queryParameters(operation).map(
      ({ name, schema, description }) =>
        [`?${String(name)}`, typeText(schema ?? null), String(description ?? "")] as const,
    ),
  ];
  const body = memberAt(described, "requestBody", "content", "application/json", "schema");
  const answers = operation.statuses.map((status) => {
    const schema = memberAt(
      described,
      "responses",
      `${status}`,
      "content",
      "application/json",
      "schema",
    );
    return `${status}${schema === undefined ? "" : ` ${typeText(schema)}`}`;
  });
  return [
    `### ${method} ${path}`,
    "",
    `${summary}.${scope === "instance" ? " *Instance.*" : ""}`,
    "",
    ...parameters.map(
      ([name, type, what]) =>
        `- \`${name}\`${type === "" ? "" : ` ${type}`}: ${what || "exactly this"}`,
    ),
    ...(body === undefined ? [] : [`- body: ${typeText(body)}`]),
    `- answers ${answers.join(" or ")}`,
    ...(conflict === undefined ? [] : [`- 409: ${conflict}`]),
    "",
  ].join("\n");
}

function formatSchemas(document: JsonObject): string {
  const schemas = memberAt(document, "components", "schemas");
  return Object.entries(isJsonObject(schemas) ? schemas : {})
    .filter(([name]) => !name.endsWith("Page") && name !== "OpenApiDocument")
    .toSorted(([one], [other]) => one.localeCompare(other, "en"))
    .map(([name, schema]) => formatSchema(name, schema))
    .join("\n");
}

function formatSchema(name: string, schema: JsonValue): string {
  const properties = memberAt(schema, "properties");
  const required = memberAt(schema, "required");
  const rows = Object.entries(isJsonObject(properties) ? properties : {}).map(([member, form]) => {
    const isRequired =
      isJsonArray(required ?? null) && Array.isArray(required) && required.includes(member);
    const description = memberAt(form, "description");
    return `| \`${member}\`${isRequired ? "" : "?"} | ${typeText(form)} | ${typeof description === "string" ? description.replaceAll("|", "\\|") : ""} |`;
  });
  return `### ${name}\n\n| member | type | what |\n|---|---|---|\n${rows.join("\n")}\n`;
}

/** A schema in a few words. */
export function typeText(schema: JsonValue): string {
  const reference = memberAt(schema, "$ref");
  if (typeof reference === "string") {
    const name = reference.split("/").at(-1) ?? "";
    return name.endsWith("Page") && name !== "Page"
      ? `page of ${name.slice(0, -"Page".length)}`
      : name;
  }
  const words = memberAt(schema, "enum");
  const choices = memberAt(schema, "anyOf");
  const items = memberAt(schema, "items");
  if (Array.isArray(words)) {
    return words.map((word) => `\`${String(word)}\``).join(", ");
  }
  if (Array.isArray(choices)) {
    return choices.map(typeText).join(" or ");
  }
  if (items !== undefined) {
    return `list of ${typeText(items)}`;
  }
  const type = memberAt(schema, "type");
  return Array.isArray(type) ? type.join(" or ") : typeof type === "string" ? type : "any";
}

/** What is in a value of JSON at a path; undefined where nothing is. */
export function memberAt(
  value: JsonValue | undefined,
  ...path: readonly string[]
): JsonValue | undefined {
  return path.reduce<JsonValue | undefined>(
    (inner, name) =>
      inner !== undefined && isJsonObject(inner) && Object.hasOwn(inner, name)
        ? inner[name]
        : undefined,
    value,
  );
}
