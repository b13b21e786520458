import { expect, test } from "vitest";
import type { JsonObject } from "../json.ts";
import { createStandardRegistry } from "../schema/standard-registry.ts";
import { createMemoryResourceStore } from "../testing/memory-resource-store.ts";
import { createTestCursorSeal } from "../testing/test-cursor-seal.ts";
import type { TestAnswer, TestProvider, TestProviderOptions } from "../testing/test-provider.ts";
import { createTestProvider } from "../testing/test-provider.ts";

const userUri = "urn:ietf:params:scim:schemas:core:2.0:User";
const groupUri = "urn:ietf:params:scim:schemas:core:2.0:Group";

async function withUsers(count: number, options: TestProviderOptions = {}): Promise<TestProvider> {
  const provider = createTestProvider(options);
  for (let index = 1; index <= count; index++) {
    const body = { schemas: [userUri], userName: `user-${index}`, title: `t${index % 2}` };
    await provider.send("POST", "/Users", { body });
  }
  return provider;
}

const cursorIn = ({ body }: TestAnswer, name = "nextCursor"): string => String(body[name]);
const idsIn = ({ text }: TestAnswer): string =>
  [...text.matchAll(/"id":"id-(\d+)"/g)].map(([, id]) => id).join(" ");

/** Asks for the page of a cursor with the parameters of the first request. */
function pageAfter({ send }: TestProvider, query: string, cursor: string): Promise<TestAnswer> {
  return send("GET", `/Users?${query}&cursor=${cursor}`);
}

function refusal({ status, body }: TestAnswer): readonly unknown[] {
  return [status, body["scimType"]];
}

test("pages by cursor have cursors instead of a start, and none beyond their ends", async () => {
  const provider = await withUsers(5);
  const first = await provider.send("GET", "/Users?cursor&count=2");
  expect(first.body).toMatchObject({ totalResults: 5, itemsPerPage: 2 });
  expect(Object.keys(first.body)).toEqual([
    "schemas",
    "totalResults",
    "itemsPerPage",
    "nextCursor",
    "Resources",
  ]);
  const second = await pageAfter(provider, "count=2", cursorIn(first));
  expect(Object.keys(second.body)).toContain("previousCursor");
  const third = await pageAfter(provider, "count=2", cursorIn(second));
  expect(third.body).not.toHaveProperty("nextCursor");
  expect([first, second, third].map(idsIn)).toEqual(["1 2", "3 4", "5"]);
  const back = await pageAfter(provider, "count=2", cursorIn(second, "previousCursor"));
  expect(idsIn(back)).toBe("1 2");
  expect(back.body).not.toHaveProperty("previousCursor");
  expect(cursorIn(first)).toMatch(/^[A-Za-z0-9._~-]+$/);
});

test("without a cursor there are pages by index", async () => {
  const { send } = await withUsers(3);
  const { body } = await send("GET", "/Users?count=2");
  expect(body).toMatchObject({ startIndex: 1 });
  expect(body).not.toHaveProperty("nextCursor");
});

test("where nobody seals cursors, one has no effect and is told", async () => {
  const { send } = await withUsers(1, { cursors: false });
  const { body, report } = await send("GET", "/Users?cursor=abc");
  expect(body).toMatchObject({ totalResults: 1, startIndex: 1 });
  expect(report.warnings).toEqual(["query parameters without effect here were ignored: cursor"]);
});

test("a query by POST goes on by cursor, at the base URL too", async () => {
  const { send } = await withUsers(2);
  await send("POST", "/Groups", { body: { schemas: [groupUri], displayName: "crew" } });
  const ask = (cursor: string) => send("POST", "/.search", { body: { count: 2, cursor } });
  const first = await ask("");
  const second = await ask(cursorIn(first));
  expect([first, second].map(idsIn)).toEqual(["1 2", "3"]);
  expect(second.body).not.toHaveProperty("nextCursor");
  expect(idsIn(await ask(cursorIn(second, "previousCursor")))).toBe("1 2");
});

const query = "filter=userName+sw+%22user%22&sortBy=title&attributes=userName&count=2";

