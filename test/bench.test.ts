/** The bench keeps working: its cheap measurements run with little to do, and their answers and counts are right. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PromiseReport } from "../bench/finding.ts";
import { formatReport, performancePage } from "../bench/format-results.ts";
import { enterpriseUri, generateDirectory, userBody } from "../bench/generate-directory.ts";
import { durableCreates } from "../bench/p1-durable-creates.ts";
import { reads } from "../bench/p2-reads.ts";
import { flatInDirectorySize } from "../bench/p3-flat-in-directory-size.ts";
import { flatInGroupSize } from "../bench/p4-flat-in-group-size.ts";
import { wholeSync } from "../bench/p5-whole-sync.ts";
import { reconciliation } from "../bench/p6-reconciliation.ts";
import { unindexedFilters } from "../bench/p7-unindexed-filters.ts";
import { memory } from "../bench/p8-memory.ts";
import { processes } from "../bench/p9-processes.ts";
import { openPostgresDatabase } from "../bench/postgres-database.ts";
import { profileWork } from "../bench/profile.ts";
import { withPromise } from "../bench/results.ts";
import { tinyScale } from "../bench/scale.ts";
import { ask } from "../bench/server-process.ts";
import type { BenchDatabase, Site } from "../bench/site.ts";
import { openSqliteDatabase } from "../bench/sqlite-database.ts";
import type { PromiseBench, Workplace } from "../bench/workplace.ts";
import { inWorkplace, many, withWire } from "../bench/workplace.ts";

const folder = mkdtempSync(join(tmpdir(), "rollcall-bench-test-"));
const databases: BenchDatabase[] = [];
let large: Promise<Site> | undefined;

beforeAll(async () => {
  process.env["ROLLCALL_BENCH_FOLDER"] = folder;
  databases.push(openSqliteDatabase(), await openPostgresDatabase(undefined));
});

afterAll(async () => {
  await Promise.all(databases.map((database) => database.close()));
  rmSync(folder, { recursive: true, force: true });
});

function onDatabase<Result>(
  name: BenchDatabase["name"],
  work: (place: Workplace) => Promise<Result>,
): Promise<Result> {
  const database = databases.find((one) => one.name === name);
  if (database === undefined) {
    throw new TypeError(`${name} is open`);
  }
  const surroundings = {
    database,
    scale: tinyScale,
    largeSite: () => {
      large ??= database.createSite({ users: tinyScale.large });
      return large;
    },
  };
  return inWorkplace(surroundings, work);
}

/** The lines that speak of rows. */
function counts({ findings }: PromiseReport): readonly string[] {
  return findings.flatMap(
    ({ ours }) => /\d+ (member rows, \d+ )?audit entries.*$/.exec(ours)?.[0] ?? [],
  );
}

describe("a generated directory", () => {
  test("is the same for the same seed and another one for another seed", () => {
    const of = (seed: number) => {
      const { userAt, groupAt } = generateDirectory(seed, { users: 1000 });
      return JSON.stringify([many(50, userAt), many(5, (at) => [...groupAt(at).members()])]);
    };
    expect(of(7)).toBe(of(7));
    expect(of(7)).not.toBe(of(8));
  });

  test("has people whose ids, names and numbers are nobody else's", () => {
    const { userAt } = generateDirectory(1, { users: 5000 });
    const users = many(5000, userAt);
    for (const key of ["id", "userName", "externalId", "email"] as const) {
      expect(new Set(users.map((user) => user[key].toLowerCase())).size).toBe(users.length);
    }
    expect(users.every(({ attributes }) => enterpriseUri in attributes)).toBe(true);
  });

  test("writes names in many scripts and sign-in names in plain letters", () => {
    const { userAt } = generateDirectory(1, { users: 1000 });
    const users = many(1000, userAt);
    const names = users.map(({ attributes }) => String(attributes["displayName"])).join(" ");
    for (const script of ["Cyrl", "Grek", "Arab", "Hani", "Hira", "Kana", "Hang"]) {
      expect(names, script).toMatch(new RegExp(`\\p{Script=${script}}`, "u"));
    }
    expect(names).toMatch(/[áäçéłöüž]/);
    expect(
      users.filter(({ userName }) => !/^[a-z.-]+\d+-\d+@example\.com$/i.test(userName)),
    ).toEqual([]);
  });

  test("has groups of different people, up to everybody", () => {
    const { groupAt, groups, largestGroup, groupOf100 } = generateDirectory(1, { users: 1000 });
    for (let at = 0; at < groups; at += 1) {
      const members = [...groupAt(at).members()];
      expect(new Set(members).size).toBe(groupAt(at).size);
      expect(members.every((member) => member >= 0 && member < 1000)).toBe(true);
    }
    expect(groupAt(largestGroup).size).toBe(1000);
    expect(groupAt(groupOf100).size).toBe(100);
  });
});

