/** Error answers (RFC 7644 §3.12). */
import { expect, test } from "vitest";
import { freshConnection } from "../fresh-connection.ts";
import type { Answer } from "../scim-client.ts";
import { createScimClient, expectError, unique, urn, userBody } from "../scim-client.ts";

const target = await freshConnection({ settings: { strict: true } });
const client = createScimClient(target);
const user = await client.newUser();
const path = `/Users/${user.id}`;
const registered = [
  "invalidFilter",
  "tooMany",
  "uniqueness",
  "mutability",
  "invalidSyntax",
  "invalidPath",
  "noTarget",
  "invalidValue",
  "invalidVers",
  "sensitive",
  undefined,
];

const provocations: readonly (readonly [
  string,
  number,
  string | undefined,
  () => Promise<Answer>,
])[] = [
  [
    "no credentials",
    401,
    undefined,
    () => createScimClient({ ...target, token: undefined }).get("/Users"),
  ],
  ["an unknown endpoint", 404, undefined, () => client.get("/Nope")],
  ["an unknown resource", 404, undefined, () => client.get("/Users/none")],
  ["a wrong method", 405, undefined, () => client.put("/Users", {})],
  [
    "a stale version",
    412,
    undefined,
    () => client.delete(path, { headers: { "if-match": '"x"' } }),
  ],
  [
    "a large body",
    413,
    undefined,
    () => client.post("/Users", userBody({ title: "x".repeat(1_100_000) })),
  ],
  [
    "a wrong type",
    415,
    undefined,
    () => client.post("/Users", {}, { headers: { "content-type": "text/xml" } }),
  ],
  ["/Me", 501, undefined, () => client.get("/Me")],
  ["a bad filter", 400, "invalidFilter", () => client.filter("/Users", "x")],
  [
    "a duplicate",
    409,
    "uniqueness",
    () => client.post("/Users", userBody({ userName: user.userName })),
  ],
  [
    "a readOnly path",
    400,
    "mutability",
    () => client.patch(path, [{ op: "replace", path: "id", value: "x" }]),
  ],
  ["bad JSON", 400, "invalidSyntax", () => client.send("POST", "/Users", "{")],
  ["a bad path", 400, "invalidPath", () => client.patch(path, [{ op: "remove", path: "emails[" }])],
  ["no target", 400, "noTarget", () => client.patch(path, [{ op: "remove" }])],
  ["a missing value", 400, "invalidValue", () => client.post("/Users", { schemas: [urn.user] })],
];

test.each(provocations)(
  "HTTP-13 ERR-01 ERR-02 ERR-03 ERR-04 ERR-05 ERR-16 %s is a SCIM Error",
  async (_, status, scimType, provoke) => {
    const answer = await provoke();
    expectError(answer, status, scimType);
    expect(registered).toContain(answer.body.scimType);
    expect(typeof answer.body.status).toBe("string");
  },
);

test("ERR-13 ERR-18 TYPE-01 the detail names the attribute", async () => {
  const answer = await client.post("/Users", userBody({ name: { givenName: 5 } }));
  expectError(answer, 400, "invalidValue");
  expect(answer.body.detail).toContain("name.givenName");
});

test("HTTP-26 errors show no stack, no SQL and no paths of the machine", async () => {
  for (const [, , , provoke] of provocations) {
    expect((await provoke()).text).not.toMatch(/\bat .*:\d+|node_modules|SELECT |SQLITE|\.ts\b/);
  }
});

test("ERR-17 404 of an endpoint and 405 come before the body is read", async () => {
  expectError(await client.send("POST", "/Nope", "{"), 404);
  expectError(await client.send("POST", "/Schemas", "{"), 405);
});

test("SEC-04 line breaks in ids and names end in no header", async () => {
  const answer = await client.get(
    `/Users/${encodeURIComponent(`x\r\nSet-Cookie: ${unique("a")}`)}`,
  );
  expectError(answer, 404);
  expect(answer.headers.get("set-cookie")).toBeNull();
});
