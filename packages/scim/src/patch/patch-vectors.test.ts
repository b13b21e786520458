/** Runs the PATCH vectors of `test-vectors/` in process (RFC 7644 §3.5.2): strictly by their level, leniently without a crash. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ScimError } from "../errors.ts";
import { evaluateValueFilter } from "../filter/evaluate-filter.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import { isJsonArray, isJsonObject, memberOf } from "../json.ts";
import type { RelationStep } from "../resource/relation-delta.ts";
import { checkResource } from "../resource/validate-resource.ts";
import type { AttributeDefinition } from "../schema/attribute.ts";
import { defineAttribute } from "../schema/attribute.ts";
import { groupResourceType } from "../schema/group.ts";
import { createResourceTypeRegistry, withExtension } from "../schema/resource-type.ts";
import { userResourceType } from "../schema/user.ts";
import { applyPatch } from "./apply-patch.ts";
import { parsePatchOp } from "./patch-op.ts";

interface Outcome {
  readonly after?: JsonObject;
  readonly error?: { readonly status: number; readonly scimType: string };
}

interface Vector extends Outcome {
  readonly id: string;
  readonly resourceType: "User" | "Group";
  readonly level: "rfc" | "derived" | "dialect" | "lenient";
  readonly before: JsonObject;
  readonly ops?: readonly JsonObject[];
  readonly body?: JsonObject;
  readonly alternatives?: readonly Outcome[];
}

interface Fixtures {
  readonly extensionSchema: {
    readonly id: string;
    readonly name: string;
    readonly description: string;
    readonly attributes: readonly Omit<AttributeDefinition, "description">[];
  };
}

const folder = new URL("../../test-vectors/", import.meta.url);
const { vectors }: { vectors: readonly Vector[] } = JSON.parse(
  readFileSync(new URL("patch.json", folder), "utf8"),
);
const fixtures: Fixtures = JSON.parse(readFileSync(new URL("fixtures.json", folder), "utf8"));

const { attributes: extensionAttributes, ...names } = fixtures.extensionSchema;
const described = (definition: Omit<AttributeDefinition, "description">): AttributeDefinition => ({
  ...definition,
  description: definition.name,
  subAttributes: (definition.subAttributes ?? []).map(described),
});
const user = withExtension(userResourceType, {
  schema: { ...names, attributes: extensionAttributes.map(described).map(defineAttribute) },
  required: false,
});
const registry = createResourceTypeRegistry([user, groupResourceType]);

/** Applies a vector, the relation included, which a store would do. */
function outcomeOf(vector: Vector, strict: boolean): Outcome {
  const resourceType = vector.resourceType === "User" ? user : groupResourceType;
  const reading = { strict, unqualifiedExtensionNames: false, schemaUris: registry.schemaUris };
  const body = vector.body ?? {
    schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    Operations: vector.ops ?? [],
  };
  const {
    schemas: _schemas,
    id,
    meta: _meta,
    members,
    groups: _groups,
    ...attributes
  } = vector.before;
  try {
    const operations = parsePatchOp(body, reading);
    const patched = applyPatch(attributes, operations, resourceType, reading);
    checkResource(patched.attributes, resourceType);
    const steps = patched.relations.flatMap((delta) => delta.steps);
    const ids = steps.reduce(afterStep, idsIn(members));
    const extensions = resourceType.extensions.map(({ schema }) => schema.id);
    return {
      after: {
        schemas: [
          resourceType.schema.id,
          ...extensions.filter((uri) => memberOf(patched.attributes, uri) !== undefined),
        ],
        id: id ?? null,
        ...patched.attributes,
        members: ids.map((value) => ({ value })),
      },
    };
  } catch (error) {
    if (error instanceof ScimError && error.scimType !== undefined) {
      return { error: { status: error.status, scimType: error.scimType } };
    }
    throw error;
  }
}

function idsIn(members: JsonValue | undefined): readonly string[] {
  return (isJsonArray(members) ? members : []).map((member) =>
    String(isJsonObject(member) ? memberOf(member, "value") : member),
  );
}

function afterStep(ids: readonly string[], step: RelationStep): readonly string[] {
  switch (step.op) {
    case "add":
      return [...new Set([...ids, ...step.ids])];
    case "remove":
      return ids.filter((id) => !step.ids.includes(id));
    case "removeWhere":
      return ids.filter((value) => !evaluateValueFilter(step.filter, { value }));
    case "replace":
      return step.ids;
  }
}

/** What the comparison of vectors counts: see `format` of the vectors' own description. */
function comparable(name: string, value: JsonValue): JsonValue | undefined {
  if (isJsonArray(value)) {
    const elements = value.map((element) => comparable(name, element) ?? null);
    const ordered = elements.map((element) => JSON.stringify(element)).sort();
    return ordered.length === 0 ? undefined : ordered;
  }
  if (!isJsonObject(value)) {
    return value;
  }
  const counted = Object.entries(value).filter(
    ([part, content]) =>
      !(part === "primary" && content === false) &&
      !(["members", "manager"].includes(name) && part !== "value") &&
      !["meta", "secret", "password"].includes(part),
  );
  return Object.fromEntries(
    counted
      .map(([part, content]) => [part, comparable(part, content)] as const)
      .filter((entry): entry is [string, JsonValue] => entry[1] !== undefined)
      .sort(([left], [right]) => (left < right ? -1 : 1)),
  );
}

const comparableOutcome = ({ after, error }: Outcome) =>
  after === undefined ? { error } : { after: comparable("", after) };

describe("strict reading", () => {
  test.each(vectors)("$id ($level)", (vector) => {
    const outcome = comparableOutcome(outcomeOf(vector, true));
    const accepted = [vector, ...(vector.alternatives ?? [])].map(comparableOutcome);
    expect(accepted).toContainEqual(outcome);
  });
});

describe("lenient reading", () => {
  test.each(vectors)("$id ($level)", (vector) => {
    const outcome = comparableOutcome(outcomeOf(vector, false));
    if (vector.level === "dialect") {
      expect(outcome).toEqual(comparableOutcome(vector));
    }
  });
});
