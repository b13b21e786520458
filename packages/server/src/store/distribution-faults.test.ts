import { expect, test } from "vitest";
import { distributionFaults } from "./distribution-faults.ts";

const kinds = {
  ofTenants: new Set(["people", "groups"]),
  global: new Set(["names"]),
};

test.each([
  "SELECT a FROM people WHERE tenant_id = ? AND a = ?",
  'select * from "people" where "tenant_id" = $1 and ("a" = ? or "a" is null)',
  "SELECT p.a FROM people AS p LEFT JOIN groups AS g ON g.tenant_id = p.tenant_id AND g.b = p.a WHERE p.tenant_id = ?",
  "SELECT p.a, (SELECT sum(g.b) FROM groups AS g WHERE g.tenant_id = p.tenant_id) FROM people AS p WHERE p.tenant_id = ?",
  "SELECT ids.value FROM json_each(?) AS ids WHERE NOT EXISTS (SELECT 1 FROM people WHERE tenant_id = ? AND a = ids.value)",
  "WITH RECURSIVE r (a) AS (SELECT a FROM people WHERE tenant_id = ? UNION SELECT p.a FROM r CROSS JOIN people AS p WHERE p.tenant_id = ? AND p.b = r.a) SELECT a FROM r",
  "INSERT INTO people (tenant_id, a) VALUES (?, ?), (?, ?) ON CONFLICT (tenant_id, a) DO UPDATE SET a = excluded.a, b = NULL RETURNING a",
  "INSERT INTO people (a, tenant_id) SELECT DISTINCT g.a, g.tenant_id FROM groups AS g WHERE g.tenant_id = ? ON CONFLICT (tenant_id, a) DO NOTHING",
  "INSERT INTO people (tenant_id, a) SELECT ?, ids.value FROM json_each(?) AS ids",
  "UPDATE people AS p SET a = n.a FROM (SELECT a FROM people WHERE tenant_id = ?) AS n WHERE p.tenant_id = ? AND p.a = n.a",
  "DELETE FROM people WHERE tenant_id = ? AND a IN (SELECT a FROM groups WHERE tenant_id = ?)",
  "SELECT tenant_id FROM names WHERE name = ?",
  "SELECT a FROM people WHERE tenant_id = ? FOR NO KEY UPDATE SKIP LOCKED",
])("distributable: %s", (sql) => {
  expect(distributionFaults(sql, kinds)).toEqual([]);
});

test.each([
  ["SELECT a FROM people WHERE a = ?", "people (people) has no tenant"],
  ["SELECT a FROM people WHERE tenant_id = 'acme'", "people (people) has no tenant"],
  ["SELECT a FROM people WHERE tenant_id = ? OR a = ?", "an OR beside the tenant"],
  ["SELECT a FROM people WHERE (tenant_id = ? OR a = ?)", "people (people) has no tenant"],
  [
    "SELECT a FROM people AS p CROSS JOIN groups AS g WHERE p.tenant_id = ?",
    "groups (g) has no tenant",
  ],
  [
    "SELECT a FROM people AS p CROSS JOIN groups AS g WHERE tenant_id = ?",
    "people (p) has no tenant",
  ],
  [
    "WITH RECURSIVE r (a) AS (SELECT a FROM people WHERE tenant_id = ? UNION SELECT p.a FROM r CROSS JOIN people AS p WHERE p.b = r.a) SELECT a FROM r",
    "people (p) has no tenant",
  ],
  [
    "SELECT a FROM people WHERE tenant_id = ? UNION SELECT a FROM groups",
    "groups (groups) has no tenant",
  ],
  [
    "SELECT p.a FROM people AS p WHERE p.tenant_id = ? AND EXISTS (SELECT 1 FROM people AS p WHERE p.a = 1)",
    "people (p) has no tenant",
  ],
  [
    "DELETE FROM people WHERE tenant_id = ? AND a IN (SELECT a FROM groups)",
    "groups (groups) has no tenant",
  ],
  ["UPDATE people SET tenant_id = ? WHERE tenant_id = ?", "changes the tenant"],
  ["INSERT INTO people (a) VALUES (?)", "inserts no tenant"],
  [
    "INSERT INTO people (tenant_id) VALUES ((SELECT a FROM names WHERE name = ?))",
    "reads inside VALUES",
  ],
  [
    "INSERT INTO people (tenant_id, a) VALUES (?, ?) ON CONFLICT (a) DO NOTHING",
    "ON CONFLICT does not begin with the tenant",
  ],
  [
    "INSERT INTO people (tenant_id, a) VALUES (?, ?) ON CONFLICT (tenant_id) DO UPDATE SET a = people.a + 1",
    "DO UPDATE computes a",
  ],
  ["INSERT INTO people (tenant_id, a) SELECT ?, g.a FROM groups AS g", "groups (g) has no tenant"],
  ["SELECT now()", "a function whose value only the node knows"],
  ["SELECT CURRENT_TIMESTAMP", "the time of the node"],
  ["SELECT pg_advisory_xact_lock(1)", "an advisory lock, which one node has and the others do not"],
  [
    "WITH x AS (SELECT a FROM people WHERE tenant_id = ?) INSERT INTO people (tenant_id, a) SELECT ?, a FROM x",
    "WITH before INSERT",
  ],
  [
    "WITH x AS (DELETE FROM people WHERE tenant_id = ? RETURNING a) SELECT a FROM x",
    "a WITH that changes rows",
  ],
  ["SELECT a FROM strangers", "no table strangers"],
])("not distributable: %s", (sql, fault) => {
  expect(distributionFaults(sql, kinds)).toContain(fault);
});
