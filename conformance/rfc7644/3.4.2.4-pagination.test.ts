/** Index-based paging (RFC 7644 §3.4.2.4). */
import { expect, test } from "vitest";
import { freshConnection } from "../fresh-connection.ts";
import { createScimClient, expectError, expectStatus } from "../scim-client.ts";

const client = createScimClient(await freshConnection({ settings: { strict: true } }));
const total = 150;
for (let made = 0; made < total; made += 30) {
  await Promise.all(Array.from({ length: 30 }, () => client.newUser()));
}
const all = (await client.get(`/Users?count=${total}`)).body.Resources.map(({ id }) => id);

/** One page. */
async function page(query: string) {
  const answer = await client.get(`/Users?${query}`);
  expectStatus(answer, 200);
  const { totalResults, startIndex, itemsPerPage, Resources } = answer.body;
  return { totalResults, startIndex, itemsPerPage, ids: Resources.map(({ id }) => id) };
}

test("PAGE-01 PAGE-03 PAGE-09 startIndex counts from one, itemsPerPage is what came", async () => {
  expect(await page("startIndex=2&count=1")).toEqual({
    totalResults: total,
    startIndex: 2,
    itemsPerPage: 1,
    ids: [all[1]],
  });
  expect(await page(`startIndex=${total - 1}&count=10`)).toEqual({
    totalResults: total,
    startIndex: total - 1,
    itemsPerPage: 2,
    ids: all.slice(-2),
  });
});

test("PAGE-02 a startIndex below one is one", async () => {
  for (const startIndex of [0, -5]) {
    const first = await page(`startIndex=${startIndex}&count=2`);
    expect(first).toMatchObject({ startIndex: 1, ids: all.slice(0, 2) });
  }
});

test("PAGE-04 PAGE-05 a count of zero or less gives the total and no resources", async () => {
  for (const count of [0, -1]) {
    expect(await page(`count=${count}`)).toMatchObject({
      totalResults: total,
      itemsPerPage: 0,
      ids: [],
    });
  }
});

test("PAGE-06 PAGE-12 without count a page holds at least a hundred and says how many", async () => {
  const first = await page("");
  expect(first.ids.length).toBeGreaterThanOrEqual(100);
  expect(first.itemsPerPage).toBe(first.ids.length);
  expect(first.totalResults).toBe(total);
});

test("PAGE-07 a count above the maximum is capped", async () => {
  expect((await page("count=1000000")).ids).toEqual(all);
});

test("PAGE-08 a startIndex past the end gives an empty page with the right total", async () => {
  expect(await page("startIndex=9999")).toMatchObject({
    totalResults: total,
    itemsPerPage: 0,
    ids: [],
  });
});

test.each(["count=abc", "startIndex=1.5", "count=NaN", "startIndex=x"])(
  "PAGE-10 %s is refused",
  async (query) => {
    expectError(await client.get(`/Users?${query}`), 400, "invalidValue");
  },
);
