/** Every relative link in the documents leads to a file that is there. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

const pages = [
  ...readdirSync(".").filter((name) => name.endsWith(".md")),
  ...readdirSync("docs", { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

test.each(pages)("%s", (page) => {
  const text = readFileSync(page, "utf8");
  const targets = [...text.matchAll(/\]\(([^)\s#]+)[^)]*\)/g)].map(([, target = ""]) => target);
  const missing = targets
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => !existsSync(join(dirname(page), decodeURI(target))));
  expect(missing).toEqual([]);
});

test("the map in ARCHITECTURE.md names folders that are there, and all of them", () => {
  const text = readFileSync("ARCHITECTURE.md", "utf8");
  const folders = ["packages/scim/src", "packages/server/src"].flatMap((root) =>
    readdirSync(root, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name),
  );
  expect(folders.filter((name) => !text.includes(`${name}/ `))).toEqual([]);
  expect(text.split("\n").length).toBeLessThanOrEqual(200);
  expect(readFileSync("STYLE.md", "utf8").split("\n").length).toBeLessThanOrEqual(120);
});

test("the files that ARCHITECTURE.md and CONTRIBUTING.md name are there", () => {
  const named = ["ARCHITECTURE.md", "CONTRIBUTING.md"].flatMap((page) =>
    [...readFileSync(page, "utf8").matchAll(/`(?:(scim|server): )?([\w/.-]+\.(?:ts|mjs))`/g)].map(
      ([, name, path = ""]) => (name === undefined ? path : `packages/${name}/src/${path}`),
    ),
  );
  expect(named.length).toBeGreaterThan(30);
  const missing = named.filter((path) => path.startsWith("packages/") && !existsSync(path));
  expect(missing).toEqual([]);
});
