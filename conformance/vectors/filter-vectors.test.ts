/** Every filter vector over HTTP, strict and lenient, and those on the extension against the library (RFC 7644 §3.4.2.2). */
import { describe, expect, test } from "vitest";
import { freshConnection } from "../fresh-connection.ts";
import type { ScimClient } from "../scim-client.ts";
import { createScimClient, expectStatus } from "../scim-client.ts";
import { extendedProvider } from "./extended-provider.ts";
import type { FilterVector } from "./vector.ts";
import { filterVectors, fixtures, needsExtension, sendable } from "./vector.ts";

/** The fixtures on a server: its ids by ours and back. */
interface Population {
  readonly client: ScimClient;
  readonly ids: ReadonlyMap<string, string>;
  readonly names: ReadonlyMap<string, string>;
}

/** Creates all fixtures. */
async function populate(client: ScimClient, extended: boolean): Promise<Population> {
  const ids = new Map<string, string>();
  for (const [endpoint, resources] of [
    ["/Users", fixtures.User],
    ["/Groups", fixtures.Group],
  ] as const) {
    for (const resource of resources) {
      const text = JSON.stringify(sendable(resource, extended));
      const answer = await client.send("POST", endpoint, withIds(text, ids));
      expectStatus(answer, 201);
      ids.set(resource.id, answer.body.id);
    }
  }
  return { client, ids, names: new Map([...ids].map(([name, id]) => [id, name])) };
}

/** Puts the server's ids in the place of ours. */
function withIds(text: string, ids: ReadonlyMap<string, string>): string {
  return text.replace(/"([ug]\d)"/g, (whole, name) => {
    const id = ids.get(name);
    return id === undefined ? whole : JSON.stringify(id);
  });
}

/** Sends the filter of a vector; answers with what came. */
async function ask({ client, ids, names }: Population, { filter, resourceType }: FilterVector) {
  const answer = await client.filter(`/${resourceType}s`, withIds(filter, ids), "&count=200");
  const { Resources = [], scimType } = answer.body as Partial<typeof answer.body>;
  const found = Resources.flatMap(({ id }) => names.get(id) ?? []).toSorted();
  return { status: answer.status, scimType, found };
}

/** Expects one of the outcomes that a vector allows. */
async function check(population: Population, vector: FilterVector): Promise<void> {
  const { status, scimType, found } = await ask(population, vector);
  const optional = new Set(vector.optionalMatch);
  const certain = (names: readonly string[]) =>
    names.filter((name) => !optional.has(name)).toSorted();
  const outcome = status === 200 ? { status, found: certain(found) } : { status, scimType };
  expect(
    allowedOutcomes(vector).map((allowed) =>
      allowed.found === undefined
        ? { ...allowed, found: status === 200 ? certain(found) : undefined }
        : { ...allowed, found: certain(allowed.found) },
    ),
  ).toContainEqual(outcome);
}

/** How a vector may come out; without `found` it does not matter what is found. */
interface FilterOutcome {
  readonly status: number;
  readonly scimType?: string;
  readonly found?: readonly string[];
}

function allowedOutcomes(vector: FilterVector): readonly FilterOutcome[] {
  const { valid, level, match, altMatch, altError } = vector;
  const refused: FilterOutcome = { status: 400, scimType: "invalidFilter" };
  const answered: FilterOutcome = { status: 200 };
  if (!valid) {
    return ["dialect", "lenient"].includes(level) ? [refused, answered] : [refused];
  }
  if (match === null || match === undefined) {
    return [answered, refused];
  }
  return [
    { ...answered, found: match },
    ...(altMatch === undefined ? [] : [{ ...answered, found: altMatch }]),
    ...(altError === undefined ? [] : [refused]),
  ];
}

// A client cannot set meta, so those vectors run in the library's own tests.
const sent = filterVectors.filter(({ filter }) => !/meta\.(created|lastModified)/i.test(filter));
const plain = sent.filter((vector) => !needsExtension(vector));
const extended = sent.filter(needsExtension);

describe("strict", async () => {
  const target = await freshConnection({ settings: { strict: true } });
  const population = await populate(createScimClient(target), false);
  test.each(plain)("$id $level $filter", (vector) => check(population, vector));
});

describe("lenient", async () => {
  const population = await populate(createScimClient(await freshConnection()), false);
  test.each(plain)("$id is answered without a fault: $filter", async (vector) => {
    expect([200, 400]).toContain((await ask(population, vector)).status);
  });
});

describe("library", async () => {
  const population = await populate(createScimClient(extendedProvider()), true);
  test.each(extended)("$id $level $filter", (vector) => check(population, vector));
});
