import { expect, test } from "vitest";
import { createTestProvider } from "../testing/test-provider.ts";

const userUri = "urn:ietf:params:scim:schemas:core:2.0:User";
const patchUri = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const ann = { schemas: [userUri], userName: "ann" };
const location = "https://scim.example/scim/v2/Users/id-1";

async function asAnn() {
  const provider = createTestProvider({ userId: "id-1", settings: { strict: true } });
  await provider.send("POST", "/Users", { body: ann });
  await provider.send("POST", "/Users", { body: { ...ann, userName: "bea" } });
  return provider;
}

test("whoever is no resource has no /Me", async () => {
  const { send } = createTestProvider();
  for (const method of ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]) {
    expect((await send(method, "/Me")).status).toBe(501);
  }
});

test("/Me answers as the resource does, at its permanent place", async () => {
  const { send } = await asAnn();
  for (const query of ["", "?attributes=userName", "?excludedAttributes=meta"]) {
    const [me, user] = [await send("GET", `/Me${query}`), await send("GET", `/Users/id-1${query}`)];
    expect([me.status, me.text, [...me.headers]]).toEqual([200, user.text, [...user.headers]]);
  }
  expect((await send("GET", "/Me")).headers.get("Location")).toBe(location);
  const head = await send("HEAD", "/me/");
  expect([head.status, head.text]).toEqual([200, ""]);
  const known = await send("GET", "/Me", { headers: { "If-None-Match": 'W/"1"' } });
  expect([known.status, known.headers.get("Location")]).toEqual([304, location]);
});

test("/Me is changed and deleted as the resource is, and nobody else", async () => {
  const { send } = await asAnn();
  const put = await send("PUT", "/Me", { body: { ...ann, title: "Dr" } });
  expect([put.status, put.body["id"], put.body["title"]]).toEqual([200, "id-1", "Dr"]);
  const Operations = [{ op: "remove", path: "title" }];
  const headers = { Prefer: "return=minimal" };
  const body = { schemas: [patchUri], Operations };
  const patch = await send("PATCH", "/Me", { body, headers });
  expect([patch.status, patch.headers.get("Location")]).toEqual([204, location]);
  const stale = await send("DELETE", "/Me", { headers: { "If-Match": 'W/"1"' } });
  expect([stale.status, stale.headers.get("Location")]).toEqual([412, location]);
  const gone = await send("DELETE", "/Me");
  expect([gone.status, gone.headers.get("Location")]).toEqual([204, location]);
  const missing = await send("GET", "/Me");
  expect([missing.status, missing.headers.get("Location")]).toEqual([404, null]);
  expect((await send("GET", "/Users/id-2")).status).toBe(200);
});

test("a refusal keeps its kind and its reason", async () => {
  const { send } = await asAnn();
  const taken = await send("PUT", "/Me", { body: { ...ann, userName: "bea" } });
  expect([taken.status, taken.body["scimType"]]).toEqual([409, "uniqueness"]);
  expect(taken.headers.get("Location")).toBe(location);
  expect(taken.report.reason).toMatch(/constraint userName/);
});

test("nobody creates themselves", async () => {
  const { send } = await asAnn();
  expect((await send("POST", "/Me", { body: ann })).status).toBe(501);
});
