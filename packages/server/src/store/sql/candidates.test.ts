import { createStandardRegistry, parseFilter, resolveFilter } from "@rollcall/scim";
import { expect, test } from "vitest";
import { testTypes } from "../contract-population.ts";
import { sqliteDialect } from "../sqlite/sqlite-dialect.ts";
import { areMatches } from "./candidates.ts";

const { user } = testTypes(createStandardRegistry());
const reading = { strict: true, unqualifiedExtensionNames: false, schemaUris: [user.schema.id] };

function resolved(filter: string) {
  return resolveFilter(parseFilter(filter, reading), user, reading);
}

function isSettled(filter: string, dialect = sqliteDialect): boolean {
  return areMatches(resolved(filter), dialect);
}

test("where the index says it all, nothing is left to be tried", () => {
  expect(isSettled('userName eq "ann"')).toBe(true);
  expect(isSettled('emails[value eq "ann@example.com"]')).toBe(true);
  expect(isSettled('groups.value eq "g1"')).toBe(true);
  expect(isSettled('userName eq "ann" or externalId eq "7"')).toBe(true);
});

test("where the index finds more than the filter means, the filter is tried", () => {
  expect(isSettled('userName eq "ann" and active eq true')).toBe(false);
  expect(isSettled('emails[value eq "ann@example.com" and type eq "work"]')).toBe(false);
  expect(isSettled('userName eq "ann" or (externalId eq "7" and title pr)')).toBe(false);
  expect(isSettled('not (userName eq "ann")')).toBe(false);
  expect(isSettled("active eq true")).toBe(false);
});

test("a value that the index keeps otherwise, or no text can have, is tried", () => {
  const short = { ...sqliteDialect.indexed, value: (text: string) => text.slice(0, 3) };
  const dialect = { ...sqliteDialect, indexed: short };
  expect(isSettled('userName eq "ann"', dialect)).toBe(true);
  expect(isSettled('userName eq "anna"', dialect)).toBe(false);
  const impossible = { ...resolved('userName eq "ann"'), comparable: "\ud800" };
  expect(areMatches(impossible, sqliteDialect)).toBe(false);
});
