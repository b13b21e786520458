/** Every section of the RFCs that binds a service provider has code or a test, and both where it is built. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { marksIn } from "../scripts/reference/rfc-map.ts";
import { rfcSections } from "../scripts/reference/rfc-sections.ts";
import { readSourceFiles } from "./source-files.ts";

test("every section has a test that names it", () => {
  const tests = readSourceFiles("packages/scim/src", "packages/server/src", "conformance", "test");
  const tested = new Set(
    tests
      .filter(({ path }) => path.endsWith(".test.ts"))
      .flatMap(({ text }) => marksIn(text))
      .map(({ rfc, section }) => `${rfc} ${section}`),
  );
  const covers = (section: string) =>
    [...tested].some((one) => one === section || one.startsWith(`${section}.`)) ||
    tested.has(section.replace(/\.\d+$/, ""));
  const missing = Object.entries(rfcSections)
    .flatMap(([rfc, sections]) => sections.map(([section]) => `${rfc} ${section}`))
    .filter((section) => !covers(section));
  expect(missing, "name the section in the first line of the test that covers it").toEqual([]);
});

test("sections named in the page exist in it once", () => {
  const page = readFileSync("docs/reference/rfc-map.md", "utf8");
  for (const [rfc, sections] of Object.entries(rfcSections)) {
    const chapter = page.split(`## RFC ${rfc}\n`)[1]?.split("\n## ")[0] ?? "";
    for (const [section] of sections) {
      expect(chapter.split(`| §${section} |`).length - 1, `RFC ${rfc} §${section}`).toBe(1);
    }
  }
});

test("no section of theirs is without code or without a test", () => {
  const page = readFileSync("docs/reference/rfc-map.md", "utf8");
  for (const rfc of Object.keys(rfcSections)) {
    const chapter = page.split(`## RFC ${rfc}\n`)[1]?.split("\n## ")[0] ?? "";
    const rows = chapter.split("\n").filter((line) => line.startsWith("| §"));
    expect(rows.length).toBeGreaterThan(5);
    expect(rows.filter((row) => row.includes("| – |"))).toEqual([]);
  }
});
