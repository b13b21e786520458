/** Pages by cursor are sorted (RFC 9865 §2.2). */
import { describe, expect, test } from "vitest";
import { freshConnection } from "../fresh-connection.ts";
import { createScimClient, expectStatus } from "../scim-client.ts";
import { cursorIn, hasCursors, idsOn, pageAt, pagesOf } from "./cursor-walk.ts";

const client = createScimClient(await freshConnection({ settings: { strict: true } }));

describe.runIf(await hasCursors(client))("cursors", async () => {
  const titles = ["b", "B", undefined, "a", "c", "é", undefined, "b", "10", "9"];
  for (const title of titles) {
    await client.newUser(title === undefined ? {} : { title });
  }

  test("CURS-20 SORT-08 SORT-11 the pages together are in the order asked for, each once", async () => {
    for (const query of [
      "?sortBy=title",
      "?sortBy=title&sortOrder=descending",
      "?sortBy=userName",
      "?sortBy=meta.created&sortOrder=descending",
      "?sortBy=active",
      "?sortBy=emails",
    ] as const) {
      const whole = idsOn(await client.get(`/Users${query}`));
      expect(whole).toHaveLength(titles.length);
      for (const count of [1, 3, 4]) {
        const pages = await pagesOf(client, "/Users", `${query}&count=${count}`);
        expect(pages.flatMap(idsOn), `${query} by ${count}`).toEqual(whole);
      }
    }
  });

  test("CURS-04 CURS-20 the way back is in the same order", async () => {
    const pages = await pagesOf(client, "/Users", "?sortBy=title&count=4");
    const last = pages.at(-1);
    if (last === undefined) {
      throw new Error("there are pages");
    }
    const query = "?sortBy=title&count=4";
    const back = await pageAt(client, "/Users", query, cursorIn(last, "previousCursor"));
    expect(idsOn(back)).toEqual(idsOn(pages[1] ?? last));
  });

  test("CURS-20 CURS-22 a change of somebody else moves nobody out of the walk", async () => {
    const whole = idsOn(await client.get("/Users?sortBy=title"));
    const query = "?sortBy=title&count=4";
    const first = await pageAt(client, "/Users", query);
    // Whoever was met goes to the end of the order, behind everybody who was not.
    const [moved = ""] = idsOn(first);
    expectStatus(
      await client.patch(`/Users/${moved}`, [{ op: "add", path: "title", value: "ÿ" }]),
      200,
      204,
    );
    const second = await pageAt(client, "/Users", query, cursorIn(first));
    expect(idsOn(second)).toEqual(whole.slice(4, 8));
  });
});
