/** Lists and the ListResponse (RFC 7644 §3.4.2). */
import { expect, test } from "vitest";
import { freshConnection } from "../fresh-connection.ts";
import { createScimClient, expectStatus, idsOf, urn } from "../scim-client.ts";

const client = createScimClient(await freshConnection({ settings: { strict: true } }));
const empty = createScimClient(await freshConnection());
const users = await Promise.all(Array.from({ length: 25 }, () => client.newUser()));

test("LIST-01 LIST-04 LIST-05 LIST-06 a list says what it is and how many there are in all", async () => {
  const { body } = await client.get("/Users?count=10");
  expect(body).toMatchObject({
    schemas: [urn.listResponse],
    totalResults: users.length,
    startIndex: 1,
    itemsPerPage: 10,
  });
  expect(body.Resources).toHaveLength(10);
});

test("LIST-02 LIST-03 no match is 200 with an empty list", async () => {
  const none = await client.filter("/Users", 'userName eq "nobody"');
  for (const answer of [none, await empty.get("/Users"), await empty.get("/Groups")]) {
    expectStatus(answer, 200);
    expect(answer.body).toMatchObject({ totalResults: 0, startIndex: 1, itemsPerPage: 0 });
    expect(answer.body.Resources).toEqual([]);
  }
});

test("LIST-10 a page is capped, never refused", async () => {
  const answer = await client.get("/Users?count=1000000");
  expectStatus(answer, 200);
  expect(answer.body.Resources).toHaveLength(users.length);
});

test("LIST-12 DEL-03 deleted resources are in no list and no count", async () => {
  const gone = await empty.newUser();
  const stays = await empty.newUser();
  expectStatus(await empty.delete(`/Users/${gone.id}`), 204);
  expect(idsOf(await empty.get("/Users"))).toEqual([stays.id]);
  expect((await empty.get("/Users?count=0")).body.totalResults).toBe(1);
  expect(idsOf(await empty.filter("/Users", `userName eq "${gone.userName}"`))).toEqual([]);
  expect(idsOf(await empty.filter("/Users", `id eq "${gone.id}"`))).toEqual([]);
});

test("LIST-13 PAGE-11 without sortBy the order is stable and pages cover everything once", async () => {
  const seen: string[] = [];
  for (let startIndex = 1; startIndex <= users.length; startIndex += 4) {
    const { body } = await client.get(`/Users?startIndex=${startIndex}&count=4`);
    expect(body.totalResults).toBe(users.length);
    seen.push(...body.Resources.map(({ id }) => id));
  }
  expect(seen.toSorted()).toEqual(users.map(({ id }) => id).toSorted());
  const again = await client.get("/Users?count=1000");
  expect(again.body.Resources.map(({ id }) => id)).toEqual(seen);
});
