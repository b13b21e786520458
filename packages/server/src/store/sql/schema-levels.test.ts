import { expect, test } from "vitest";
import { postgresMigrations } from "../postgres/migrations/postgres-migrations.ts";
import { migrations } from "./migrations/migrations.ts";
import { schemaLevelNow, schemaLevelNumbered, schemaLevels } from "./schema-levels.ts";

test("the last level is that of the last migrations of both databases", () => {
  expect(schemaLevelNumbered(schemaLevelNow)).toMatchObject({
    sqlite: migrations.at(-1)?.number,
    postgres: postgresMigrations.at(-1)?.number,
  });
});

test("levels are counted from 1, and none goes back", () => {
  for (const [index, { level, sqlite, postgres }] of schemaLevels.entries()) {
    const before = schemaLevels[index - 1];
    expect(level).toBe(index + 1);
    expect(sqlite).toBeGreaterThanOrEqual(before?.sqlite ?? 0);
    expect(postgres).toBeGreaterThanOrEqual(before?.postgres ?? 0);
  }
});
