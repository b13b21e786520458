/** The documented events: every type has a schema that its example fits, and what does not fit is told. */
import { expect, test } from "vitest";
import { z } from "zod";
import type { EventType } from "../domain/event-types.ts";
import { eventTypes, isEventType } from "../domain/event-types.ts";
import { eventExamples } from "./event-examples.ts";
import { eventFault, eventJsonSchema, exampleOf } from "./event-schema.ts";

const types = Object.keys(eventTypes).filter(isEventType);

test.each(types)("%s: the example is as the schema says, in zod and as JSON Schema", (type) => {
  expect(eventFault({ type, data: eventExamples[type] })).toBeUndefined();
  const schema = z.fromJSONSchema({ ...eventJsonSchema(type) });
  expect(schema.safeParse(exampleOf(type)).error?.issues).toBeUndefined();
  const { data: _, ...withoutData } = exampleOf(type);
  expect(schema.safeParse(withoutData).success).toBe(false);
});

test("a reader may be told more than it knows, and still the schema fits", () => {
  const type: EventType = "sessions.revoke";
  const example = exampleOf(type);
  const later = { ...example, data: { ...eventExamples[type], since: "a later version" } };
  expect(z.fromJSONSchema({ ...eventJsonSchema(type) }).safeParse(later).success).toBe(true);
});

test("what is not documented is told", () => {
  const data = eventExamples["access.changed"];
  expect(eventFault({ type: "access.lost", data })).toMatch("no documented type");
  expect(eventFault({ type: "access.changed", data: {} })).toMatch(/accountId/);
  expect(eventFault({ type: "access.changed", data: { ...data, more: 1 } })).toMatch("more than");
});

test("resource types of the deployer's have three types of their own", () => {
  const changed = { id: "d1", resourceType: "Device", revision: 1, resource: {}, changed: [] };
  const owners = { added: ["a"], removed: [] };
  expect(eventFault({ type: "device.created", data: changed })).toBeUndefined();
  expect(eventFault({ type: "device.updated", data: { ...changed, owners } })).toBeUndefined();
  const gone = { id: "d1", resourceType: "Device", revision: 2, leftRelationsOf: [] };
  expect(eventFault({ type: "device.deleted", data: gone })).toBeUndefined();
  expect(eventFault({ type: "device.lost", data: gone })).toMatch("no documented type");
});
