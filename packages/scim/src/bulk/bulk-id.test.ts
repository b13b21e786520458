import { expect, test } from "vitest";
import type { JsonObject } from "../json.ts";
import { bulkIdsIn, withIds, withoutReferences } from "./bulk-id.ts";

const idOf = (bulkId: string) => `<${bulkId}>`;
const post = (data: JsonObject) => ({ method: "POST", path: "/Groups", data }) as const;

test.each<[JsonObject, JsonObject, readonly string[]]>([
  [{ members: [{ value: "bulkId:a" }] }, { members: [{ value: "<a>" }] }, ["a"]],
  [
    { "urn:x:User": { manager: { value: "bulkId:a", $ref: "../Users/bulkId:b" } } },
    { "urn:x:User": { manager: { value: "<a>", $ref: "../Users/<b>" } } },
    ["a", "b"],
  ],
  [
    { owner: "bulkId:with blanks:and colons" },
    { owner: "<with blanks:and colons>" },
    ["with blanks:and colons"],
  ],
  [
    { Operations: [{ op: "remove", path: 'members[value eq "bulkId:a"]' }] },
    { Operations: [{ op: "remove", path: 'members[value eq "<a>"]' }] },
    ["a"],
  ],
  [
    { Operations: [{ path: 'members[value eq "bulkId:say \\"hi\\""]' }] },
    { Operations: [{ path: 'members[value eq "<say \\"hi\\">"]' }] },
    ['say "hi"'],
  ],
  [
    { Operations: [{ op: "add", path: "members", value: ["bulkId:a", { value: "bulkId:b" }] }] },
    { Operations: [{ op: "add", path: "members", value: ["<a>", { value: "<b>" }] }] },
    ["a", "b"],
  ],
  [{ displayName: "about bulkId:a" }, { displayName: "about bulkId:a" }, []],
  [{ displayName: 'a "bulkId:a" b' }, { displayName: 'a "bulkId:a" b' }, []],
  [{ path: 'never ends "bulkId:a' }, { path: 'never ends "bulkId:a' }, []],
  [{ $ref: "/Users/1", value: "BULKID:a" }, { $ref: "/Users/1", value: "BULKID:a" }, []],
])("%j", (data, expected, bulkIds) => {
  expect(withIds(post(data), idOf).data).toEqual(expected);
  expect(bulkIdsIn(post(data))).toEqual(bulkIds);
});

test("the path of an operation can name what the job creates", () => {
  const operation = { method: "PATCH", path: "/Users/bulkId:a b/", data: {} } as const;
  expect(bulkIdsIn(operation)).toEqual(["a b"]);
  expect(withIds(operation, idOf).path).toBe("/Users/%3Ca%20b%3E");
});

test("a name like __proto__ stays data", () => {
  const data: JsonObject = JSON.parse('{"__proto__":{"value":"bulkId:a"}}');
  const replaced = withIds(post(data), idOf).data;
  expect(JSON.stringify(replaced)).toBe('{"__proto__":{"value":"<a>"}}');
  const { kept, taken } = withoutReferences(data, new Set(["a"]));
  expect([JSON.stringify(kept), JSON.stringify(taken)]).toEqual(["{}", JSON.stringify(data)]);
});

test("strings without an end take no longer than they are", () => {
  const path = '\\"bulkId:'.repeat(100_000);
  expect(bulkIdsIn(post({ path }))).toEqual([]);
});

test("what refers to some bulkIds is taken out: values of lists one by one, other attributes whole", () => {
  const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
  const data = {
    displayName: "A",
    members: [{ value: "bulkId:a" }, { value: "bulkId:b" }, { value: "1" }],
    owner: { value: "bulkId:a", type: "User" },
    [enterprise]: { department: "D", manager: { value: "bulkId:a" } },
  };
  expect(withoutReferences(data, new Set(["a"]))).toEqual({
    kept: {
      displayName: "A",
      members: [{ value: "bulkId:b" }, { value: "1" }],
      [enterprise]: { department: "D" },
    },
    taken: {
      members: [{ value: "bulkId:a" }],
      owner: { value: "bulkId:a", type: "User" },
      [enterprise]: { manager: { value: "bulkId:a" } },
    },
  });
  expect(withoutReferences(data, new Set(["c"]))).toEqual({ kept: data, taken: {} });
});

test("a list that loses all of its values stays, empty", () => {
  const data = { members: [{ value: "bulkId:a" }] };
  expect(withoutReferences(data, new Set(["a"])).kept).toEqual({ members: [] });
});
