/** The oracle: SQL finds what the library's evaluator finds, in the order in which the library sorts (RFC 7644 §3.4.2). */
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type {
  Attribute,
  AttributeDefinition,
  JsonObject,
  JsonValue,
  QueryPart,
  RelationStep,
  ResolvedFilter,
  ResourceQuery,
  ResourceStore,
  ResourceType,
  Schema,
} from "@rollcall/scim";
import {
  coreAttributesOf,
  createResourceTypeRegistry,
  createStandardRegistry,
  defineAttribute,
  parseFilter,
  resolveFilter,
  withExtension,
} from "@rollcall/scim";
import { createMemoryResourceStore } from "@rollcall/scim/testing";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestLocale } from "../../../../../test/postgres-for-tests.ts";
import { createTestDatabase } from "../../../../../test/postgres-for-tests.ts";
import { scopeOf } from "../../domain/connection.ts";
import { connectionResourceStore } from "../../provisioning/connection-resource-store.ts";
import {
  testCircumstances,
  testConnection,
  testQuery,
  testStartMs,
  testTenant,
  testTypes,
} from "../contract-population.ts";
import { openPostgresStore } from "../postgres/open-postgres-store.ts";
import { openSqliteStore } from "../sqlite/open-sqlite-store.ts";
import type { Store } from "../store.ts";

const simple = (name: string, rest: Partial<AttributeDefinition> = {}): AttributeDefinition => ({
  name,
  description: name,
  ...rest,
});

/** Every data type, singular and multi-valued, exact and not. */
const everything: Schema = {
  id: "urn:example:params:scim:schemas:extension:everything:2.0:User",
  name: "Everything",
  description: "One attribute of each kind",
  attributes: [
    simple("exact", { caseExact: true }),
    simple("loose"),
    simple("whole", { type: "integer" }),
    simple("broken", { type: "decimal" }),
    simple("flag", { type: "boolean" }),
    simple("moment", { type: "dateTime" }),
    simple("page", { type: "reference", referenceTypes: ["external"], caseExact: true }),
    simple("bytes", { type: "binary", caseExact: true }),
    simple("tags", { multiValued: true }),
    simple("codes", { multiValued: true, caseExact: true }),
    simple("counts", { type: "integer", multiValued: true }),
    simple("flags", { type: "boolean", multiValued: true }),
    simple("boss", {
      type: "complex",
      subAttributes: [
        simple("value", { caseExact: true }),
        simple("$ref", { type: "reference", referenceTypes: ["User"], caseExact: true }),
        simple("rank", { type: "decimal" }),
        simple("names", { multiValued: true }),
      ],
    }),
    simple("parts", {
      type: "complex",
      multiValued: true,
      subAttributes: [
        simple("value"),
        simple("type", { caseExact: true }),
        simple("primary", { type: "boolean" }),
        simple("size", { type: "integer" }),
        simple("since", { type: "dateTime" }),
        simple("aliases", { multiValued: true }),
      ],
    }),
  ].map(defineAttribute),
};

const standard = testTypes(createStandardRegistry());
const extended = withExtension(standard.user, { schema: everything, required: false });
const user: ResourceType = {
  ...extended,
  pointPaths: [...extended.pointPaths, "name.familyName", "title", "phoneNumbers.type"],
};
const registry = createResourceTypeRegistry([user, standard.group]);
const baseUrl = "https://scim.example/v2";

const texts = [
  ..."a A ab AB b % _ \\ ß ss SS é É 🎉 🎊 ﬁ fi İ i Σ ς σ \uFFFD \uE000 ａ '".split(" "),
  "",
  "a b",
  'say "x"',
  "a%b",
  "' OR 1=1 --",
];
const numbers = [0, -0, 1, 2, 10, -5, 1.5, 0.1 + 0.2, 1e21, 2 ** 53 + 2, 2 ** 60, -(2 ** 63), 1e-7];
const moments = [
  "2025-06-15T12:00:01Z",
  "2025-06-15T12:00:01.000Z",
  "2025-06-15T14:00:01.5+02:00",
  "2025-06-15T12:00:02.123456789Z",
  "1969-12-31T23:59:59Z",
];
const ids = Array.from({ length: 9 }, (_, index) => `0000-000${index}`);

