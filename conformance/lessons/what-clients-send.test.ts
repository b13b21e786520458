/** What clients really send, and errors they can read. */
import { describe, expect, test } from "vitest";
import type { Answer } from "../scim-client.ts";
import {
  createScimClient,
  expectError,
  expectStatus,
  idsOf,
  unique,
  urn,
  userBody,
} from "../scim-client.ts";
import { clientOf, membersOf, valuesOf } from "./client-of.ts";

describe("what clients really send", () => {
  test.each([
    ["a list of objects", [{ value: "admin" }]],
    ["a list of texts", ["admin"]],
    ["one text", "admin"],
    ["one object", { value: "admin" }],
  ])("roles as %s are roles, on POST, PUT and PATCH", async (_, roles) => {
    const client = await clientOf();
    const user = await client.newUser({ roles });
    expect(user.roles).toEqual([{ value: "admin" }]);
    const plain = await client.newUser();
    const put = await client.put(
      `/Users/${plain.id}`,
      userBody({ userName: plain.userName, roles }),
    );
    expect(put.body.roles).toEqual([{ value: "admin" }]);
    const other = await client.newUser();
    const patched = await client.patch(`/Users/${other.id}`, [
      { op: "replace", path: "roles", value: roles },
    ]);
    expect(patched.body.roles).toEqual([{ value: "admin" }]);
  });

  test("PUT without roles keeps the roles", async () => {
    const client = await clientOf();
    const user = await client.newUser({ roles: [{ value: "admin" }] });
    const put = await client.put(`/Users/${user.id}`, userBody({ userName: user.userName }));
    expect(put.body.roles).toEqual([{ value: "admin" }]);
  });

  test("one path-less operation changes all the attributes in it", async () => {
    const client = await clientOf();
    const user = await client.newUser();
    const answer = await client.patch(`/Users/${user.id}`, [
      {
        op: "replace",
        value: {
          displayName: "D",
          title: "T",
          "name.familyName": "F",
          [urn.enterprise]: { department: "X" },
          [`${urn.enterprise}:division`]: "Y",
        },
      },
    ]);
    expect(answer.body).toMatchObject({
      displayName: "D",
      title: "T",
      name: { familyName: "F" },
      [urn.enterprise]: { department: "X", division: "Y" },
    });
  });

  test.each([
    ["an empty text", "department", { op: "replace", value: "" }],
    ["null", "department", { op: "replace", value: null }],
    ["remove", "department", { op: "remove" }],
    ["an empty object", "manager", { op: "replace", value: { value: "" } }],
  ])("an extension attribute is cleared with %s", async (_, name, operation) => {
    const client = await clientOf();
    const data = { department: "X", manager: { value: "boss" } };
    const user = await client.newUser({ [urn.enterprise]: data });
    const path = `${urn.enterprise}:${name}`;
    expectStatus(await client.patch(`/Users/${user.id}`, [{ ...operation, path }]), 200);
    expect((await client.get(`/Users/${user.id}`)).text).not.toMatch(
      name === "manager" ? /"boss"/ : /"X"/,
    );
    expect(idsOf(await client.filter("/Users", `${path} pr`))).toEqual([]);
  });

  test("a multi-valued attribute is cleared with an empty list", async () => {
    const client = await clientOf();
    const user = await client.newUser({ emails: [{ value: "a@example.com" }] });
    await client.patch(`/Users/${user.id}`, [{ op: "replace", path: "emails", value: [] }]);
    expect((await client.get(`/Users/${user.id}`)).body).not.toHaveProperty("emails");
  });

  test("an attribute nobody knows does not fail the whole PATCH", async () => {
    const client = await clientOf();
    const user = await client.newUser();
    const answer = await client.patch(`/Users/${user.id}`, [
      { op: "add", path: "favouriteColour", value: "green" },
      { op: "add", path: "title", value: "T" },
    ]);
    expectStatus(answer, 200);
    expect(answer.body.title).toBe("T");
    expect(answer.text).not.toContain("green");
  });

  test.each([
    'userName Eq "x"',
    'userName CO "x"',
    'id eq "abc"',
    'displayName sw "x" and not (title pr)',
    'userName co "x" or emails[type eq "work"]',
    'nope eq "x"',
  ])("filter %s is answered or refused, never a fault and never everybody", async (filter) => {
    const client = await clientOf();
    await client.newUser();
    const answer = await client.filter("/Users", filter);
    expectStatus(answer, 200, 400);
    if (answer.status === 200) {
      expect(answer.body.totalResults).toBe(0);
    } else {
      expectError(answer, 400, "invalidFilter");
    }
  });

  test.each([
    "startIndex=NaN",
    "count=ten",
    "startIndex=",
    "count=1e3",
    "count=-1",
    "startIndex=0",
  ])("paging with %s is answered or refused, never a fault", async (query) => {
    const client = await clientOf();
    const answer = await client.get(`/Users?${query}`);
    expectStatus(answer, 200, 400);
    expect(answer.text).not.toContain("null");
  });

  test("authentik: no PatchOp schema, a whole group inside value, removals without filter", async () => {
    const client = await clientOf("authentik");
    const [a, b] = [await client.newUser(), await client.newUser()];
    const group = await client.newGroup({ members: valuesOf(a, b) });
    const path = `/Groups/${group.id}`;
    const displayName = unique("renamed");
    const rename = {
      Operations: [
        {
          op: "replace",
          path: null,
          value: { schemas: [urn.group], id: group.id, meta: group.meta, displayName },
        },
      ],
    };
    expectStatus(await client.send("PATCH", path, JSON.stringify(rename)), 200, 204);
    const removal = { Operations: [{ op: "remove", path: "members", value: valuesOf(a) }] };
    expectStatus(await client.send("PATCH", path, JSON.stringify(removal)), 200, 204);
    expect(await membersOf(client, group)).toEqual([b.id]);
    expect((await client.get(path)).body.displayName).toBe(displayName);
  });
});

describe("errors", () => {
  test("every refusal is a SCIM Error, whatever refuses", async () => {
    const client = await clientOf();
    const anonymous = createScimClient({ baseUrl: client.baseUrl, token: undefined });
    const refusals: readonly (readonly [Answer, number, string | undefined])[] = [
      [await client.get("/Nope"), 404, undefined],
      [await client.get("/Users/Nope/more"), 404, undefined],
      [await client.send("POST", "/Users", "{"), 400, "invalidSyntax"],
      [await client.put("/Users", {}), 405, undefined],
      [await anonymous.get("/Users"), 401, undefined],
    ];
    for (const [answer, status, scimType] of refusals) {
      expectError(answer, status, scimType);
    }
  });

  test("locations ignore forwarded and forged hosts", async () => {
    const client = await clientOf();
    const user = await client.newUser();
    const answer = await client.get(`/Users/${user.id}`, {
      headers: { "x-forwarded-host": "evil.example", forwarded: "host=evil.example" },
    });
    expect(answer.text).not.toContain("evil.example");
    expect(answer.body.meta.location).toBe(user.meta.location);
  });
});
