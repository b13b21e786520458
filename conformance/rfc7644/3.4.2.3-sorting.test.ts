/** Sorting (RFC 7644 §3.4.2.3). */
import { expect, test } from "vitest";
import { freshConnection } from "../fresh-connection.ts";
import { createScimClient, expectError, expectStatus } from "../scim-client.ts";

const client = createScimClient(await freshConnection({ settings: { strict: true } }));
const work = (value: string, primary = false) => ({ value, type: "work", primary });
await client.newUser({
  userName: "u1",
  displayName: "b",
  title: "T",
  externalId: "B",
  emails: [work("z@x"), work("a@x", true)],
});
await client.newUser({ userName: "U2", displayName: "C", externalId: "a", emails: [work("b@x")] });
await client.newUser({ userName: "u3", displayName: "a", title: "t", externalId: "C" });
await client.newUser({ userName: "u4", displayName: "é", title: "T", active: false });

/** The names in the order of the answer. */
async function order(query: string): Promise<readonly (string | undefined)[]> {
  const answer = await client.get(`/Users?${query}`);
  expectStatus(answer, 200);
  return answer.body.Resources.map(({ userName }) => userName);
}

test("SORT-02 SORT-04 I18N-04 inexact strings sort without regard to case, by code point, ascending by default", async () => {
  expect(await order("sortBy=displayName")).toEqual(["u3", "u1", "U2", "u4"]);
  expect(await order("sortBy=userName")).toEqual(["u1", "U2", "u3", "u4"]);
});

test("SORT-03 the order can be turned, in any case, and nothing else is taken", async () => {
  expect(await order("sortBy=userName&sortOrder=descending")).toEqual(["u4", "u3", "U2", "u1"]);
  expect(await order("sortBy=userName&sortOrder=Descending")).toEqual(["u4", "u3", "U2", "u1"]);
  expectError(await client.get("/Users?sortBy=userName&sortOrder=up"), 400, "invalidValue");
});

test("SORT-04 exact strings sort by their case; booleans and times by their value", async () => {
  expect((await order("sortBy=externalId")).slice(0, 3)).toEqual(["u1", "u3", "U2"]);
  expect((await order("sortBy=active"))[0]).toBe("u4");
  expect(await order("sortBy=meta.created&sortOrder=descending")).toHaveLength(4);
});

test("SORT-05 missing values come last ascending and first descending", async () => {
  expect((await order("sortBy=title")).at(-1)).toBe("U2");
  expect((await order("sortBy=title&sortOrder=descending"))[0]).toBe("U2");
});

test("SORT-06 SORT-07 a multi-valued attribute sorts by its primary value, else its first", async () => {
  expect((await order("sortBy=emails.value")).slice(0, 2)).toEqual(["u1", "U2"]);
  expect((await order("sortBy=emails")).slice(0, 2)).toEqual(["u1", "U2"]);
});

test("SORT-07 SORT-09 a complex or unknown attribute cannot be sorted by", async () => {
  const complex = await client.get("/Users?sortBy=name");
  expectError(complex, 400, complex.body.scimType);
  expect(["invalidPath", "invalidValue"]).toContain(complex.body.scimType);
  expectStatus(await client.get("/Users?sortBy=name.familyName"), 200);
  expectError(await client.get("/Users?sortBy=nope"), 400, "invalidValue");
});

test("SORT-08 SORT-11 ties have one order, so that pages neither skip nor repeat", async () => {
  const whole = await order("sortBy=title");
  const paged: (string | undefined)[] = [];
  for (let startIndex = 1; startIndex <= 4; startIndex++) {
    paged.push(...(await order(`sortBy=title&startIndex=${startIndex}&count=1`)));
  }
  expect(paged).toEqual(whole);
});

test("SORT-10 sortOrder alone is ignored", async () => {
  expect(await order("sortOrder=descending")).toHaveLength(4);
});
