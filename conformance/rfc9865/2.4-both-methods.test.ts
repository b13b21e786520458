/** Pages by index and by cursor side by side (RFC 9865 §2.3, §2.4). */
import { describe, expect, test } from "vitest";
import { freshConnection } from "../fresh-connection.ts";
import { createScimClient, expectStatus } from "../scim-client.ts";
import { hasCursors, idsOn, pageAt } from "./cursor-walk.ts";

const client = createScimClient(await freshConnection({ settings: { strict: true } }));

describe.runIf(await hasCursors(client))("cursors", async () => {
  await Promise.all(Array.from({ length: 5 }, () => client.newUser()));
  const { pagination } = (await client.get("/ServiceProviderConfig")).body as unknown as {
    readonly pagination: {
      readonly cursor: boolean;
      readonly index: boolean;
      readonly defaultPaginationMethod?: string;
    };
  };

  test("CURS-16 CURS-17 without a method the default one is used", async () => {
    const answer = await client.get("/Users?count=2");
    expectStatus(answer, 200);
    const isByCursor = pagination.defaultPaginationMethod === "cursor" || !pagination.index;
    expect(answer.body["nextCursor"] !== undefined).toBe(isByCursor);
    expect(answer.body.startIndex !== undefined).toBe(!isByCursor);
  });

  test.runIf(pagination.index)("CURS-16 whichever method is asked for is used", async () => {
    const byIndex = await client.get("/Users?startIndex=1&count=2");
    expect(byIndex.body).toMatchObject({ startIndex: 1, totalResults: 5 });
    expect(byIndex.body).not.toHaveProperty("nextCursor");
    const byCursor = await pageAt(client, "/Users", "?count=2");
    expect(byCursor.body).not.toHaveProperty("startIndex");
    expect(idsOn(byCursor)).toEqual(idsOn(byIndex));
  });
});
