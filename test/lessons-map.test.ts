/** Every lesson names tests that are there. */
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { lessonsMap } from "./lessons-map.ts";

test.each(lessonsMap)("$promise", ({ shownBy }) => {
  expect(shownBy.length).toBeGreaterThan(0);
  for (const [file, title] of shownBy) {
    expect(existsSync(file), file).toBe(true);
    expect(titlesIn(readFileSync(file, "utf8")), `${file} has a test for it`).toContain(title);
  }
});

test("a lesson is told once", () => {
  const promises = lessonsMap.map(({ promise }) => promise);
  expect(new Set(promises).size).toBe(promises.length);
});

/** The text without comments, so that nobody is content with a title that is only told of. */
function titlesIn(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}
