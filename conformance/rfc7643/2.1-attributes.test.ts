/** Attribute names and the order of members in a body (RFC 7643 §2.1). */
import { expect, test } from "vitest";
import { freshConnection } from "../fresh-connection.ts";
import {
  createScimClient,
  expectError,
  expectStatus,
  unique,
  urn,
  userBody,
} from "../scim-client.ts";

const strict = createScimClient(await freshConnection({ settings: { strict: true } }));
const lenient = createScimClient(await freshConnection());

test("NAME-01 HTTP-31 attribute names are read in any case and written in the case of the schema", async () => {
  const userName = unique("case");
  const answer = await strict.post("/Users", {
    SCHEMAS: [urn.user],
    USERNAME: userName,
    NAME: { GIVENNAME: "Ada" },
    Emails: [{ VALUE: "ada@example.com", Type: "work" }],
  });
  expectStatus(answer, 201);
  expect(answer.body).toMatchObject({
    userName,
    name: { givenName: "Ada" },
    emails: [{ value: "ada@example.com", type: "work" }],
  });
  expect(answer.text).not.toContain("USERNAME");
  expect(answer.text).not.toContain("GIVENNAME");
});

test("HTTP-21 RES-05 the order of members and of schemas makes no difference", async () => {
  const answer = await strict.post("/Users", {
    [urn.enterprise]: { department: "Sales" },
    userName: unique("order"),
    schemas: [urn.enterprise, urn.user],
  });
  expectStatus(answer, 201);
  expect([...answer.body.schemas].toSorted()).toEqual([urn.user, urn.enterprise].toSorted());
  const { id } = answer.body;
  const patched = await strict.send(
    "PATCH",
    `/Users/${id}`,
    `{"Operations":[{"value":"Lead","path":"title","op":"add"}],"schemas":["${urn.patchOp}"]}`,
  );
  expectStatus(patched, 200);
  expect(patched.body.title).toBe("Lead");
});

test.each([
  ["missing", undefined],
  ["empty", []],
  ["no array", urn.user],
])("RES-06 strict: schemas that are %s are refused and nothing is created", async (_, schemas) => {
  const userName = unique("schemas");
  expectError(await strict.post("/Users", { schemas, userName }), 400, "invalidSyntax");
  expect((await strict.filter("/Users", `userName eq "${userName}"`)).body.totalResults).toBe(0);
});

test("RES-06 lenient: missing schemas mean the base schema", async () => {
  const answer = await lenient.post("/Users", { userName: unique("schemas") });
  expectStatus(answer, 201);
  expect(answer.body.schemas).toEqual([urn.user]);
});

test("HTTP-22 SEC-10 a member given twice, in the same or in another case, is refused", async () => {
  for (const twin of ["userName", "USERNAME"]) {
    const text = `{"schemas":["${urn.user}"],"userName":"${unique("twin")}","${twin}":"other"}`;
    expectError(await lenient.send("POST", "/Users", text), 400, "invalidSyntax");
  }
});

test("NAME-11 unknown attributes in a body are ignored, not stored and not echoed", async () => {
  const answer = await lenient.post("/Users", userBody({ addresss: "Elm Street", x: { y: 1 } }));
  expectStatus(answer, 201);
  const read = await lenient.get(`/Users/${answer.body.id}`);
  for (const { body } of [answer, read]) {
    expect(body).not.toHaveProperty("addresss");
    expect(body).not.toHaveProperty("x");
  }
});
