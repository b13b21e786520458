/** Pages by cursor: their parameters and what they answer (RFC 9865 §2). */
import { describe, expect, test } from "vitest";
import { freshConnection } from "../fresh-connection.ts";
import { createScimClient, expectError, expectStatus, urn } from "../scim-client.ts";
import { cursorIn, hasCursors, idsOn, pageAt, pagesOf } from "./cursor-walk.ts";

const client = createScimClient(await freshConnection({ settings: { strict: true } }));

describe.runIf(await hasCursors(client))("cursors", async () => {
  const total = 25;
  for (let made = 0; made < total; made += 5) {
    await Promise.all(
      Array.from({ length: 5 }, (_, index) => client.newUser({ title: `t${index % 3}` })),
    );
  }
  const all = idsOn(await client.get("/Users?count=100"));

  test("CURS-02 CURS-05 CURS-07 an empty cursor, with or without =, asks for the first page", async () => {
    for (const query of ["cursor", "cursor=", "Cursor="]) {
      const answer = await client.get(`/Users?${query}&count=10`);
      expectStatus(answer, 200);
      expect(answer.body.schemas).toEqual([urn.listResponse]);
      expect(answer.body).toMatchObject({ totalResults: total, itemsPerPage: 10 });
      expect(idsOn(answer)).toEqual(all.slice(0, 10));
      expect(cursorIn(answer)).toMatch(/^[A-Za-z0-9._~-]+$/);
      expect(cursorIn(answer).length).toBeLessThan(4000);
    }
  });

  test("CURS-03 every page but the last has a nextCursor, and all together are the result", async () => {
    for (const [count, sizes] of [
      [10, [10, 10, 5]],
      [5, [5, 5, 5, 5, 5]],
      [25, [25]],
      [1000, [25]],
    ] as const) {
      const pages = await pagesOf(client, "/Users", `?count=${count}`);
      expect(pages.map(({ body }) => body.Resources.length)).toEqual(sizes);
      expect(pages.flatMap(idsOn)).toEqual(all);
      for (const { body } of pages) {
        expect(body.totalResults).toBe(total);
        expect(body.itemsPerPage).toBe(body.Resources.length);
      }
    }
  });

  test("CURS-04 previousCursor leads back, and the first page has none", async () => {
    const pages = await pagesOf(client, "/Users", "?count=10");
    const [first, second, third] = pages;
    expect(first?.body).not.toHaveProperty("previousCursor");
    expect(second?.body).toHaveProperty("previousCursor");
    if (third === undefined) {
      throw new Error("there are three pages");
    }
    const back = await pageAt(client, "/Users", "?count=10", cursorIn(third, "previousCursor"));
    expect(idsOn(back)).toEqual(all.slice(10, 20));
    const again = await pageAt(client, "/Users", "?count=10", cursorIn(back, "previousCursor"));
    expect(idsOn(again)).toEqual(all.slice(0, 10));
    expect(again.body).not.toHaveProperty("previousCursor");
    const forth = await pageAt(client, "/Users", "?count=10", cursorIn(again));
    expect(idsOn(forth)).toEqual(all.slice(10, 20));
  });

  test("CURS-06 a count of zero or less gives the total and no page", async () => {
    for (const count of [0, -1]) {
      const answer = await pageAt(client, "/Users", `?count=${count}`);
      expect(answer.body).toMatchObject({ totalResults: total, itemsPerPage: 0 });
      expect(answer.body.Resources ?? []).toEqual([]);
      expect(answer.body).not.toHaveProperty("nextCursor");
      expect(answer.body).not.toHaveProperty("previousCursor");
    }
  });

  test("CURS-18 pages by cursor have no startIndex, and take none", async () => {
    expect((await pageAt(client, "/Users", "?count=10")).body).not.toHaveProperty("startIndex");
    expectError(await client.get("/Users?cursor=&startIndex=1"), 400, "invalidValue");
  });

  test("CURS-03 RES-01 filter and projection go with every page", async () => {
    const query = `?count=3&attributes=title&filter=${encodeURIComponent('title eq "t1"')}`;
    const pages = await pagesOf(client, "/Users", query as `?${string}`);
    const found = pages.flatMap(({ body }) => body.Resources);
    expect(found).toHaveLength(10);
    expect(pages[0]?.body.totalResults).toBe(10);
    for (const resource of found) {
      expect(Object.keys(resource).toSorted()).toEqual(["id", "schemas", "title"]);
      expect(resource.title).toBe("t1");
    }
  });

  test("CURS-02 LIST-08 the base URL and groups have pages by cursor too", async () => {
    const own = createScimClient(await freshConnection());
    const [ann, crew, deck] = [await own.newUser(), await own.newGroup(), await own.newGroup()];
    const pages = await pagesOf(own, "/", "?count=2");
    expect(pages.map(({ body }) => body.Resources.length)).toEqual([2, 1]);
    expect(pages.flatMap(idsOn)).toEqual([ann.id, crew.id, deck.id]);
    expect((await pagesOf(own, "/Groups", "?count=1")).flatMap(idsOn)).toEqual([crew.id, deck.id]);
  });

  test("CURS-22 whoever is there all the while comes once, whoever else comes and goes", async () => {
    const own = createScimClient(await freshConnection());
    const staying: string[] = [];
    const going: string[] = [];
    for (let index = 0; index < 20; index++) {
      (index % 4 === 1 ? going : staying).push((await own.newUser()).id);
    }
    let made = 0;
    const pages = await pagesOf(own, "/Users", "?count=3", async () => {
      const [gone = ""] = going.splice(0, 1);
      if (gone !== "") {
        expectStatus(await own.delete(`/Users/${gone}`), 204);
      }
      made += 1;
      if (made <= 5) {
        await own.newUser();
      }
    });
    const met = pages.flatMap(idsOn);
    expect(new Set(met).size, "nobody twice").toBe(met.length);
    expect(staying.filter((id) => !met.includes(id))).toEqual([]);
  });
});

test("CURS-01 whether there are pages by cursor is said", async () => {
  const answer = await client.get("/ServiceProviderConfig");
  expectStatus(answer, 200);
  expect([true, false, undefined]).toContain(
    (answer.body["pagination"] as { cursor?: unknown } | undefined)?.cursor,
  );
});
