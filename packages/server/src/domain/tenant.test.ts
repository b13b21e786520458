import { expect, test } from "vitest";
import { freeSlugOf, slugLengthMax, slugProblemOf } from "./tenant.ts";

test.each(["a", "acme", "acme-corp-2", "0", "a".repeat(slugLengthMax)])("%s is a slug", (slug) => {
  expect(slugProblemOf(slug)).toBeUndefined();
});

test.each([
  "",
  "Acme",
  "-a",
  "a-",
  "a--b",
  "a b",
  "a/b",
  "ä",
  "a.b",
  "a\n",
  "a".repeat(slugLengthMax + 1),
])("%j is no slug", (slug) => expect(slugProblemOf(slug)).toContain("lower-case"));

test("a taken slug gets the next free number", () => {
  expect(freeSlugOf("okta", [])).toBe("okta");
  expect(freeSlugOf("okta", ["okta"])).toBe("okta-2");
  expect(freeSlugOf("okta", ["okta-2", "okta", "okta-3"])).toBe("okta-4");
});
