/** What is wrong with cursors and counts (RFC 9865 §2.1). */
import { describe, expect, test } from "vitest";
import { freshConnection } from "../fresh-connection.ts";
import { createScimClient, expectError, expectStatus, urn } from "../scim-client.ts";
import { cursorIn, hasCursors, pageAt } from "./cursor-walk.ts";

const client = createScimClient(await freshConnection({ settings: { strict: true } }));

describe.runIf(await hasCursors(client))("cursors", async () => {
  await Promise.all(
    Array.from({ length: 6 }, (_, index) => client.newUser({ title: `t${index}` })),
  );
  const first = await pageAt(client, "/Users", "?count=2&sortBy=title");
  const cursor = cursorIn(first);

  test("CURS-08 ERR-04 a forged or garbled cursor is invalid, whichever character was changed", async () => {
    const forged = [...cursor].flatMap((character, index) =>
      index % 7 === 0
        ? [cursor.slice(0, index) + (character === "A" ? "B" : "A") + cursor.slice(index + 1)]
        : [],
    );
    for (const text of [
      ...forged,
      "VZUTiyhEQJ94IR",
      "x",
      `${cursor}A`,
      cursor.slice(0, -1),
      "%20",
    ]) {
      const answer = await client.get(`/Users?count=2&sortBy=title&cursor=${text}`);
      expectError(answer, 400, "invalidCursor");
    }
    expectError(await client.get("/Users?cursor=a&cursor=b"), 400, "invalidCursor");
  });

  test("CURS-10 a count that is none, or another one than at first, is invalid", async () => {
    for (const count of ["abc", "1.5"]) {
      expectError(await client.get(`/Users?cursor=&count=${count}`), 400, "invalidCount");
    }
    for (const count of ["&count=3", "&count=0", "", "&count=-2", "&count=abc"]) {
      const answer = await client.get(`/Users?sortBy=title&cursor=${cursor}${count}`);
      expectError(answer, 400, "invalidCount");
    }
    expectStatus(await client.get("/Users?cursor=&count=100000"), 200);
    expectStatus(await client.get(`/Users?sortBy=title&cursor=${cursor}&count=2`), 200);
  });

  test("CURS-11 a cursor is for the query that it was given for", async () => {
    for (const query of [
      "/Users?count=2",
      "/Users?count=2&sortBy=userName",
      "/Users?count=2&sortBy=title&sortOrder=descending",
      `/Users?count=2&sortBy=title&filter=${encodeURIComponent("title pr")}`,
      "/Users?count=2&sortBy=title&attributes=title",
      "/?count=2&sortBy=title",
    ]) {
      expectError(await client.get(`${query}&cursor=${cursor}`), 400, "invalidCursor");
    }
    expectError(await client.get(`/Groups?count=2&cursor=${cursor}`), 400, "invalidCursor");
    // The same query, though it is written in another way (the example of RFC 9865 §2 does so too).
    const same = await client.get(
      `/Users?SORTBY=TITLE&sortOrder=ascending&count=2&cursor=${cursor}`,
    );
    expectStatus(same, 200);
  });

  test("CURS-08 CURS-10 CURS-18 a message says the same as a URL", async () => {
    const search = (message: object) =>
      client.post("/Users/.search", { schemas: [urn.searchRequest], ...message });
    const query = { count: 2, sortBy: "title" };
    expectStatus(await search({ ...query, cursor }), 200);
    expectError(await search({ ...query, cursor: `${cursor}x` }), 400, "invalidCursor");
    expectError(await search({ ...query, cursor: 5 }), 400, "invalidCursor");
    expectError(await search({ ...query, count: 3, cursor }), 400, "invalidCount");
    expectError(await search({ ...query, count: "2", cursor: "" }), 400, "invalidCount");
    expectError(await search({ cursor: "", startIndex: 1 }), 400, "invalidValue");
    expect((await search({ count: 2, cursor: "" })).body).not.toHaveProperty("startIndex");
  });
});