describe.each(["SQLite", "PostgreSQL"] as const)("%s", (name) => {
  test("a filled database has the rows that requests would have left", async () => {
    await onDatabase(name, async (place) => {
      const size = { users: 3, groups: 2 };
      const filled = await place.site(size);
      const asked = await place.site({ users: 0 });
      const server = await place.server(asked);
      const ids = await withWire(server, async (wire) => {
        const created: [string, string][] = [];
        for (const user of many(size.users, filled.directory.userAt)) {
          const body = userBody(user);
          const answer = await ask(wire, server, { method: "POST", path: "/Users", body }, 201);
          created.push([String(answer["id"]), user.id]);
        }
        return new Map(created);
      });
      await place.stop(server);
      expect(await contentOf(asked, ids)).toEqual(await contentOf(filled, new Map()));
    });
  });

  test("creates are counted in the database, with the prototype's beside ours", async () => {
    const report = await onDatabase(name, durableCreates);
    expect(report.notes.join()).toMatch(/A create leaves \d\d rows: 1 in `resources`/);
    expect(report.findings.map(({ what }) => what)).toContain("POST /Users, 32 connections");
  });

  test("a mapping moves everybody in its group, and is undone without a trace", async () => {
    const { findings } = await onDatabase(name, reconciliation);
    expect(findings.at(-1)?.what).toContain("reconcile --check");
  });

  test("a second sync writes nothing", async () => {
    const report = await onDatabase(name, wholeSync);
    expect(counts(report)).toEqual(["0 audit entries, 0 events, 0 revisions"]);
  });
});

describe("on SQLite", () => {
  const others: Readonly<Record<string, PromiseBench>> = {
    P2: reads,
    P3: flatInDirectorySize,
    P7: unindexedFilters,
    P8: memory,
  };
  test.each(Object.entries(others))("%s gets the right answers", async (_, bench) => {
    const report = await onDatabase("SQLite", bench);
    expect(report.findings.length).toBeGreaterThan(1);
    const results = withPromise({ promises: {}, profiles: {} }, "SQLite", {
      report,
      day: "2025-06-15",
      machine: "a machine",
      database: "SQLite",
      command: "npm run bench",
    });
    const [finding] = report.findings;
    expect(performancePage(results)).toContain(`| ${finding?.what} | ${finding?.ours} |`);
    expect(formatReport(report, "SQLite")).toContain(finding?.ours);
  });

  test("one difference in a whole group is one row and one event", async () => {
    expect(counts(await onDatabase("SQLite", flatInGroupSize))).toEqual([
      "1 member rows, 1 audit entries, 1 events",
      "1 member rows, 1 audit entries, 1 events",
      "0 member rows, 0 audit entries, 0 events",
    ]);
  });

  test("a profile names our parts and the statements of a request", async () => {
    const [report] = await onDatabase("SQLite", (place) => profileWork("p1", place));
    expect(report?.profile.parts.map(({ name }) => name).join()).toMatch(/server: store\/sql/);
    const inserts = report?.statements.find(({ sql }) => sql.startsWith("INSERT INTO resources"));
    expect(inserts?.perRequest).toBe(1);
  });
});

test("two processes on one PostgreSQL give the right answers", async () => {
  const { findings } = await onDatabase("PostgreSQL", processes);
  expect(findings[0]?.what).toBe("GET /Users/{id}, two processes against one");
});

/** What is stored of people and where it is indexed, with the ids of the generator. */
/** Of the one connection, which each site has made itself; it stands before the id of the User in a link. */
const connectionIdPattern = /[0-9a-f-]{36}(?=\/)/g;

async function contentOf(
  site: Site,
  ids: ReadonlyMap<string, string>,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const accounts = await site.select("SELECT account_id, email FROM accounts");
  const names = new Map([
    ...ids,
    ...accounts.map(({ account_id, email }) => [String(account_id), String(email)] as const),
  ]);
  const texts = async (sql: string): Promise<readonly string[]> => {
    const rows = await site.select(sql);
    return rows
      .map((row) =>
        [...names]
          .reduce((text, [from, to]) => text.replaceAll(from, to), JSON.stringify(row))
          .replaceAll(connectionIdPattern, "a connection")
          .replaceAll(/accessRevision[^\d]+\d+/g, "accessRevision"),
      )
      .sort();
  };
  const ofUsers = "WHERE resource_type = 'User'";
  return {
    resources: await texts(
      `SELECT resource_id, revision, display, folded_display, folded, attributes FROM resources ${ofUsers}`,
    ),
    uniqueKeys: await texts(`SELECT path, key, resource_id FROM unique_keys ${ofUsers}`),
    pointValues: await texts(`SELECT path, value, resource_id FROM point_values ${ofUsers}`),
    auditEntries: await texts(
      `SELECT action, outcome, target_id, target_name, target_external_id, differences, relations
       FROM audit_entries WHERE target_type = 'User'`,
    ),
    events: await texts(`SELECT type, resource_id, revision, data FROM outbox_events ${ofUsers}`),
    accounts: await texts(
      "SELECT account_id, email, email_key, email_verified, has_login, name FROM accounts",
    ),
    links: await texts("SELECT resource_id, state, account_id, active, role FROM links"),
    memberships: await texts("SELECT account_id, protection FROM memberships"),
  };
}
