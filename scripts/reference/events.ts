/** Derives docs/reference/events.md: every type of event with its members, an example and its JSON Schema. */
import type { JsonValue } from "@rollcall/scim";
import { isJsonArray, isJsonObject } from "@rollcall/scim";
import {
  eventJsonSchema,
  exampleOf,
} from "../../packages/server/src/admin-contract/event-schema.ts";
import type { EventType } from "../../packages/server/src/domain/event-types.ts";
import { eventTypes, isEventType } from "../../packages/server/src/domain/event-types.ts";
import { memberAt, typeText } from "./admin-api.ts";

/** Writes the page. */
export function formatEvents(): string {
  const types = Object.keys(eventTypes).filter(isEventType);
  return `# Events

Made by \`npm run docs\` from the list of events; do not edit. [The guide](../guides/integrate-your-app.md) shows an application that follows them.

An event is \`{type, timestamp, tenant, data}\`. Its \`id\` is the same however often it is told: a webhook has it as the header \`webhook-id\`, the feed as \`id\`. Events of one resource come in the order in which it changed. Types and members stay what they are; a later version may add types and members, so ignore what you do not know. \`rollcall event schema TYPE\` prints a JSON Schema.

A resource type of your own has three types, such as \`device.created\`, \`device.updated\` and \`device.deleted\`, with the members of those of a Group.

| type | when |
|---|---|
${types.map((type) => `| [\`${type}\`](#${anchorOf(type)}) | ${eventTypes[type]} |`).join("\n")}

${types.map(formatType).join("\n")}`;
}

function anchorOf(type: EventType): string {
  return type.replaceAll(".", "");
}

function formatType(type: EventType): string {
  const schema = eventJsonSchema(type);
  const { examples: _, ...bare } = schema;
  const data = memberAt(schema, "properties", "data");
  return `## ${type}

${eventTypes[type]}.

\`?\` marks what may be missing in \`data\`.

| member | type | what |
|---|---|---|
${rowsOf(data, "").join("\n")}

\`\`\`json
${JSON.stringify(exampleOf(type), null, 2)}
\`\`\`

<details><summary>JSON Schema</summary>

\`\`\`json
${JSON.stringify(bare, null, 2)}
\`\`\`

</details>
`;
}

/** The members of an object, and of the objects in it. */
function rowsOf(schema: JsonValue | undefined, prefix: string): readonly string[] {
  const properties = memberAt(schema, "properties") ?? null;
  const required = memberAt(schema, "required") ?? null;
  return Object.entries(isJsonObject(properties) ? properties : {}).flatMap(([name, form]) => {
    const isRequired = isJsonArray(required) && required.includes(name);
    const description = memberAt(form, "description");
    const what = typeof description === "string" ? description : "";
    const row = `| \`${prefix}${name}\`${isRequired ? "" : "?"} | ${formText(form)} | ${what} |`;
    const items = memberAt(form, "items");
    return [
      row,
      ...rowsOf(form, `${prefix}${name}.`),
      ...(items === undefined ? [] : rowsOf(items, `${prefix}${name}[].`)),
    ];
  });
}

/** A form in a few words; one of exactly one value is that value. */
function formText(form: JsonValue): string {
  const constant = isJsonObject(form) ? form["const"] : undefined;
  return constant === undefined ? typeText(form) : `\`${String(constant)}\``;
}
