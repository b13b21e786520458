/** The /Me alias (RFC 7644 §3.11). */
import { expect, test } from "vitest";
import { administration, freshConnection } from "../fresh-connection.ts";
import { createScimClient, expectError, expectStatus, urn, userBody } from "../scim-client.ts";

const target = await freshConnection({ settings: { strict: true } });
const client = createScimClient(target);

test("ME-01 ME-05 for a token that is nobody's there is no /Me, and every method says so", async () => {
  for (const method of ["GET", "DELETE"]) {
    const answer = await client.send(method, "/Me");
    expect([403, 404, 501]).toContain(answer.status);
    expectError(answer, answer.status);
  }
  for (const method of ["POST", "PUT", "PATCH"]) {
    const answer = await client.send(method, "/Me", "{}");
    expect([403, 404, 501]).toContain(answer.status);
    expectError(answer, answer.status);
  }
});

/** A User with a client that has a token of that User. */
async function somebody() {
  const user = await client.newUser({ title: "T" });
  const token = await administration?.newToken(target, user.id);
  const location = `${client.baseUrl}/Users/${user.id}`;
  return { user, location, me: createScimClient({ ...target, token }) };
}

test.runIf(administration)(
  "ME-02 ME-03 ME-04 ME-07 for the token of a User it is that User",
  async () => {
    const { user, location, me } = await somebody();
    for (const query of ["", "?attributes=userName", "?excludedAttributes=meta"]) {
      const answer = await me.get(`/Me${query}`);
      expectStatus(answer, 200);
      expect(answer.headers.get("location")).toBe(location);
      expect(answer.body).toEqual((await me.get(`/Users/${user.id}${query}`)).body);
    }
    const put = await me.put("/Me", userBody({ userName: user.userName, nickName: "N" }));
    expectStatus(put, 200);
    expect(put.headers.get("location")).toBe(location);
    expect(put.body.meta.location).toBe(location);
    const patch = await me.patch("/Me", [{ op: "add", path: "title", value: "U" }]);
    expectStatus(patch, 200, 204);
    expect(patch.headers.get("location")).toBe(location);
    expect((await client.get(`/Users/${user.id}`)).body).toMatchObject({
      nickName: "N",
      title: "U",
    });
    const known = await me.get("/Me", {
      headers: { "if-none-match": String((await me.get("/Me")).headers.get("etag")) },
    });
    expectStatus(known, 304);
    const refused = await me.patch("/Me", [{ op: "remove", path: "userName" }]);
    expectError(refused, 400, "mutability");
    expect(refused.headers.get("location")).toBe(location);
    expectStatus(await me.delete("/Me"), 204);
    expectError(await me.get("/Me"), 404);
    expectError(await client.get(`/Users/${user.id}`), 404);
  },
);

test.runIf(administration)(
  "ME-06 nobody creates themselves by it, and a bulk job has no /Me",
  async () => {
    const { me } = await somebody();
    expectError(await me.post("/Me", userBody()), 501);
    const job = {
      schemas: [urn.bulkRequest],
      Operations: [{ method: "DELETE", path: "/Me" }],
    };
    const answer = await me.post("/Bulk", job);
    expect(answer.body["Operations"]).toMatchObject([{ status: "400" }]);
    expectStatus(await me.get("/Me"), 200);
  },
);
