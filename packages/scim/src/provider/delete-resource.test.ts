import { expect, test } from "vitest";
import { createTestProvider } from "../testing/test-provider.ts";

const userUri = "urn:ietf:params:scim:schemas:core:2.0:User";
const groupUri = "urn:ietf:params:scim:schemas:core:2.0:Group";
const ann = { schemas: [userUri], userName: "ann", externalId: "x1" };

async function filled() {
  const provider = createTestProvider();
  await provider.send("POST", "/Users", { body: ann });
  const crew = { schemas: [groupUri], displayName: "crew", members: [{ value: "id-1" }] };
  await provider.send("POST", "/Groups", { body: crew });
  return provider;
}

test("DELETE is 204 without anything, and 404 from then on", async () => {
  const { send } = await filled();
  const { status, text, headers } = await send("DELETE", "/Users/id-1");
  expect([status, text, headers.get("Content-Type"), headers.get("ETag")]).toEqual([
    204,
    "",
    null,
    null,
  ]);
  const patch = {
    schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    Operations: [{ op: "replace", path: "active", value: false }],
  };
  const after = [
    await send("GET", "/Users/id-1"),
    await send("PUT", "/Users/id-1", { body: ann }),
    await send("PATCH", "/Users/id-1", { body: patch }),
    await send("DELETE", "/Users/id-1"),
  ];
  expect(after.map((answer) => [answer.status, answer.body["status"]])).toEqual(
    Array(4).fill([404, "404"]),
  );
});

test("a deleted user has left its groups, and its name is free", async () => {
  const { send } = await filled();
  await send("DELETE", "/Users/id-1");
  const group = await send("GET", "/Groups/id-2");
  expect([group.body["members"], group.headers.get("ETag")]).toEqual([[], 'W/"2"']);
  expect((await send("POST", "/Users", { body: ann })).status).toBe(201);
});

test("If-Match guards DELETE", async () => {
  const { send } = await filled();
  const stale = await send("DELETE", "/Users/id-1", { headers: { "If-Match": '"7"' } });
  expect(stale.status).toBe(412);
  expect((await send("GET", "/Users/id-1")).status).toBe(200);
  const fresh = await send("DELETE", "/Users/id-1", { headers: { "If-Match": 'W/"1"' } });
  expect(fresh.status).toBe(204);
});

test("of 20 DELETEs one is 204, the rest 404", async () => {
  const { send } = await filled();
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => send("DELETE", "/Users/id-1")),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([204, ...Array(19).fill(404)]);
});
