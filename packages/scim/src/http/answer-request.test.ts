import { expect, test } from "vitest";
import { clientProfileNamed, clientSettingsOf } from "../interop/client-profiles.ts";
import { refuseDuplicates } from "../provider/create-policy.ts";
import type { ResourceStore } from "../provider/resource-store.ts";
import type { RelationValue, StoredResource } from "../resource/resource.ts";
import { createStandardRegistry } from "../schema/standard-registry.ts";
import { createMemoryResourceStore } from "../testing/memory-resource-store.ts";
import { answerRequest } from "./answer-request.ts";
import type { PlainResponse } from "./plain-response.ts";
import { scimRequestOf } from "./scim-request.ts";

const registry = createStandardRegistry();
const profile = clientProfileNamed("generic");

/** A store with one group of so many members, which notes which relations were asked for. */
function groupStore(count: number): { store: ResourceStore; asked: (readonly string[])[] } {
  const asked: (readonly string[])[] = [];
  const members = Array.from(
    { length: count },
    (_, index): RelationValue => ({ value: `u${index}`, type: "User", resourceType: "User" }),
  );
  const group = (relations: readonly string[]): StoredResource => ({
    id: "g",
    attributes: { displayName: "Everybody" },
    attributesText: '{"displayName":"Everybody"}',
    created: "2020-01-01T00:00:00.000Z",
    lastModified: "2020-01-01T00:00:00.000Z",
    revision: 7,
    relations: Object.fromEntries(relations.map((name) => [name, members])),
  });
  const store: ResourceStore = {
    ...createMemoryResourceStore(registry),
    read: async (_, __, relations) => {
      asked.push(relations);
      return group(relations);
    },
    query: async ({ parts }) => {
      const [{ relations } = { relations: [] }] = parts;
      asked.push(relations);
      const resources = [1, 2, 3].map(() => ({ ...group(relations), part: 0 }));
      return { totalResults: 3, resources };
    },
  };
  return { store, asked };
}

async function answer(store: ResourceStore, method: string, path: string, headers = {}) {
  const baseUrl = "https://scim.example/v2";
  const request = scimRequestOf(new Request(baseUrl + path, { method, headers }));
  return answerRequest(request, {
    store,
    registry,
    baseUrl,
    profile,
    settings: clientSettingsOf(profile, {}),
    createPolicy: refuseDuplicates,
    now: () => 0,
    newId: () => "new",
  });
}

const bodyOf = ({ body }: PlainResponse) => JSON.parse([...(body ?? "")].join(""));

test("a small group is one string", async () => {
  const { response } = await answer(groupStore(10).store, "GET", "/Groups/g");
  expect(typeof response.body).toBe("string");
  expect(bodyOf(response).members).toHaveLength(10);
});

test("a group of many comes in pieces, with the headers of a small one", async () => {
  const small = await answer(groupStore(10).store, "GET", "/Groups/g");
  const { response } = await answer(groupStore(20_000).store, "GET", "/Groups/g");
  expect(response.headers).toEqual(small.response.headers);
  expect(response.headers["ETag"]).toBe('W/"7"');
  expect(typeof response.body).toBe("object");
  const { members, ...rest } = bodyOf(response);
  expect(members).toHaveLength(20_000);
  expect(members.at(-1)).toEqual({
    value: "u19999",
    type: "User",
    $ref: "https://scim.example/v2/Users/u19999",
  });
  expect(rest).toMatchObject({ id: "g", displayName: "Everybody", meta: { version: 'W/"7"' } });
});

test("a list of groups of many comes in pieces", async () => {
  const { response } = await answer(groupStore(20_000).store, "GET", "/Groups");
  expect(typeof response.body).toBe("object");
  const list = bodyOf(response);
  expect(list).toMatchObject({ totalResults: 3, startIndex: 1, itemsPerPage: 3 });
  expect(list.Resources.map(({ members }: { members: unknown[] }) => members.length)).toEqual([
    20_000, 20_000, 20_000,
  ]);
});

test("HEAD and a version that the client has make no content", async () => {
  const head = await answer(groupStore(20_000).store, "HEAD", "/Groups/g");
  expect([head.response.status, head.response.body]).toEqual([200, undefined]);
  const { store, asked } = groupStore(20_000);
  const known = await answer(store, "GET", "/Groups/g", { "If-None-Match": 'W/"7"' });
  expect([known.response.status, known.response.body]).toEqual([304, undefined]);
  expect(asked).toEqual([[]]);
});

test.each([
  ["/Groups/g", ["members"]],
  ["/Groups/g?attributes=members.value", ["members"]],
  ["/Groups/g?excludedAttributes=displayName", ["members"]],
  ["/Groups/g?excludedAttributes=members", []],
  ["/Groups/g?excludedAttributes=MEMBERS", []],
  ["/Groups/g?attributes=displayName", []],
  ["/Groups?excludedAttributes=members", []],
  ["/Groups", ["members"]],
])("%s loads the relations %j and no others", async (path, relations) => {
  const { store, asked } = groupStore(10);
  const { response } = await answer(store, "GET", path);
  expect(response.status).toBe(200);
  expect(asked).toEqual([relations]);
});

test("what fails while the first piece is made is a 500 and no half answer", async () => {
  const { store } = groupStore(1);
  const broken: ResourceStore = {
    ...store,
    read: async (...given) => {
      const stored = await store.read(...given);
      return stored && { ...stored, attributesText: undefined as never, attributes: null as never };
    },
  };
  const { response, report } = await answer(broken, "GET", "/Groups/g");
  expect(response.status).toBe(500);
  expect(bodyOf(response).schemas).toEqual(["urn:ietf:params:scim:api:messages:2.0:Error"]);
  expect(report.defect).toBeInstanceOf(TypeError);
});
