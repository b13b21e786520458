/** Runs the filter vectors of `test-vectors/` in process: parse, resolve, compare with the resources (RFC 7644 §3.4.2.2). */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { AttributePath } from "../attribute-path/attribute-path.ts";
import { ScimError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import type { AttributeDefinition } from "../schema/attribute.ts";
import { defineAttribute } from "../schema/attribute.ts";
import { groupResourceType } from "../schema/group.ts";
import { createResourceTypeRegistry, withExtension } from "../schema/resource-type.ts";
import { userResourceType } from "../schema/user.ts";
import { comparisonFormOf } from "./comparison-form.ts";
import { evaluateFilter } from "./evaluate-filter.ts";
import type { Filter } from "./filter.ts";
import { formatFilter } from "./format-filter.ts";
import { parseFilter } from "./parse-filter.ts";
import { resolveFilter } from "./resolve-filter.ts";

interface Vector {
  readonly id: string;
  readonly resourceType: "User" | "Group";
  readonly level: "rfc" | "derived" | "dialect" | "lenient";
  readonly filter: string;
  readonly valid: boolean;
  readonly ast?: unknown;
  /** Null: the filter parses, and no resource is asked. */
  readonly match?: readonly string[] | null;
  readonly optionalMatch?: readonly string[];
  readonly altMatch?: readonly string[];
  readonly altError?: string;
}

interface Fixtures {
  readonly extensionSchema: {
    readonly id: string;
    readonly name: string;
    readonly description: string;
    readonly attributes: readonly Omit<AttributeDefinition, "description">[];
  };
  readonly User: readonly JsonObject[];
  readonly Group: readonly JsonObject[];
}

const folder = new URL("../../test-vectors/", import.meta.url);
const { vectors }: { vectors: readonly Vector[] } = JSON.parse(
  readFileSync(new URL("filters.json", folder), "utf8"),
);
const fixtures: Fixtures = JSON.parse(readFileSync(new URL("fixtures.json", folder), "utf8"));

const { attributes, ...names } = fixtures.extensionSchema;
const described = (definition: Omit<AttributeDefinition, "description">): AttributeDefinition => ({
  ...definition,
  description: definition.name,
  subAttributes: (definition.subAttributes ?? []).map(described),
});
const user = withExtension(userResourceType, {
  schema: { ...names, attributes: attributes.map(described).map(defineAttribute) },
  required: false,
});
const registry = createResourceTypeRegistry([user, groupResourceType]);

/** The parsed filter in the notation of the vectors. */
function notationOf(filter: Filter): unknown {
  switch (filter.kind) {
    case "present":
      return ["pr", pathText(filter.path)];
    case "comparison":
      return [filter.operator, pathText(filter.path), filter.literal.value];
    case "and":
    case "or":
      return [filter.kind, ...filter.operands.map(notationOf)];
    case "not":
      return ["not", notationOf(filter.operand)];
    case "valuePath":
      return ["[]", pathText(filter.path), notationOf(filter.filter)];
  }
}

function pathText({ schema, attribute, subAttribute }: AttributePath): string {
  return `${schema ?? ""}${schema !== undefined && attribute !== undefined ? ":" : ""}${attribute ?? ""}${
    subAttribute === undefined ? "" : `.${subAttribute}`
  }`;
}

/** Ids of the fixtures that match, or the keyword of the error. */
function answerTo(
  { filter: text, resourceType: name, match }: Vector,
  strict: boolean,
):
  | { readonly filter: Filter; readonly matches: readonly string[]; readonly error?: never }
  | { readonly error: string | undefined } {
  try {
    const filter = parseFilter(text, { strict, schemaUris: registry.schemaUris });
    if (match === null) {
      return { filter, matches: [] };
    }
    const resourceType = registry.named(name);
    if (resourceType === undefined) {
      throw new TypeError(`no resource type ${name}`);
    }
    const resolved = resolveFilter(filter, resourceType, {
      strict,
      unqualifiedExtensionNames: false,
    });
    const matches = fixtures[name]
      .filter((resource) => evaluateFilter(resolved, comparisonFormOf(resourceType, resource)))
      .map((resource) => String(resource["id"]));
    return { filter, matches };
  } catch (error) {
    if (error instanceof ScimError) {
      return { error: error.scimType };
    }
    throw error;
  }
}

/** The ids without those that may or may not match. */
function without({ optionalMatch = [] }: Vector, ids: readonly string[]): readonly string[] {
  return ids.filter((id) => !optionalMatch.includes(id)).toSorted();
}

/** Every answer that is right. */
function acceptable(vector: Vector): readonly (readonly string[])[] {
  const { match, altMatch } = vector;
  const answers = [match ?? [], ...(altMatch ? [altMatch] : [])];
  return answers.map((ids) => without(vector, ids));
}

describe.each([
  { reading: "strict", strict: true },
  { reading: "lenient", strict: false },
])("$reading reading", ({ strict }) => {
  test.each(vectors.filter(({ valid }) => valid))("$id $level: $filter", (vector) => {
    const answer = answerTo(vector, strict);
    const { match, altError } = vector;
    if (!("filter" in answer)) {
      expect(answer.error).toBe(altError);
      // What only a client's dialect has is read leniently; nothing else may be refused there.
      expect(strict || vector.level === "lenient").toBe(true);
      return;
    }
    // The notation has no value of its own for bare words: `True` stands there as true.
    if (vector.level !== "dialect") {
      expect(notationOf(answer.filter)).toEqual(vector.ast);
    }
    if (match !== null) {
      expect(acceptable(vector)).toContainEqual(without(vector, answer.matches));
    }
    expect(
      parseFilter(formatFilter(answer.filter), { strict, schemaUris: registry.schemaUris }),
    ).toEqual(answer.filter);
  });
});

test.each(vectors.filter(({ valid }) => !valid))("$id $level is refused: $filter", (vector) => {
  expect(answerTo(vector, true)).toEqual({ error: "invalidFilter" });
});

test("what a lenient reading accepts of the invalid ones is bare words alone", () => {
  const accepted = vectors
    .filter((vector) => !vector.valid && answerTo(vector, false).error === undefined)
    .map(({ filter }) => filter);
  expect(accepted).toEqual(["userName eq bjensen", "userName eq nul"]);
});

test("the vectors are there", () => {
  expect(vectors.length).toBe(195);
});
