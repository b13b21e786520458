import { expect, test } from "vitest";
import { createTestProvider } from "../testing/test-provider.ts";
import { readQueryParameters } from "./query-parameters.ts";

const userUri = "urn:ietf:params:scim:schemas:core:2.0:User";

test("names are read in any case, repeated ones stay repeated, the rest is told", () => {
  const given = new URLSearchParams("Filter=a&attributes=x&ATTRIBUTES=y&foo=1&foo=2&=3&cursor");
  const { known, ignored } = readQueryParameters(given, "search");
  expect(known.toString()).toBe("filter=a&attributes=x&attributes=y");
  expect(ignored).toEqual(["foo", "cursor"]);
  expect(readQueryParameters(given, "searchByCursor").ignored).toEqual(["foo"]);
});

test("a filter on one resource has no effect, and is told", () => {
  const { known, ignored } = readQueryParameters(new URLSearchParams("filter=a"), "projection");
  expect(known.size).toBe(0);
  expect(ignored).toEqual(["filter"]);
});

test("a filter written with a capital filters, and never returns everybody", async () => {
  const { send } = createTestProvider({ cursors: false });
  for (const userName of ["a", "b"]) {
    await send("POST", "/Users", { body: { schemas: [userUri], userName } });
  }
  const found = await send("GET", "/Users?Filter=userName%20eq%20%22a%22");
  expect(found.body["totalResults"]).toBe(1);
  const all = await send("GET", "/Users?foo=1&cursor=x");
  expect(all.status).toBe(200);
  expect(all.report.warnings).toEqual([
    "query parameters without effect here were ignored: foo, cursor",
  ]);
});
