/** Pages by cursor of queries by POST (RFC 9865 §3). */
import { describe, expect, test } from "vitest";
import { freshConnection } from "../fresh-connection.ts";
import { createScimClient, expectStatus, urn } from "../scim-client.ts";
import { cursorIn, hasCursors, idsOn, pageAt } from "./cursor-walk.ts";

const client = createScimClient(await freshConnection({ settings: { strict: true } }));

describe.runIf(await hasCursors(client))("cursors", async () => {
  for (const name of ["Ann", "Bea", "Cleo"]) {
    await client.newUser({ displayName: `${name} Smith` });
  }
  await client.newGroup({ displayName: "Smiths" });

  const search = async (path: string, message: object) => {
    const answer = await client.post(path, { schemas: [urn.searchRequest], ...message });
    expectStatus(answer, 200);
    return answer;
  };

  test("CURS-19 SRCH-04 the message takes the cursor, and null as none", async () => {
    const query = { filter: 'displayName co "smith"', attributes: ["displayName"], count: 2 };
    for (const [path, size] of [
      ["/Users/.search", 3],
      ["/.search", 4],
    ] as const) {
      const first = await search(path, { ...query, cursor: "" });
      expect(first.body).toMatchObject({ totalResults: size, itemsPerPage: 2 });
      expect(first.body).not.toHaveProperty("startIndex");
      const second = await search(path, { ...query, cursor: cursorIn(first) });
      expect(second.body.Resources).toHaveLength(size - 2);
      expect(second.body).not.toHaveProperty("nextCursor");
      expect(new Set([first, second].flatMap(idsOn)).size).toBe(size);
      const back = await search(path, { ...query, cursor: cursorIn(second, "previousCursor") });
      expect(idsOn(back)).toEqual(idsOn(first));
    }
    expect((await search("/Users/.search", { cursor: null })).body.startIndex).toBe(1);
  });

  test("CURS-19 what began in a URL may go on in a message", async () => {
    const first = await pageAt(client, "/Users", "?count=2");
    const second = await search("/Users/.search", { count: 2, cursor: cursorIn(first) });
    const third = await pageAt(client, "/Users", "?count=2", cursorIn(second, "previousCursor"));
    expect(idsOn(third)).toEqual(idsOn(first));
  });
});
