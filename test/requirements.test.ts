/** Every requirement is shown by a test that names it, or listed with the reason why not. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readSourceFiles } from "./source-files.ts";

/** A requirement as `conformance/requirements.json` has it. */
interface Requirement {
  readonly id: string;
  readonly level: string;
  readonly source: string;
  readonly title: string;
}

const requirements: readonly Requirement[] = JSON.parse(
  readFileSync("conformance/requirements.json", "utf8"),
);
const ids = new Set(requirements.map(({ id }) => id));
const shown = new Set(
  readSourceFiles("conformance", "packages/scim/src", "packages/server/src")
    .filter(({ path }) => path.endsWith(".test.ts"))
    .flatMap(({ text }) => idsInTitles(text)),
);
const notCovered = readFileSync("conformance/not-covered.md", "utf8");
const excused = rowsOf(notCovered).flatMap(([numbers = ""]) => idsIn(numbers));

/** Titles begin with the numbers that they show; those of a table of cases have them in a column. */
function idsInTitles(text: string): readonly string[] {
  const titles = text.matchAll(/["`]([A-Z0-9]+-\d\d(?: [A-Z0-9]+-\d\d)*)(?=[ "`])/g);
  return [...titles].flatMap(([, numbers = ""]) => numbers.split(" "));
}

/** The rows of all tables whose first column has numbers. */
function rowsOf(page: string): readonly (readonly string[])[] {
  return page
    .split("\n")
    .filter((line) => /^\| [A-Z0-9]+-\d\d/.test(line))
    .map((line) =>
      line
        .slice(1, -1)
        .split("|")
        .map((cell) => cell.trim()),
    );
}

/** `EVT-01–03 ROLE-01` is four. */
function idsIn(numbers: string): readonly string[] {
  return [...numbers.matchAll(/([A-Z0-9]+)-(\d\d)(?:–(\d\d))?/g)].flatMap(
    ([, area = "", first = "", last = first]) =>
      Array.from(
        { length: Number(last) - Number(first) + 1 },
        (_, index) => `${area}-${String(Number(first) + index).padStart(2, "0")}`,
      ),
  );
}

test("every requirement is shown by a test, or listed with a reason", () => {
  const silent = requirements
    .filter(({ id }) => !shown.has(id) && !excused.includes(id))
    .map(({ id, title }) => `${id}: ${title}`);
  expect(silent, "begin the title of a test with it, or add it to not-covered.md").toEqual([]);
});

test("nothing is both shown and excused, and nothing is excused twice", () => {
  expect(excused.filter((id) => shown.has(id))).toEqual([]);
  expect(new Set(excused).size).toBe(excused.length);
});

test("every number that a test or the list names is a requirement", () => {
  expect([...shown].filter((id) => isOfAnArea(id) && !ids.has(id))).toEqual([]);
  expect(excused.filter((id) => !ids.has(id))).toEqual([]);
});

/** Titles begin with other words of this form, too. */
function isOfAnArea(id: string): boolean {
  return [...ids].some((known) => known.split("-")[0] === id.split("-")[0]);
}

test("every reason says something", () => {
  const rows = rowsOf(notCovered);
  expect(rows.length).toBeGreaterThan(5);
  for (const [numbers, reason = ""] of rows) {
    expect(reason.length, numbers).toBeGreaterThan(10);
  }
});

test("a requirement has a number, a level, a source and a title", () => {
  expect(ids.size).toBe(requirements.length);
  for (const { id, level, source, title } of requirements) {
    expect(id).toMatch(/^[A-Z0-9]+-\d\d$/);
    expect(["MUST", "SHOULD", "MAY", "DERIVED", "CHOICE", "INTEROP"]).toContain(level);
    expect(source).toMatch(/^(RFC \d{4}|draft)/);
    expect(title.length, id).toBeGreaterThan(3);
  }
});
