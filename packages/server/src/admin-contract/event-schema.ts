/** The JSON Schema of an event as the feed and webhooks tell it, and what does not fit it. */
import type { JsonObject, JsonValue } from "@rollcall/scim";
import { sameJson } from "@rollcall/scim";
import { z } from "zod";
import type { EventType } from "../domain/event-types.ts";
import { eventTypes, isEventType } from "../domain/event-types.ts";
import { eventDataSchemas, ownTypeDataSchema } from "./event-data.ts";
import { eventExamples } from "./event-examples.ts";
import { timeSchema } from "./operation.ts";

/** The JSON Schema of the message of a type (draft 2020-12), with its sentence and its example. */
export function eventJsonSchema(type: EventType): JsonObject {
  return {
    ...messageSchema(type, eventDataSchemas[type], eventTypes[type]),
    examples: [exampleOf(type)],
  };
}

/** The same of a type of a resource type of the deployer's, such as `device.created`; undefined for what is no such type. */
export function ownTypeJsonSchema(type: string): JsonObject | undefined {
  const [noun = ""] = type.split(".");
  const isListed = Object.keys(eventTypes).some((listed) => listed.startsWith(`${noun}.`));
  const data = ownTypeDataSchema(type);
  return isListed || data === undefined ? undefined : messageSchema(type, data, ownTypeSentence);
}

const ownTypeSentence =
  "What a resource type of the deployer's is told of: created, updated or deleted";

function messageSchema(type: string, data: z.ZodType, description: string): JsonObject {
  const message = z.object({
    id: z
      .string()
      .optional()
      .describe("The same however often it is told: in the feed here, of a webhook in webhook-id"),
    type: z.literal(type),
    timestamp: timeSchema,
    tenant: z.string().describe("The slug of the tenant"),
    data,
  });
  // Of what comes in: whoever reads an event must not mind members that a later version adds.
  const { $schema, ...schema }: Readonly<Record<string, JsonValue>> = JSON.parse(
    JSON.stringify(z.toJSONSchema(message, { io: "input" })),
  );
  return {
    ...($schema === undefined ? {} : { $schema }),
    $id: `urn:rollcall:event:${type}`,
    title: type,
    description,
    ...schema,
  };
}

/** An event of a type as a webhook tells it. */
export function exampleOf(type: EventType): JsonObject {
  const data = eventExamples[type];
  return { type, timestamp: "2026-06-01T12:00:00.000Z", tenant: "acme", data };
}

/** What is wrong with an event, in words; undefined when it is as documented, with no member beside those that are. */
export function eventFault({
  type,
  data,
}: {
  readonly type: string;
  readonly data: JsonObject;
}): string | undefined {
  const schema = isEventType(type) ? eventDataSchemas[type] : ownTypeDataSchema(type);
  if (schema === undefined) {
    return `${type} is no documented type`;
  }
  const reading = schema.safeParse(data);
  if (!reading.success) {
    const faults = reading.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
    return `${type}: ${faults.join("; ")}`;
  }
  const known: JsonObject = JSON.parse(JSON.stringify(reading.data));
  return sameJson(known, data) ? undefined : `${type} has more than what is documented`;
}
