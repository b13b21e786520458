/** Every lesson names tests that are there. */
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { lessonsMap } from "./lessons-map.ts";

test.each(lessonsMap)("$promise", ({ shownBy }) => {
  expect(shownBy.length).toBeGreaterThan(0);
  for (const [file, title] of shownBy) {
    expect(existsSync(file), file).toBe(true);
    const isThere = titlesIn(readFileSync(file, "utf8")).includes(title);
    expect(isThere, `${file} has a test called ${title}`).toBe(true);
  }
});

test("a lesson is told once", () => {
  const promises = lessonsMap.map(({ promise }) => promise);
  expect(new Set(promises).size).toBe(promises.length);
});

/** The text without comments, so that nobody is content with a title that is only told of. */
function titlesIn(text: string): string {
  // At the beginnings of lines alone: routes in texts end with such signs, too.
  return text.replace(/^\s*\/\*[\s\S]*?\*\//gm, "").replace(/^\s*\/\/.*$/gm, "");
}
