/** Properties of PATCH over generated messages: never mutates, never breaks, agrees with a naive model. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { ScimError } from "../errors.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import { isJsonArray, isJsonObject } from "../json.ts";
import { sameJson } from "../resource/same-json.ts";
import { checkResource, validateResource } from "../resource/validate-resource.ts";
import { groupResourceType } from "../schema/group.ts";
import { createStandardRegistry } from "../schema/standard-registry.ts";
import { userResourceType } from "../schema/user.ts";
import { applyPatch } from "./apply-patch.ts";
import type { PatchOperation } from "./patch-op.ts";
import { parsePatchOp } from "./patch-op.ts";

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const { schemaUris } = createStandardRegistry();
const readingOf = (strict: boolean) => ({ strict, unqualifiedExtensionNames: !strict, schemaUris });
const schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];

function deepFreeze(value: JsonValue): void {
  if (isJsonArray(value) || isJsonObject(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
}

/** Runs and tells what was thrown: nothing but a ScimError may be. */
function attempt<T>(run: () => T): T | ScimError {
  try {
    return run();
  } catch (error) {
    expect(error).toBeInstanceOf(ScimError);
    if (error instanceof ScimError) {
      return error;
    }
    throw error;
  }
}

const word = fc.constantFrom("a", "b", "A", "work", "home", "", "True", "false");
const email = fc.record(
  { value: word, type: word, primary: fc.constantFrom(true, false, "True"), display: word },
  { requiredKeys: [] },
);
const resource = fc.record(
  {
    userName: fc.constantFrom("a", "b"),
    title: fc.constantFrom("a", "b"),
    active: fc.boolean(),
    name: fc.record({ givenName: word, familyName: word }, { requiredKeys: [] }),
    emails: fc.array(email, { maxLength: 3 }),
    roles: fc.array(fc.record({ value: word }), { maxLength: 3 }),
    [enterprise]: fc.record(
      { department: word, manager: fc.record({ value: word }) },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: ["userName"] },
);
const path = fc.constantFrom(
  "userName",
  "title",
  "active",
  "name",
  "name.givenName",
  "NAME.FamilyName",
  "emails",
  "emails.type",
  'emails[type eq "work"]',
  'emails[type eq "work"].value',
  'emails[primary eq "True"].value',
  'emails[not (value eq "a")].primary',
  'roles[value eq "a" or value eq "b"]',
  enterprise,
  `${enterprise}:manager`,
  `${enterprise}:manager.value`,
  "members",
  'members[value eq "a"]',
  'members[type eq "User"]',
  "schemas",
  "id",
  "groups",
  "password",
  "nope.x",
  "department",
  "emails[",
  "__proto__",
  "constructor.prototype",
);
const strange = fc
  .constantFrom(
    '{"__proto__":{"polluted":true}}',
    '{"constructor":{"prototype":{"polluted":true}}}',
    '{"name":{"__proto__":{"polluted":true}}}',
    '{"emails":[{"__proto__":{"polluted":true},"value":"x"}]}',
    '{"__proto__.polluted":true,"constructor.prototype":1}',
  )
  .map((text): JsonValue => JSON.parse(text));
const value: fc.Arbitrary<JsonValue> = fc.oneof(
  word,
  fc.boolean(),
  fc.constant(null),
  email as fc.Arbitrary<JsonValue>,
  fc.array(email as fc.Arbitrary<JsonValue>, { maxLength: 3 }),
  resource as fc.Arbitrary<JsonValue>,
  strange,
  fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<JsonValue>,
);
const operation = fc.record(
  { op: fc.constantFrom("add", "remove", "replace", "Replace"), path, value },
  { requiredKeys: ["op"] },
);

/** A stored resource made of a generated body. */
const stored = (body: JsonObject) =>
  attempt(
    () =>
      validateResource(body, userResourceType, { strict: false, unqualifiedExtensionNames: false })
        .attributes,
  );

test("whatever is sent: the input stays, the result is canonical, only ScimErrors are thrown", () => {
  const untouched = JSON.stringify(Object.getOwnPropertyNames(Object.prototype));
  fc.assert(
    fc.property(
      resource,
      fc.array(operation, { maxLength: 5 }),
      fc.boolean(),
      fc.constantFrom(userResourceType, groupResourceType),
      (body, operations, strict, resourceType) => {
        const before = stored(JSON.parse(JSON.stringify(body)));
        fc.pre(!(before instanceof ScimError));
        const message = JSON.parse(JSON.stringify({ schemas, Operations: operations }));
        deepFreeze(before);
        deepFreeze(message);
        const reading = readingOf(strict);
        const patched = attempt(() =>
          applyPatch(before, parsePatchOp(message, reading), resourceType, reading),
        );
        if (!(patched instanceof ScimError)) {
          expectCanonical(patched.attributes);
          attempt(() => checkResource(patched.attributes, resourceType));
        }
      },
    ),
    { seed: 3552, numRuns: 800 },
  );
  expect(JSON.stringify(Object.getOwnPropertyNames(Object.prototype))).toBe(untouched);
  expect({}).not.toHaveProperty("polluted");
});

function expectCanonical(attributes: JsonObject): void {
  const known = userResourceType.schema.attributes.map(({ name }) => name);
  for (const [name, each] of Object.entries(attributes)) {
    expect([...known, "externalId", enterprise]).toContain(name);
    expect(each).not.toBe(null);
    expect(each).not.toEqual([]);
    expect(each).not.toEqual({});
    if (isJsonArray(each)) {
      expect(each.filter((e) => isJsonObject(e) && e["primary"] === true).length).toBeLessThan(2);
    }
  }
}

test("arbitrary bodies are read or refused with a ScimError", () => {
  fc.assert(
    fc.property(fc.jsonValue(), strange, fc.boolean(), (json, odd, strict) => {
      const reading = readingOf(strict);
      const any: JsonValue = JSON.parse(JSON.stringify(json));
      for (const body of [
        any,
        { ...(isJsonObject(odd) ? odd : {}), userName: any, emails: any, name: any },
      ]) {
        if (isJsonObject(body)) {
          attempt(() => validateResource(body, userResourceType, reading));
          attempt(() =>
            validateResource({ displayName: "g", members: any }, groupResourceType, reading),
          );
          attempt(() => parsePatchOp(body, reading));
          attempt(() => parsePatchOp({ schemas, Operations: any }, reading));
        }
      }
    }),
    { seed: 7643, numRuns: 500 },
  );
  expect({}).not.toHaveProperty("polluted");
});

test("the same add or replace a second time changes nothing", () => {
  const repeatable = operation.filter(({ op }) => op !== "remove");
  fc.assert(
    fc.property(resource, repeatable, (body, once) => {
      const before = stored(JSON.parse(JSON.stringify(body)));
      fc.pre(!(before instanceof ScimError));
      const reading = readingOf(false);
      const operations = attempt(() =>
        parsePatchOp({ Operations: [JSON.parse(JSON.stringify(once))] }, reading),
      );
      fc.pre(!(operations instanceof ScimError));
      const run = (attributes: JsonObject) =>
        attempt(() => applyPatch(attributes, operations, userResourceType, reading));
      const first = run(before);
      fc.pre(!(first instanceof ScimError) && !movesItsOwnTarget(operations));
      const second = first instanceof ScimError ? first : run(first.attributes);
      expect(second instanceof ScimError ? second : second.attributes).toEqual(
        first instanceof ScimError ? first : first.attributes,
      );
    }),
    { seed: 7644, numRuns: 800 },
  );
});

/** A replacement that its own filter no longer finds afterwards makes another element the next time. */
function movesItsOwnTarget(operations: readonly PatchOperation[]): boolean {
  return operations.some((each) => {
    const keys = isJsonObject(each.value ?? null) ? Object.keys(each.value ?? {}) : [];
    return each.path?.filter !== undefined || keys.some((key) => key.includes("["));
  });
}

/** The naive model: plain values, lists without filters, written as the RFC words it. */
const simpleOperation = fc.oneof(
  fc.record({
    op: fc.constantFrom("add", "replace"),
    path: fc.constantFrom("title", "nickName"),
    value: fc.constantFrom("a", "b"),
  }),
  fc.record({
    op: fc.constantFrom("add", "replace"),
    path: fc.constant("roles"),
    value: fc.array(fc.record({ value: fc.constantFrom("a", "b", "c") }), {
      minLength: 1,
      maxLength: 3,
    }),
  }),
  fc.record({ op: fc.constant("remove"), path: fc.constantFrom("title", "nickName", "roles") }),
);

function modelled(
  state: Readonly<Record<string, JsonValue>>,
  { op, path, value }: Record<string, JsonValue>,
) {
  const next = { ...state };
  const name = String(path);
  if (op === "remove") {
    delete next[name];
  } else if (isJsonArray(value)) {
    const old = op === "add" ? next[name] : undefined;
    const texts = [...(isJsonArray(old) ? old : []), ...value].map((each) => JSON.stringify(each));
    next[name] = [...new Set(texts)].map((text): JsonValue => JSON.parse(text));
  } else {
    next[name] = value ?? null;
  }
  return next;
}

test("simple operations do what the naive model does", () => {
  fc.assert(
    fc.property(
      fc.array(simpleOperation, { minLength: 1, maxLength: 12 }),
      fc.boolean(),
      (all, strict) => {
        const reading = readingOf(strict);
        const operations = parsePatchOp({ schemas, Operations: all }, reading);
        const patched = applyPatch({ userName: "a" }, operations, userResourceType, reading);
        const model = all.reduce<Record<string, JsonValue>>(modelled, { userName: "a" });
        expect(sameJson(patched.attributes, model)).toBe(true);
      },
    ),
    { seed: 1, numRuns: 500 },
  );
});
