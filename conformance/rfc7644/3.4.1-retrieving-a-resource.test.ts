/** Retrieving one resource (RFC 7644 §3.4, §3.4.1). */
import { expect, test } from "vitest";
import { freshConnection } from "../fresh-connection.ts";
import { createScimClient, expectError, expectStatus } from "../scim-client.ts";

const client = createScimClient(await freshConnection({ settings: { strict: true } }));

test("GET-01 GET-04 HTTP-29 a resource comes with its ETag and is not cached by strangers", async () => {
  const user = await client.newUser();
  const answer = await client.get(`/Users/${user.id}`);
  expectStatus(answer, 200);
  expect(answer.body).toEqual(user);
  expect(answer.headers.get("etag")).toBe(user.meta.version);
  expect(answer.headers.get("cache-control")).toMatch(/no-store|private/);
});

test("GET-02 ERR-03 an unknown id: 404 with a detail", async () => {
  expectError(await client.get("/Users/00000000-0000-4000-8000-000000000000"), 404);
});

test("GET-06 filter, sort and paging have no meaning for one resource", async () => {
  const user = await client.newUser();
  const answer = await client.get(
    `/Users/${user.id}?filter=userName+eq+%22x%22&startIndex=7&count=0&sortBy=title`,
  );
  expectStatus(answer, 200);
  expect(answer.body).toEqual(user);
});