function simpleValue({ type, name }: Attribute): fc.Arbitrary<JsonValue> {
  switch (type) {
    case "integer":
      return fc.constantFrom(...numbers.filter(Number.isInteger));
    case "decimal":
      return fc.constantFrom(...numbers);
    case "boolean":
      return fc.boolean();
    case "dateTime":
      return fc.constantFrom(...moments);
    case "binary":
      return fc.constantFrom("YQ==", "QQ==", "YWI=");
    default:
      return name === "value" ? fc.constantFrom(...texts, ...ids) : fc.constantFrom(...texts);
  }
}

function arbitraryOf(attribute: Attribute): fc.Arbitrary<JsonValue> {
  const one: fc.Arbitrary<JsonValue> =
    attribute.type === "complex"
      ? objectOf(attribute.subAttributes.filter(({ name }) => name !== "$ref"))
      : simpleValue(attribute);
  return attribute.multiValued ? fc.array(one, { minLength: 1, maxLength: 3 }) : one;
}

/** Some of the attributes, at least one of them. */
function objectOf(attributes: readonly Attribute[]): fc.Arbitrary<JsonObject> {
  return fc
    .subarray([...attributes], { minLength: 1, maxLength: Math.min(6, attributes.length) })
    .chain((some) =>
      fc.record<JsonObject>(Object.fromEntries(some.map((one) => [one.name, arbitraryOf(one)]))),
    );
}

const inline = (type: ResourceType) =>
  coreAttributesOf(type).filter(
    ({ name, stored, returned }) =>
      !["schemas", "id", "meta"].includes(name) &&
      (stored ?? "inline") === "inline" &&
      returned !== "never",
  );

function attributesOf(type: ResourceType): fc.Arbitrary<JsonObject> {
  return fc
    .tuple(
      objectOf(inline(type)),
      ...type.extensions.map(({ schema }) => fc.option(objectOf(schema.attributes))),
    )
    .map(([core, ...extensions]) => ({
      ...core,
      ...Object.fromEntries(
        extensions.flatMap((values, index) => {
          const uri = type.extensions[index]?.schema.id;
          return values === null || uri === undefined ? [] : [[uri, values]];
        }),
      ),
    }));
}

/** The paths that a client can write, with the attribute at the end. */
function pathsOf(type: ResourceType): readonly { text: string; attribute: Attribute }[] {
  const owners = [
    { prefix: "", attributes: coreAttributesOf(type) },
    ...type.extensions.map(({ schema }) => ({
      prefix: `${schema.id}:`,
      attributes: schema.attributes,
    })),
  ];
  return owners.flatMap(({ prefix, attributes }) =>
    attributes.flatMap((attribute) => [
      { text: `${prefix}${attribute.name}`, attribute },
      ...attribute.subAttributes.map((sub) => ({
        text: `${prefix}${attribute.name}.${sub.name}`,
        attribute: sub,
      })),
    ]),
  );
}

function literalFor(attribute: Attribute, type: ResourceType): fc.Arbitrary<JsonValue> {
  const refs = ids.map((id) => `${baseUrl}${type.endpoint}/${id}`);
  switch (attribute.name) {
    case "resourceType":
    case "type":
      return fc.constantFrom("User", "Group", "user", "direct", "indirect", "a");
    case "version":
      return fc.constantFrom('W/"1"', 'W/"2"', 'w/"1"');
    case "schemas":
      return fc.constantFrom(everything.id, user.schema.id, "urn");
    case "id":
      return fc.constantFrom(...ids);
    case "location":
    case "$ref":
      return fc.constantFrom(...refs, `${baseUrl}/Groups/${ids[7]}`, "/Users/", "");
    case "created":
    case "lastModified":
      return fc.constantFrom(...moments);
    case "display":
      return fc.constantFrom(...texts);
    default:
      return attribute.type === "complex" ? fc.constantFrom(...texts) : simpleValue(attribute);
  }
}

const operators = ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"] as const;

function termOn(
  path: { text: string; attribute: Attribute },
  type: ResourceType,
): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 1, arbitrary: fc.constant(`${path.text} pr`) },
    {
      weight: 5,
      arbitrary: fc
        .tuple(fc.constantFrom(...operators, "eq"), literalFor(path.attribute, type))
        .map(([operator, literal]) => `${path.text} ${operator} ${JSON.stringify(literal)}`),
    },
  );
}

