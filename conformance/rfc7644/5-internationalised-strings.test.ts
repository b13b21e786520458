/** Preparation and comparison of internationalised strings (RFC 7644 §5, §7.8). */
import { expect, test } from "vitest";
import { freshConnection } from "../fresh-connection.ts";
import {
  createScimClient,
  expectError,
  expectStatus,
  idsOf,
  unique,
  userBody,
} from "../scim-client.ts";

const client = createScimClient(await freshConnection({ settings: { strict: true } }));

test.each([
  ["composed and decomposed", "É", "E\u0301"],
  ["full width", "bob", "ＢＯＢ"],
  ["sharp and final sigma", "ΟΔΥΣΣΕΥΣ", "οδυσσευς"],
  ["lower and upper case without a locale", "TITLE", "title"],
])(
  "I18N-01 I18N-05 FILT-42 %s forms are one userName, returned as it was given",
  async (_, a, b) => {
    const tail = unique("i18n");
    const user = await client.newUser({ userName: `${a}${tail}` });
    expect(user.userName).toBe(`${a}${tail}`);
    expectError(
      await client.post("/Users", userBody({ userName: `${b}${tail}` })),
      409,
      "uniqueness",
    );
    expect(idsOf(await client.filter("/Users", `userName eq "${b}${tail}"`))).toEqual([user.id]);
  },
);

test("I18N-03 names with blanks, plus and at signs are names", async () => {
  const userName = `${unique("a")} b+c@x`;
  const user = await client.newUser({ userName });
  expect(idsOf(await client.filter("/Users", `userName eq "${userName}"`))).toEqual([user.id]);
});

test("I18N-06 filter, uniqueness and PATCH paths compare alike", async () => {
  const value = `Ärger-${unique("x")}@example.com`;
  const other = value.replace("Ä", "a\u0308").toLowerCase();
  const user = await client.newUser({ userName: value, emails: [{ value, type: "work" }] });
  expect(idsOf(await client.filter("/Users", `emails.value eq "${other}"`))).toEqual([user.id]);
  expect(idsOf(await client.filter("/Users", `emails[value eq "${other}"]`))).toEqual([user.id]);
  expectError(await client.post("/Users", userBody({ userName: other })), 409, "uniqueness");
  const patched = await client.patch(`/Users/${user.id}`, [
    { op: "replace", path: `emails[value eq "${other}"].type`, value: "home" },
  ]);
  expectStatus(patched, 200);
  expect(patched.body.emails).toEqual([{ value, type: "home" }]);
});
