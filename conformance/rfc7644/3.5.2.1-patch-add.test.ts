/** PATCH operation add (RFC 7644 §3.5.2.1). */
import { expect, test } from "vitest";
import { freshConnection } from "../fresh-connection.ts";
import { createScimClient, expectError, expectStatus } from "../scim-client.ts";

const client = createScimClient(await freshConnection({ settings: { strict: true } }));
const lenient = createScimClient(await freshConnection());
const work = { type: "work", value: "w@x" };
const home = { type: "home", value: "h@x" };

/** Applies operations to a new User; answers with both. */
async function patched(
  before: Readonly<Record<string, unknown>>,
  operations: readonly unknown[],
  of = client,
) {
  const user = await of.newUser(before);
  const answer = await of.patch(`/Users/${user.id}`, operations);
  return { user, answer, read: async () => (await of.get(`/Users/${user.id}`)).body };
}

test("PATCH-40 add without value is refused", async () => {
  const { user, answer, read } = await patched({}, [{ op: "add", path: "title" }]);
  expectError(answer, 400, "invalidValue");
  expect(await read()).toEqual(user);
});

test("PATCH-41 without path the value's attributes are added", async () => {
  const { answer } = await patched({ emails: [work] }, [
    { op: "add", value: { nickName: "B", emails: [home] } },
  ]);
  expectStatus(answer, 200);
  expect(answer.body).toMatchObject({ nickName: "B", emails: [work, home] });
});

test.each(["text", 5, [], null])(
  "PATCH-41 without path a value of %j is refused",
  async (value) => {
    const { user, answer, read } = await patched({}, [{ op: "add", value }]);
    expectStatus(answer, 400);
    expect(["invalidValue", "invalidSyntax"]).toContain(answer.body.scimType);
    expect(await read()).toEqual(user);
  },
);

test("PATCH-42 a singular attribute is set or replaced", async () => {
  const { answer } = await patched({ title: "old" }, [
    { op: "add", path: "title", value: "new" },
    { op: "add", path: "nickName", value: "N" },
  ]);
  expect(answer.body).toMatchObject({ title: "new", nickName: "N" });
});

test("PATCH-43 PATCH-44 values are appended, one or several, and the others stay", async () => {
  const { answer } = await patched({ emails: [work] }, [
    { op: "add", path: "emails", value: [home] },
    { op: "add", path: "emails", value: { type: "other", value: "o@x" } },
  ]);
  expect(answer.body.emails).toEqual([work, home, { type: "other", value: "o@x" }]);
});

test("PATCH-45 a complex attribute is merged", async () => {
  const before = { name: { familyName: "F", givenName: "old" } };
  for (const operation of [
    { op: "add", path: "name", value: { givenName: "G" } },
    { op: "add", value: { name: { givenName: "G" } } },
  ]) {
    const { answer } = await patched(before, [operation]);
    expect(answer.body.name).toEqual({ familyName: "F", givenName: "G" });
  }
});

test("PATCH-47 a value path that matches merges into the matched values only", async () => {
  const { answer } = await patched({ emails: [work, home] }, [
    { op: "add", path: 'emails[type eq "work"].display', value: "W" },
  ]);
  expectStatus(answer, 200);
  expect(answer.body.emails).toEqual([{ ...work, display: "W" }, home]);
});

test("PATCH-48 a value path without match: noTarget in strict, a new value in lenient", async () => {
  const operation = { op: "add", path: 'emails[type eq "work"].value', value: "n@x" };
  const refused = await patched({ emails: [home] }, [operation]);
  expectError(refused.answer, 400, "noTarget");
  expect(await refused.read()).toEqual(refused.user);
  const made = await patched({ emails: [home] }, [operation], lenient);
  expectStatus(made.answer, 200);
  expect(made.answer.body.emails).toEqual([home, { type: "work", value: "n@x" }]);
});

test.each([
  ["groups", [{ value: "g" }]],
  ["meta.created", "2020-01-01T00:00:00Z"],
  ["meta", { version: "x" }],
  ["id", "x"],
])("PATCH-50 CHAR-01 ERR-09 adding to readOnly %s is refused", async (path, value) => {
  const { user, answer, read } = await patched({}, [{ op: "add", path, value }]);
  expectError(answer, 400, "mutability");
  expect(await read()).toEqual(user);
});

test("PATCH-51 id, schemas and meta inside a path-less value are ignored; other readOnly ones refused", async () => {
  const { user, answer } = await patched({}, [
    { op: "add", value: { id: "x", meta: { version: "x" }, title: "T" } },
  ]);
  expectStatus(answer, 200);
  expect(answer.body).toMatchObject({ id: user.id, title: "T" });
  const refused = await patched({}, [{ op: "add", value: { title: "T", groups: [] } }]);
  expectStatus(refused.answer, 400, 200);
  const groups = await patched({}, [{ op: "add", value: { groups: [{ value: "g" }] } }]);
  expectError(groups.answer, 400, "mutability");
});