function combined(term: fc.Arbitrary<string>, depth: number): fc.Arbitrary<string> {
  if (depth === 0) {
    return term;
  }
  const inner = combined(term, depth - 1);
  return fc.oneof(
    { weight: 3, arbitrary: term },
    { weight: 1, arbitrary: inner.map((one) => `not (${one})`) },
    { weight: 1, arbitrary: fc.tuple(inner, inner).map(([l, r]) => `(${l}) and (${r})`) },
    { weight: 1, arbitrary: fc.tuple(inner, inner).map(([l, r]) => `(${l}) or (${r})`) },
  );
}

function filtersOn(type: ResourceType): fc.Arbitrary<string> {
  const paths = pathsOf(type);
  const term = fc.constantFrom(...paths).chain((path) => termOn(path, type));
  const withParts = paths.filter(({ text }) => !/\.[^.:]+$/.test(text.replace(/^urn.*2\.0:/, "")));
  const valuePath = fc.constantFrom(...withParts).chain((path) => {
    const pseudo = { ...path.attribute, name: "value" };
    const { subAttributes } = path.attribute;
    const parts = subAttributes.length === 0 ? [pseudo] : subAttributes;
    const inner = fc
      .constantFrom(...parts)
      .chain((part) => termOn({ text: part.name, attribute: part }, type));
    return combined(inner, 2).map((filter) => `${path.text}[${filter}]`);
  });
  return combined(fc.oneof({ weight: 2, arbitrary: term }, { weight: 1, arbitrary: valuePath }), 2);
}

const reading = {
  strict: true,
  unqualifiedExtensionNames: false,
  schemaUris: registry.schemaUris,
};

/** Undefined for filters that are refused, which never get as far as a store. */
function resolved(filter: string, type: ResourceType): ResolvedFilter | undefined {
  try {
    return resolveFilter(parseFilter(filter, reading), type, reading);
  } catch {
    return undefined;
  }
}

/** What makes a store to compare with, and removes it again. */
interface Opened {
  readonly store: Store;
  readonly remove: () => Promise<void>;
}

const opening = { role: "server", newId: randomUUID, keyedHash: (text: string) => text } as const;

async function openSqlite(): Promise<Opened> {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-oracle-"));
  const store = await openSqliteStore({ ...opening, folder });
  return { store, remove: async () => rmSync(folder, { recursive: true }) };
}

async function openPostgres(locale: TestLocale): Promise<Opened> {
  const database = await createTestDatabase(locale);
  const store = await openPostgresStore({ ...opening, url: database.url });
  return { store, remove: () => database.drop() };
}

interface Directory {
  readonly users: readonly JsonObject[];
  readonly groups: readonly {
    readonly attributes: JsonObject;
    readonly members: readonly string[];
  }[];
}

async function fill(target: ResourceStore, { users, groups }: Directory): Promise<void> {
  const create = (resourceType: ResourceType, index: number, after: JsonObject) =>
    target.commit(
      { kind: "create", resourceType, id: ids[index] ?? "", after, relations: [], uniqueKeys: [] },
      { expectedRevision: undefined, strictReferences: false, nowMs: testStartMs + 1000 * index },
    );
  // One after another: the order of creation is the order of the answers.
  for (const [index, attributes] of users.entries()) {
    await create(user, index, attributes);
  }
  for (const [index, { attributes }] of groups.entries()) {
    await create(standard.group, users.length + index, attributes);
  }
  for (const [index, { members }] of groups.entries()) {
    const id = ids[users.length + index] ?? "";
    const before = await target.read(standard.group, id, []);
    const steps: RelationStep[] = [{ op: "add", ids: members }];
    await target.commit(
      {
        kind: "update",
        cause: "patch",
        resourceType: standard.group,
        id,
        before: before ?? {
          id,
          attributes: {},
          created: "",
          lastModified: "",
          revision: 0,
          relations: {},
        },
        after: before?.attributes ?? {},
        relations: [{ attribute: "members", steps }],
        uniqueKeys: [],
      },
      { expectedRevision: undefined, strictReferences: false, nowMs: testStartMs + 60_000 },
    );
  }
}

