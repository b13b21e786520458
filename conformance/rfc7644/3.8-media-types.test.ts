/** Media types, text and bodies (RFC 7644 §3.8, RFC 9110 §12.5.1). */
import { expect, test } from "vitest";
import { freshConnection } from "../fresh-connection.ts";
import {
  createScimClient,
  expectError,
  expectStatus,
  groupBody,
  idsOf,
  urn,
  userBody,
} from "../scim-client.ts";

const client = createScimClient(await freshConnection({ settings: { strict: true } }));

test("HTTP-01 I18N-03 text is UTF-8 in both directions and kept code point by code point", async () => {
  const displayName = "Zoë 漢字 🎉 \u0301";
  const user = await client.newUser({ displayName });
  expect((await client.get(`/Users/${user.id}`)).body.displayName).toBe(displayName);
});

test.each([
  ["application/scim+json"],
  [undefined],
  ["*/*"],
  ["application/*"],
  ["application/scim+json, application/json;q=0.5"],
])("HTTP-02 HTTP-03 HTTP-05 Accept %s gives application/scim+json", async (accept) => {
  const answer = await client.get("/Users", { headers: { accept } });
  expectStatus(answer, 200);
  expect(answer.headers.get("content-type")).toMatch(
    /^application\/scim\+json(; ?charset=utf-8)?$/i,
  );
});

test("HTTP-04 Accept application/json gives JSON", async () => {
  const answer = await client.get("/Users", { headers: { accept: "application/json" } });
  expectStatus(answer, 200);
  expect(answer.headers.get("content-type")).toMatch(/^application\/(scim\+)?json/);
});

test("HTTP-06 an Accept that cannot be met gives 406 or SCIM, never something else", async () => {
  const answer = await client.get("/Users", { headers: { accept: "text/html" } });
  expectStatus(answer, 200, 406);
  expect(answer.headers.get("content-type")).toMatch(/^application\/scim\+json/);
});

test.each([
  "application/scim+json",
  "application/scim+json; charset=utf-8",
  "application/scim+json;charset=UTF-8",
  "application/json",
  "Application/JSON; Charset=utf-8",
])("HTTP-07 HTTP-08 a body of type %s is read", async (type) => {
  const options = { headers: { "content-type": type } };
  expectStatus(await client.post("/Users", userBody(), options), 201);
});

test("HTTP-09 other types are refused, and JSON without a type is read", async () => {
  for (const type of ["text/xml", "text/plain", "application/x-www-form-urlencoded"]) {
    const body = userBody();
    expectError(await client.post("/Users", body, { headers: { "content-type": type } }), 415);
    expect(idsOf(await client.filter("/Users", `userName eq "${body["userName"]}"`))).toEqual([]);
  }
  const untyped = { headers: { "content-type": undefined } };
  expectStatus(await client.post("/Users", userBody(), untyped), 201);
});

test.each([
  ["cut off", '{"userName": tre,'],
  ["an array", "[]"],
  ["a string", '"x"'],
  ["a number", "5"],
  ["null", "null"],
  ["empty", ""],
])("HTTP-10 HTTP-11 ERR-10 POST-09 a body that is %s is refused", async (_, text) => {
  expectError(await client.send("POST", "/Users", text), 400, "invalidSyntax");
  const user = await client.newUser();
  expectError(await client.send("PUT", `/Users/${user.id}`, text), 400, "invalidSyntax");
  expectError(await client.send("PATCH", `/Users/${user.id}`, text), 400, "invalidSyntax");
  expect((await client.get(`/Users/${user.id}`)).body).toEqual(user);
});

test("HTTP-12 bytes that are no UTF-8 are refused, never replaced", async () => {
  const text = new TextEncoder().encode(JSON.stringify(userBody({ title: "?" })));
  const bytes = text.map((byte) => (byte === 0x3f ? 0xff : byte));
  expectError(await client.send("POST", "/Users", bytes), 400, "invalidSyntax");
});

test("HTTP-27 bodies too large or too deep are refused and the server lives on", async () => {
  const large = userBody({ title: "x".repeat(1024 * 1024) });
  expectError(await client.post("/Users", large), 413);
  const deep = `{"schemas":["${urn.user}"],"userName":"deep","x":${"[".repeat(10_000)}${"]".repeat(10_000)}}`;
  expectError(await client.send("POST", "/Users", deep), 400, "invalidSyntax");
  await client.newUser();
});

test("HTTP-27 a group body may be larger than a user body", async () => {
  const members = Array.from({ length: 25_000 }, (_, n) => ({
    value: `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`,
  }));
  expect(JSON.stringify(members).length).toBeGreaterThan(1024 * 1024);
  const answer = await client.post("/Groups", groupBody({ members }));
  expectStatus(answer, 201);
  expect(answer.body.members, "nobody of them is known").toEqual([]);
});
