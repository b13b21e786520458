/** Every PATCH vector over HTTP, strict and lenient, and those on the extension against the library (RFC 7644 §3.5.2). */
import { describe, expect, test } from "vitest";
import { freshConnection } from "../fresh-connection.ts";
import type { ScimClient } from "../scim-client.ts";
import { createScimClient, expectStatus, unique, urn } from "../scim-client.ts";
import { comparable } from "./comparable.ts";
import { extendedProvider } from "./extended-provider.ts";
import type { PatchOutcome, PatchVector } from "./vector.ts";
import { fixtures, needsExtension, patchVectors, sendable } from "./vector.ts";

/** Where the vectors run. */
interface Stage {
  readonly client: ScimClient;
  readonly extended: boolean;
  /** Server ids of the resources that vectors use as members. */
  readonly ids: ReadonlyMap<string, string>;
}

/** Creates what vectors use as members and managers. */
async function setStage(client: ScimClient, extended: boolean): Promise<Stage> {
  const [one, two, three, group] = await Promise.all([
    client.newUser(),
    client.newUser(),
    client.newUser(),
    client.newGroup({ displayName: unique("other") }),
  ]);
  const ids = new Map(
    Object.entries({
      u1: one.id,
      u2: two.id,
      u3: three.id,
      g1: group.id,
      "m-1": one.id,
      "m-2": two.id,
      "m-9": three.id,
    }),
  );
  return { client, extended, ids };
}

/** Puts the server's ids in the place of the vector's, in values and in filters. */
function withIds<T>(value: T, { ids }: Stage): T {
  const text = JSON.stringify(value)
    .replace(/\\"(u[123]|m-[129])\\"/g, (_, name) => `\\"${ids.get(name)}\\"`)
    .replace(/"(u[123]|m-[129]|g1)"/g, (_, name) => JSON.stringify(ids.get(name)));
  return JSON.parse(text);
}

/** The message of a vector; clients repeat the resource's own id inside a value. */
function messageOf({ body, ops, before }: PatchVector, stage: Stage, id: string): string {
  const text = JSON.stringify(body ?? { schemas: [urn.patchOp], Operations: ops });
  const own = text.replaceAll(`"id":${JSON.stringify(before.id)}`, `"id":${JSON.stringify(id)}`);
  return JSON.stringify(withIds(JSON.parse(own), stage));
}

/** Runs a vector; answers with how it came out. */
async function run(stage: Stage, vector: PatchVector) {
  const { client, extended } = stage;
  const endpoint = `/${vector.resourceType}s`;
  const before = withIds(sendable(vector.before, extended), stage);
  const created = await client.post(endpoint, before);
  expectStatus(created, 201);
  const path = `${endpoint}/${created.body.id}`;
  const first = (await client.get(path)).body;
  const answer = await client.send("PATCH", path, messageOf(vector, stage, created.body.id));
  const last = (await client.get(path)).body;
  expectStatus(await client.delete(path), 204);
  return { answer, first, last };
}

/** Expects one of the outcomes that a vector allows. */
async function check(stage: Stage, vector: PatchVector): Promise<void> {
  const { answer, first, last } = await run(stage, vector);
  expect(answer.status, answer.text).toBeLessThan(500);
  if (vector.level === "lenient") {
    return;
  }
  const observed =
    answer.status < 300
      ? { after: comparable(last) }
      : { status: answer.status, scimType: answer.body.scimType };
  if (answer.status >= 300) {
    expect(last, "a refused PATCH changes nothing").toEqual(first);
  }
  const outcomes: readonly PatchOutcome[] = [vector, ...(vector.alternatives ?? [])];
  const allowed = outcomes.map(({ after = {}, error }) =>
    error === undefined
      ? { after: comparable(withIds(expectedOf(after, stage, vector), stage)) }
      : { status: error.status, scimType: error.scimType ?? answer.body.scimType },
  );
  expect(allowed, answer.text).toContainEqual(observed);
}

/** What a vector expects, without the values that a client cannot set; Users are active unless told otherwise. */
function expectedOf(
  after: Readonly<Record<string, unknown>>,
  { extended }: Stage,
  { resourceType }: PatchVector,
) {
  const expected = sendable({ schemas: [], ...after }, extended);
  return resourceType === "User" ? { active: true, ...expected } : expected;
}

const plain = patchVectors.filter((vector) => !needsExtension(vector));
const extended = patchVectors.filter(needsExtension);

describe("strict", async () => {
  const target = await freshConnection({ settings: { strict: true } });
  const stage = await setStage(createScimClient(target), false);
  test.each(plain)("$id $level $ops", (vector) => check(stage, vector));
});

describe("lenient", async () => {
  const stage = await setStage(createScimClient(await freshConnection()), false);
  test.each(plain)("$id is answered without a fault: $ops", async (vector) => {
    const { answer } = await run(stage, vector);
    expect([200, 204, 400, 409]).toContain(answer.status);
  });
});

describe("library", async () => {
  expect(fixtures.extensionSchema.attributes.length).toBeGreaterThan(0);
  const stage = await setStage(createScimClient(extendedProvider()), true);
  test.each(extended)("$id $level $ops", (vector) => check(stage, vector));
});
