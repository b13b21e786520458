/** Attribute data types: what each accepts and refuses (RFC 7643 §2.3, §2.3.1, §2.3.2, §2.3.6, §2.3.7, §2.3.8). */
import { expect, test } from "vitest";
import { freshConnection } from "../fresh-connection.ts";
import { createScimClient, expectError, expectStatus, idsOf, userBody } from "../scim-client.ts";

const strict = createScimClient(await freshConnection({ settings: { strict: true } }));
const lenient = createScimClient(await freshConnection());

test.each([
  ["a number for a string", { userName: 5 }],
  ["a number for externalId", { externalId: 7 }],
  ["a boolean for a string", { title: true }],
  ["a string for a complex attribute", { name: "x" }],
  ["a number for a sub-attribute", { name: { givenName: 1 } }],
  ["an object for a boolean", { active: {} }],
  ["a number in a multi-valued attribute", { emails: [1] }],
  ["an array for a singular attribute", { title: ["a"] }],
])("TYPE-01 POST-09 %s is refused", async (_, attributes) => {
  expectError(await strict.post("/Users", userBody(attributes)), 400, "invalidValue");
});

test("TYPE-02 booleans in answers are JSON booleans", async () => {
  const user = await strict.newUser({
    active: false,
    emails: [{ value: "a@example.com", primary: true }],
  });
  expect(user).toMatchObject({ active: false, emails: [{ primary: true }] });
});

test("TYPE-03 lenient: string booleans are read as booleans in any case, never stored as text", async () => {
  for (const [text, value] of [
    ["True", true],
    ["False", false],
    ["true", true],
    ["FALSE", false],
  ]) {
    const user = await lenient.newUser({ active: text });
    expect(user.active).toBe(value);
  }
});

test("TYPE-03 strict: string booleans are refused", async () => {
  expectError(await strict.post("/Users", userBody({ active: "True" })), 400, "invalidValue");
});

test.each(["%%%", "a", "YWJj*"])("TYPE-08 binary %j is no base64 and is refused", async (value) => {
  const body = userBody({ x509Certificates: [{ value }] });
  expectError(await strict.post("/Users", body), 400, "invalidValue");
});

test("TYPE-08 TYPE-09 base64 round-trips with or without padding and is compared exactly", async () => {
  const user = await strict.newUser({ x509Certificates: [{ value: "YWJjZA==" }] });
  await strict.newUser({ x509Certificates: [{ value: "YWJjZA" }] });
  const exact = await strict.filter("/Users", `x509Certificates.value eq "YWJjZA=="`);
  expect(idsOf(exact)).toEqual([user.id]);
  const otherCase = await strict.filter("/Users", `x509Certificates.value eq "yWJjZA=="`);
  expect(idsOf(otherCase)).toEqual([]);
  const ordered = await strict.filter("/Users", `x509Certificates.value gt "YWJj"`);
  expectError(ordered, 400, "invalidFilter");
});

test("TYPE-10 TYPE-13 VER-04 a member named by a relative or unversioned $ref is that resource", async () => {
  const user = await strict.newUser();
  const unversioned = strict.baseUrl.replace(/\/v2$/, "");
  for (const $ref of [
    `Users/${user.id}`,
    `../Users/${user.id}`,
    `${strict.baseUrl}/Users/${user.id}`,
    `${unversioned}/Users/${user.id}`,
  ]) {
    const group = await strict.newGroup({ members: [{ $ref }] });
    expect(group.members, $ref).toMatchObject([{ value: user.id }]);
  }
});

test("TYPE-11 references are compared exactly", async () => {
  const user = await strict.newUser({ profileUrl: "https://example.com/A" });
  const exact = await strict.filter("/Users", `profileUrl eq "https://example.com/A"`);
  expect(idsOf(exact)).toEqual([user.id]);
  const otherCase = await strict.filter("/Users", `profileUrl eq "https://example.com/a"`);
  expect(idsOf(otherCase)).toEqual([]);
});

test("TYPE-12 every emitted $ref can be followed", async () => {
  const manager = await strict.newUser();
  const user = await strict.newUser({
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
      manager: { value: manager.id },
    },
  });
  const group = await strict.newGroup({ members: [{ value: user.id }] });
  const texts = [
    (await strict.get(`/Users/${user.id}`)).text,
    (await strict.get(`/Groups/${group.id}`)).text,
  ].join();
  const refs = [...texts.matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref ?? "");
  expect(refs.length).toBeGreaterThanOrEqual(3);
  for (const ref of refs) {
    const relative = ref.replace(strict.baseUrl, "");
    expectStatus(await strict.get(relative), 200);
  }
});

test("TYPE-16 NUL, lone surrogates and control characters in a name are refused", async () => {
  for (const text of ["a\\u0000b", "a\\ud800b"]) {
    const raw = JSON.stringify(userBody()).replace(/"userName":"/, `"userName":"${text}`);
    expectError(await strict.send("POST", "/Users", raw), 400, "invalidSyntax");
  }
  for (const hidden of ["\u0007", "\u200b", "\u202e"]) {
    const body = userBody({ userName: `a${hidden}b` });
    expectError(await strict.post("/Users", body), 400, "invalidValue");
  }
});
