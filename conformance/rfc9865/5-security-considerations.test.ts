/** Whom a cursor is for, and what it gives away (RFC 9865 §5.2, §5.3). */
import { describe, expect, test } from "vitest";
import { administration, freshConnection } from "../fresh-connection.ts";
import { createScimClient, expectError, expectStatus } from "../scim-client.ts";
import { cursorIn, hasCursors, idsOn, pageAt } from "./cursor-walk.ts";

const target = await freshConnection({ settings: { strict: true } });
const client = createScimClient(target);

describe.runIf(await hasCursors(client))("cursors", async () => {
  for (let index = 0; index < 4; index++) {
    await client.newUser({ title: "very-secret-title" });
  }
  const query = "?count=2&sortBy=title";
  const cursor = cursorIn(await pageAt(client, "/Users", query));

  test("CURS-08 SEC-02 nobody reads in a cursor where it leads", () => {
    const decoded = Buffer.from(cursor.replace(/^\d+\./, ""), "base64url").toString("latin1");
    for (const text of [cursor, decoded]) {
      expect(text).not.toContain("secret");
      expect(text).not.toContain("title");
    }
  });

  test.runIf(administration)(
    "CURS-12 CURS-15 TEN-03 another client's cursor answers as one that never was",
    async () => {
      const other = createScimClient(await freshConnection({ settings: { strict: true } }));
      const mine = { ...target, token: await administration?.newToken(target) };
      for (const stranger of [other, createScimClient(mine)]) {
        const foreign = await stranger.get(`/Users${query}&cursor=${cursor}`);
        const forged = await stranger.get(`/Users${query}&cursor=VZUTiyhEQJ94IR`);
        expectError(foreign, 400, "invalidCursor");
        expect(foreign.text).toBe(forged.text);
      }
      expectStatus(await client.get(`/Users${query}&cursor=${cursor}`), 200);
    },
  );

  test.runIf(administration)(
    "CURS-13 CURS-14 a cursor ends with the token that it was given to",
    async () => {
      const ending = await freshConnection();
      const walker = createScimClient(ending);
      await Promise.all([walker.newUser(), walker.newUser()]);
      const next = cursorIn(await pageAt(walker, "/Users", "?count=1"));
      await administration?.revoke(ending);
      expectError(await walker.get(`/Users?count=1&cursor=${next}`), 401);
    },
  );

  test("CURS-23 nothing is kept of cursors: as many as anybody wants can be open, and used again", async () => {
    const cursors = new Set<string>();
    for (let round = 0; round < 50; round++) {
      cursors.add(cursorIn(await pageAt(client, "/Users", query)));
    }
    const pages = await Promise.all(
      [...cursors].map((one) => pageAt(client, "/Users", query, one)),
    );
    expect(new Set(pages.map((page) => idsOn(page).join())).size).toBe(1);
    expect(idsOn(pages[0] ?? (await client.get("/Users")))).toEqual(
      idsOn(await pageAt(client, "/Users", query, cursor)),
    );
  });
});