test("a cursor is for its query, however that is written", async () => {
  const provider = await withUsers(5);
  const cursor = cursorIn(await provider.send("GET", `/Users?${query}&cursor=`));
  const written =
    "count=2&sortOrder=ascending&attributes=USERNAME&sortBy=Title&Filter=username+SW+%22USER%22";
  expect(idsIn(await pageAfter(provider, written, cursor))).toBe("1 3");
  const message: JsonObject = {
    filter: 'userName sw "user"',
    sortBy: "title",
    attributes: ["userName"],
    count: 2,
    cursor,
  };
  expect(idsIn(await provider.send("POST", "/Users/.search", { body: message }))).toBe("1 3");
  for (const other of [
    query.replace("sw", "co"),
    query.replace("user%22", "us%22"),
    query.replace("title", "userName"),
    `${query}&sortOrder=descending`,
    query.replace("attributes=userName", "attributes=title"),
    query.replace("attributes", "excludedAttributes"),
    "count=2",
  ]) {
    expect(refusal(await pageAfter(provider, other, cursor)), other).toEqual([
      400,
      "invalidCursor",
    ]);
  }
  const atRoot = await provider.send("GET", `/?${query}&cursor=${cursor}`);
  expect(refusal(atRoot)).toEqual([400, "invalidCursor"]);
  const plain = cursorIn(await provider.send("GET", "/Users?count=2&cursor"));
  const ofGroups = await provider.send("GET", `/Groups?count=2&cursor=${plain}`);
  expect(refusal(ofGroups)).toEqual([400, "invalidCursor"]);
});

test("the count stays that of the first request", async () => {
  const provider = await withUsers(5);
  const cursor = cursorIn(await provider.send("GET", "/Users?cursor&count=2"));
  for (const count of ["count=3", "count=0", "", "count=abc"]) {
    expect(refusal(await pageAfter(provider, count, cursor)), count).toEqual([400, "invalidCount"]);
  }
  expect((await provider.send("GET", "/Users?cursor&count=100000")).status).toBe(200);
});

test("a cursor is for whoever got it, and another one is told nothing", async () => {
  const registry = createStandardRegistry();
  const store = createMemoryResourceStore(registry);
  const mine = await withUsers(5, { store, registry, cursors: createTestCursorSeal("me") });
  const theirs = createTestProvider({ store, registry, cursors: createTestCursorSeal("them") });
  const cursor = cursorIn(await mine.send("GET", "/Users?cursor&count=2"));
  const foreign = await pageAfter(theirs, "count=2", cursor);
  const forged = await pageAfter(theirs, "count=2", "VZUTiyhEQJ94IR");
  expect(refusal(foreign)).toEqual([400, "invalidCursor"]);
  expect(foreign.text).toBe(forged.text);
});

test("CURS-09 CURS-21 a cursor expires after its time and not before", async () => {
  let nowMs = 1_749_945_600_000;
  const provider = await withUsers(5, { now: () => nowMs });
  const cursor = cursorIn(await provider.send("GET", "/Users?cursor&count=2"));
  nowMs += 3_600_000;
  const second = await pageAfter(provider, "count=2", cursor);
  expect(idsIn(second)).toBe("3 4");
  nowMs += 1;
  expect(refusal(await pageAfter(provider, "count=2", cursor))).toEqual([400, "expiredCursor"]);
  expect(idsIn(await pageAfter(provider, "count=2", cursorIn(second)))).toBe("5");
});

test("what was sealed and is no cursor is none", async () => {
  const seal = createTestCursorSeal("me");
  const provider = await withUsers(1, { cursors: { ...seal, open: () => '["sideward","x",1,2]' } });
  expect(refusal(await pageAfter(provider, "count=2", "x"))).toEqual([400, "invalidCursor"]);
  const broken = await withUsers(1, { cursors: { ...seal, open: () => "no JSON" } });
  expect(refusal(await pageAfter(broken, "count=2", "x"))).toEqual([400, "invalidCursor"]);
});

test("a seal may take its time", async () => {
  const seal = createTestCursorSeal("me");
  const provider = await withUsers(3, {
    cursors: {
      seal: async (text, place) => seal.seal(text, place),
      open: async (sealed, place) => seal.open(sealed, place),
    },
  });
  const cursor = cursorIn(await provider.send("GET", "/Users?cursor&count=2"));
  expect(idsIn(await pageAfter(provider, "count=2", cursor))).toBe("3");
});
