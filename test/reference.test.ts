/** The generated pages of docs/reference say what the code says. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { pages } from "../scripts/reference/pages.ts";
import { marksIn } from "../scripts/reference/rfc-map.ts";

test.each(pages())("$path is up to date", ({ path, text }) => {
  expect(readFileSync(path, "utf8") === text, `run: npm run docs (and commit ${path})`).toBe(true);
});

test("marks of RFC sections are found in every form", () => {
  const sections = (text: string) => marksIn(text).map(({ rfc, section }) => `${rfc}:${section}`);
  expect(sections("(RFC 7644 §3.5.2)")).toEqual(["7644:3.5.2"]);
  expect(sections("RFC 7643 §2.2, §7 and RFC 7644 §4")).toEqual(["7643:2.2", "7643:7", "7644:4"]);
  expect(sections("RFC 7643 §5–7.")).toEqual(["7643:5", "7643:6", "7643:7"]);
  expect(sections("RFC 7644")).toEqual([]);
});
