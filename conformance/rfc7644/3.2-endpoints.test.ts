/** Endpoints and methods (RFC 7644 §3, §3.1, §3.2). */
import { expect, test } from "vitest";
import { freshConnection } from "../fresh-connection.ts";
import { createScimClient, expectError, expectStatus, urn } from "../scim-client.ts";

const client = createScimClient(await freshConnection({ settings: { strict: true } }));

test.each([
  ["PUT", "/Users", ["GET", "POST"]],
  ["PATCH", "/Users", ["GET", "POST"]],
  ["DELETE", "/Groups", ["GET", "POST"]],
  ["POST", "/Users/some-id", ["GET", "PUT", "PATCH", "DELETE"]],
  ["POST", "/Schemas", ["GET"]],
  ["DELETE", "/Schemas", ["GET"]],
  ["PUT", "/ServiceProviderConfig", ["GET"]],
  ["PATCH", "/ResourceTypes/User", ["GET"]],
] as const)(
  "HTTP-17 DISC-15 %s %s: 405 with the methods there are",
  async (method, path, allowed) => {
    const body = method === "DELETE" ? undefined : "{}";
    const answer = await client.send(method, path, body);
    expectError(answer, 405);
    const allow = (answer.headers.get("allow") ?? "").split(/\s*,\s*/);
    expect(allow).toEqual(expect.arrayContaining([...allowed]));
    expect(allow).not.toContain(method);
  },
);

test.each([
  "/Nope",
  "/Users/none",
  "/Groups/none",
  "/ResourceTypes/None",
  "/Schemas/urn:none",
  "/Users/a/b",
  "/Users/..%2F..",
  "/Users/%2e%2e%2fetc",
  "/Users/none.scim",
  "/ServiceProviderConfigs",
])("HTTP-19 HTTP-24 GET-02 GET-07 DISC-21 DELTA-01 GET %s: 404 as a SCIM Error", async (path) => {
  expectError(await client.get(path), 404);
});

test("HTTP-14 unknown query parameters and stray separators are ignored", async () => {
  const plain = await client.get("/Users");
  for (const query of ["?foo=bar", "?", "?&", "?count=100&", "?aadOptscim062020"]) {
    const answer = await client.get(`/Users${query}`);
    expectStatus(answer, 200);
    expect(answer.body.totalResults, query).toBe(plain.body.totalResults);
  }
});

test("HTTP-20 HEAD is GET without content", async () => {
  const user = await client.newUser();
  const get = await client.get(`/Users/${user.id}`);
  const head = await client.send("HEAD", `/Users/${user.id}`);
  expectStatus(head, 200);
  expect(head.text).toBe("");
  for (const name of ["etag", "content-type", "content-location"]) {
    expect(head.headers.get(name), name).toBe(get.headers.get(name));
  }
});

test("HTTP-23 a trailing slash and the case of known segments make no difference", async () => {
  const user = await client.newUser();
  const { id } = user;
  for (const path of [`/Users/${id}/`, `/users/${id}`, `/USERS/${id}/`]) {
    expect((await client.get(path)).body).toEqual(user);
  }
  for (const path of ["/Users/", "/users", "/serviceproviderconfig", "/resourceTypes/User/"]) {
    expectStatus(await client.get(path), 200);
  }
});

test("HTTP-30 every message names a SCIM message schema first", async () => {
  const list = await client.get("/Users?count=1");
  expect(list.body.schemas).toEqual([urn.listResponse]);
  const error = await client.get("/Users/none");
  expect(error.body.schemas).toEqual([urn.error]);
});
