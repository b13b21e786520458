import { expect, test } from "vitest";
import type { DataInspection } from "../compose.ts";
import { databaseFindings } from "./database-findings.ts";

type PostgresFound = Extract<DataInspection, { readonly kind: "found" }>;

const healthy: PostgresFound = {
  database: "postgres",
  kind: "found",
  place: { server: "db.example:5432", user: "rollcall", database: "people" },
  version: "16.1",
  missingMigrations: 0,
  durability: [
    { name: "fsync", value: "on" },
    { name: "full_page_writes", value: "on" },
    { name: "synchronous_commit", value: "remote_apply" },
  ],
  connections: { allowed: 97, used: 3, besidePool: 2 },
  clock: { aheadMs: 12, uncertainMs: 4 },
  unnumbered: 0,
};
const linesOf = (changes: Partial<PostgresFound>, databasePool = 16) =>
  databaseFindings({ ...healthy, ...changes }, { databasePool }).map(
    ({ check, state, text }) => `${state} ${check}: ${text}`,
  );

test("a healthy database is healthy throughout", () => {
  expect(linesOf({})).toEqual([
    "ok database: PostgreSQL 16.1, people at db.example:5432 as rollcall",
    "ok schema: up to date",
    "ok durability: fsync on, full_page_writes on, synchronous_commit remote_apply",
    "ok pool: a server opens up to 18 connections, PostgreSQL allows 97 and has 3 in use: room for 5 servers",
    "ok skew: the database's clock is within 0.0 s of this machine's",
  ]);
});

test("a database that cannot be used says why, and nothing else", () => {
  const problem: DataInspection = { database: "postgres", kind: "problem", problem: "no way" };
  expect(databaseFindings(problem, { databasePool: 16 })).toEqual([
    { check: "database", state: "problem", text: "no way" },
  ]);
});

test.each<[Partial<PostgresFound>, RegExp]>([
  [{ missingMigrations: undefined }, /^problem schema: there are no tables yet/],
  [{ missingMigrations: 2 }, /^problem schema: 2 migration\(s\) behind/],
  [{ durability: [{ name: "fsync", value: "off" }] }, /^warning durability: fsync is off: .*whole/],
  [
    { durability: [{ name: "synchronous_commit", value: "off" }] },
    /^warning durability: synchronous_commit is off: .*clients were told/,
  ],
  [
    { durability: [{ name: "full_page_writes", value: "off" }] },
    /^warning durability: full_page_writes is off: .*pages/,
  ],
  [
    { connections: { allowed: 17, used: 1, besidePool: 2 } },
    /^problem pool: .*lower --database-pool/,
  ],
  [{ connections: { allowed: 35, used: 1, besidePool: 2 } }, /^warning pool: .*room for 1 server;/],
  [{ clock: { aheadMs: 2600, uncertainMs: 100 } }, /^warning skew: .*2\.5 s ahead of/],
  [{ clock: { aheadMs: -9000, uncertainMs: 0 } }, /^warning skew: .*9\.0 s behind/],
  [{ unnumbered: 7 }, /^warning backlog: 7 audit entries and events/],
])("%o is told", (changes, words) => {
  const lines = linesOf(changes);
  expect(lines.filter((line) => words.test(line))).toHaveLength(1);
  expect(lines.filter((line) => !line.startsWith("ok"))).toHaveLength(1);
});

test("what the measuring cannot tell from nothing is no skew", () => {
  const lines = linesOf({ clock: { aheadMs: 2600, uncertainMs: 700 } });
  expect(lines.at(-1)).toBe("ok skew: the database's clock is within 1.9 s of this machine's");
});