const directories: fc.Arbitrary<Directory> = fc.record({
  users: fc.array(attributesOf(user), { minLength: 1, maxLength: 6 }),
  groups: fc.array(
    fc.record({
      attributes: attributesOf(standard.group),
      members: fc.subarray(ids, { maxLength: 5 }),
    }),
    { maxLength: 3 },
  ),
});

async function idsFound(
  target: ResourceStore,
  asked: Partial<Pick<QueryPart, "filter" | "sortBy">>,
  type: ResourceType,
  more: Partial<ResourceQuery> = {},
) {
  const page = await target.query({
    ...testQuery(type),
    parts: [{ resourceType: type, filter: undefined, sortBy: undefined, relations: [], ...asked }],
    count: 100,
    baseUrl,
    ...more,
  });
  return { total: page.totalResults, ids: page.resources.map(({ id }) => id) };
}

const cases = [
  ["User", user],
  ["Group", standard.group],
] as const;

const databases = [
  ["SQLite", openSqlite],
  ["PostgreSQL, locale C", () => openPostgres("C")],
  ["PostgreSQL, locale icu", () => openPostgres("icu")],
] as const;

describe.each(databases)("%s", (_, open) => {
  const tenant = testTenant("acme");
  let opened: Opened;
  let populations = 0;

  beforeAll(async () => {
    opened = await open();
    await opened.store.tenants.create(tenant, testCircumstances);
  });

  afterAll(async () => {
    await opened.store.close();
    await opened.remove();
  });

  /** The evaluator's store and ours, both empty. */
  async function emptyPair(): Promise<readonly [ResourceStore, ResourceStore]> {
    populations += 1;
    const connection = testConnection(tenant, `population-${populations}`);
    await opened.store.connections.create(connection, testCircumstances);
    return [
      createMemoryResourceStore(registry),
      connectionResourceStore(opened.store, scopeOf(connection), testCircumstances),
    ];
  }

  for (const [name, type] of cases) {
    for (const seed of [1, 20250615]) {
      test(`${name}: SQL finds what the evaluator finds (seed ${seed})`, async () => {
        let compared = 0;
        await fc.assert(
          fc.asyncProperty(
            directories,
            fc.array(filtersOn(type), { minLength: 40, maxLength: 60 }),
            async (directory, filters) => {
              const [oracle, ours] = await emptyPair();
              await fill(oracle, directory);
              await fill(ours, directory);
              for (const text of filters) {
                const filter = resolved(text, type);
                if (filter !== undefined) {
                  compared += 1;
                  expect(await idsFound(ours, { filter }, type), text).toEqual(
                    await idsFound(oracle, { filter }, type),
                  );
                }
              }
            },
          ),
          { seed, numRuns: 16 },
        );
        expect(compared).toBeGreaterThan(250);
      }, 240_000);
    }

    test(`${name}: SQL sorts as the library does`, async () => {
      await fc.assert(
        fc.asyncProperty(directories, fc.boolean(), async (directory, descending) => {
          const [oracle, ours] = await emptyPair();
          await fill(oracle, directory);
          await fill(ours, directory);
          const order = descending ? "descending" : "ascending";
          for (const sortBy of sortPathsOf(type)) {
            for (const page of [{}, { startIndex: 2, count: 2 }]) {
              const more = { order, ...page } as const;
              expect(await idsFound(ours, { sortBy }, type, more), JSON.stringify(sortBy)).toEqual(
                await idsFound(oracle, { sortBy }, type, more),
              );
            }
          }
        }),
        { seed: 7, numRuns: 8 },
      );
    }, 240_000);
  }
});

/** Every path that can be sorted by: down to simple values. */
function sortPathsOf(type: ResourceType) {
  const owners = [
    { extension: undefined, attributes: coreAttributesOf(type) },
    ...type.extensions.map(({ schema }) => ({
      extension: schema.id,
      attributes: schema.attributes,
    })),
  ];
  return owners.flatMap(({ extension, attributes }) =>
    attributes.flatMap((attribute) =>
      (attribute.type === "complex" ? attribute.subAttributes : [undefined]).map(
        (subAttribute) => ({ extension, attribute, subAttribute }),
      ),
    ),
  );
}
