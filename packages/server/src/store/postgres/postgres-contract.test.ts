/**
 * The store contract on PostgreSQL in a database that sorts by a language, and what every statement that it runs keeps to:
 * the rules that keep the database distributable, and a way through an index.
 */
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { contractCases } from "../../../../../test/contract-cases.ts";
import type { PostgresContractSite } from "../../../../../test/postgres-contract-site.ts";
import {
  createPostgresContractSite,
  emptyTables,
} from "../../../../../test/postgres-contract-site.ts";
import { testStartMs } from "../contract-population.ts";
import { bannedIn, distributionFaults } from "../distribution-faults.ts";
import { tenantsWithBacklog } from "../sql/number-records.ts";
import { schemaLevels } from "../sql/schema-levels.ts";
import { forOneWriter, plainText, statementsInCode } from "../statements-in-code.ts";
import { grownTables, planAnew } from "./grown-tables.ts";
import { postgresMigrations } from "./migrations/postgres-migrations.ts";
import { planFaults } from "./plan-faults.ts";
import { restorePostgres } from "./restore-postgres.ts";
import { createPrepareQuery, runScript } from "./run-script.ts";
import { tablesOfTenants, tablesOnEveryNode } from "./table-places.ts";

/** What is about no tenant, or about all of them, and why. */
const exceptions: readonly (readonly [RegExp, string])[] = [
  [/^(BEGIN|COMMIT|ROLLBACK|SET)\b/, "speaks of no table"],
  [/^(DECLARE|FETCH|CLOSE)\b/, "a backup reads everything, table by table"],
  [/^SELECT t\.tenant_id, t\.last_\w+ AS last, w\.waiting/, "what a backup has to number"],
  [/^SELECT 1 FROM \w+ LIMIT 1$/, "a backup is restored into empty tables"],
  [/^DELETE FROM instance_facts$/, "speaks of no tenant"],
  [/applied_migrations|migration_lock/, "speaks of no tenant"],
  [/current_setting|pg_class|to_regclass|^ANALYZE/, "is about the database itself"],
  [
    /^select \* from "tenants" (where "slug" > \? )?order by "slug"( limit \?)?$/,
    "an operator lists all tenants",
  ],
  [/^select \* from "admin_credentials" order by/, "an operator lists all of them"],
  [/^delete from "admin_credentials" where "tenant_id" = \?$/, "the end of a tenant"],
  [/^SELECT tenant_id, last_audit_number - last_chained/, "what is to be chained, of all tenants"],
  [/^SELECT tenant_id FROM audit_entries .* UNION /, "a rare look for what nobody has numbered"],
  [/^SELECT DISTINCT tenant_id FROM mails/, "a look for what is due, in an index of what waits"],
  [/^SELECT count\(\*\) AS tenants/, "how much there is in all tenants"],
  [/^SELECT count\(\*\) AS unsent, .* FROM \(/, "what waits in all tenants, up to a limit"],
  [/^SELECT count\(\*\) AS webhooks/, "an operator's number of webhooks"],
  [
    /^SELECT (count\(\*\) AS deliveries FROM \( SELECT d|min\(d\.event_at\))/,
    "what waits for all webhooks",
  ],
  [/^SELECT l\.source, count\(\*\) AS locks/, "locks of all tenants, up to a limit"],
  [
    /^SELECT tenant_id, credential_id FROM credentials/,
    "what ends soon, of all tenants, looked for every hour",
  ],
  [
    /^SELECT tenant_id, connection_id, status, .* FROM request_log/,
    "what is refused, of all tenants",
  ],
  [
    /^SELECT tenant_id, (target_type, target_id, max\(at\) AS last_at FROM audit_entries|account_id, at FROM grants)/,
    "who was kept, of all tenants, looked for every hour in an index of nothing else",
  ],
  [/AS within_\d FROM (admin_)?credentials/, "what ends soon, of all tenants, looked for rarely"],
  [
    /^SELECT count\(\*\) AS unnumbered, min/,
    "what waits for a number, of all tenants, up to a limit",
  ],
  [/^SELECT w\.tenant_id, w\.webhook_id FROM webhooks AS w JOIN/, "webhooks behind their outboxes"],
  [/^SELECT w\.tenant_id, w\.webhook_id FROM webhooks AS w WHERE/, "webhooks with something due"],
  [/^SELECT DISTINCT e\.tenant_id FROM outbox_events/, "what webhooks wait for without a number"],
  [/^select \* from "request_log" where "sequence" [<>] \?/, "an operator reads all of it"],
  [/^delete from "request_log" where "at" < \?$/, "what is old goes, whoever's it was"],
];
const kinds = { ofTenants: new Set(tablesOfTenants), global: new Set(tablesOnEveryNode) };

/** What one statement reads of a tenant because it is about all of it. */
const wideOnes: readonly (readonly [RegExp, string])[] = [
  [
    /^SELECT connection_id, resource_id, role FROM links/,
    "all Users with roles, page by page, once the roles of their tenant have changed",
  ],
  [
    /^SELECT (DISTINCT )?(name|account_id, name) FROM login_groups WHERE tenant_id = \?$/,
    "what all logins have brought, when a mapping is saved or everything compared",
  ],
  [
    /^SELECT (DISTINCT )?connection_id, group_id(, mapping_id)? FROM mapped_groups WHERE tenant_id = \?/,
    "everything that groups give, compared",
  ],
  [/^DELETE FROM \w+ WHERE tenant_id = \?$/, "the end of a tenant"],
  [/^DELETE FROM \w+ WHERE tenant_id = \? AND connection_id = \?$/, "the end of a connection"],
  [
    /^SELECT account_id FROM links .* UNION SELECT account_id FROM locks/,
    "whoever a connection has tied, part by part, at its end",
  ],
  [/^delete from "request_log" where "tenant_id" = \?$/, "the end of a tenant"],
  [/^select count\(\*\) as "(entries|events)"/, "how many there are, for tests and operators"],
  [/^SELECT DISTINCT connection_id, resource_type FROM resource_total_deltas/, "folds all of them"],
  [
    /^select \* from "request_log" where "tenant_id" = \? and \("tenant_id", "sequence"\) < \(\?, \?\)/,
    "an operator looks at the log from its end",
  ],
  [/^SELECT \* FROM mails WHERE .* ORDER BY mail_id DESC/, "an operator looks at the mails"],
  [
    /FROM resources AS r WHERE .* AND r\.sequence > \?/,
    "a filter that no index serves, part by part",
  ],
  [/^SELECT CAST\(SUM\(x\.value_count\)/, "what such a filter costs"],
  [/AND NOT EXISTS \( SELECT 1 FROM unique_keys AS k/, "a rule that turns on"],
  [/^DELETE FROM unique_keys .* path NOT IN/, "a rule that turns off"],
  [
    /^DELETE FROM members .* position IN \( SELECT m\.position/,
    "a filter on the members of one group",
  ],
];

const executed = new Set<string>();
let site: PostgresContractSite;

beforeAll(async () => {
  const query = pg.Client.prototype.query;
  vi.spyOn(pg.Client.prototype, "query").mockImplementation(function (
    this: pg.Client,
    ...given: readonly unknown[]
  ) {
    const [first] = given;
    const text = typeof first === "string" ? first : Object(first).text;
    if (typeof text === "string" && text !== emptyTables) {
      executed.add(plainText(text));
    }
    return Reflect.apply(query, this, given);
  });
  site = await createPostgresContractSite("icu");
});

afterAll(async () => {
  vi.restoreAllMocks();
  await site.close();
});

describe("contract on PostgreSQL, in a database that sorts by a language", () => {
  for (const { name, run } of contractCases) {
    test(name, () => site.withStore(run));
  }
});

/** Those that are about rows of tenants. */
function ofTenants(): readonly string[] {
  const migrating = new Set(
    postgresMigrations.flatMap(({ statements }) => statements.map(plainText)),
  );
  return [...executed].filter(
    (sql) =>
      !migrating.has(sql) &&
      !/^CREATE/.test(sql) &&
      !exceptions.some(([pattern]) => pattern.test(sql)),
  );
}

describe("its statements", () => {
  beforeAll(async () => {
    await restorePostgres({
      url: site.url,
      schemaLevel: schemaLevels.at(-1) ?? { level: 0, sqlite: 0, postgres: 0 },
      fill: () => Promise.resolve(),
      nowMs: () => testStartMs,
    });
    await runScript(tenantsWithBacklog(), site.admin, createPrepareQuery());
    for (const table of tablesOfTenants) {
      await runScript(planAnew(table), site.admin, createPrepareQuery());
    }
    await runScript(grownTables(), site.admin, createPrepareQuery());
    vi.restoreAllMocks();
  });

  test("every statement names the tenant, in every arm and for every table", () => {
    expect(ofTenants().length).toBeGreaterThan(80);
    for (const sql of ofTenants()) {
      expect(distributionFaults(sql, kinds), sql).toEqual([]);
    }
  });

  test("every exception is one", () => {
    for (const [pattern, reason] of [...exceptions, ...wideOnes]) {
      expect(
        [...executed].some((sql) => pattern.test(sql)),
        reason,
      ).toBe(true);
    }
  });

  test("no statement and no table has what a distributed database cannot do", () => {
    for (const sql of executed) {
      expect(bannedIn(sql), sql).toEqual([]);
    }
  });

  test("no statement calls a function whose value differs between nodes or moments", async () => {
    const { rows } = await site.admin.query<{ name: string; kind: string }>(
      `SELECT proname AS name, min(provolatile::text) AS kind FROM pg_proc
       WHERE pronamespace = 'pg_catalog'::regnamespace GROUP BY proname`,
    );
    const kindOf = new Map(rows.map(({ name, kind }) => [name, kind]));
    const called = (sql: string, kind: string) =>
      [...sql.matchAll(/\b([a-z]\w*) ?\(/gi)]
        .map(([, name = ""]) => name.toLowerCase())
        .filter((name) => kindOf.get(name) === kind);
    for (const sql of ofTenants()) {
      expect(called(sql, "v"), sql).toEqual([]);
      // Citus takes no function in a changing statement that may depend on the settings of a node.
      if (/^(update|delete)\b/i.test(sql)) {
        expect(called(sql, "s"), sql).toEqual([]);
      }
    }
  });

  test("deleting a tenant empties every table of tenants", () => {
    for (const table of tablesOfTenants) {
      const pattern = new RegExp(`^delete from "?${table}"? where "?tenant_id"? = \\?$`, "i");
      expect(
        [...executed].some((sql) => pattern.test(sql)),
        table,
      ).toBe(true);
    }
  });

  test("no statement is written in the code that the contract does not run", () => {
    const run = [...executed];
    // What the doctor asks and what distributes tables is about no tenant, and has tests of its own.
    const texts = statementsInCode("sql", "postgres").filter(
      ({ file }) => !/^(inspect-postgres|distribut\w+-\w+)\.ts$/.test(file),
    );
    expect(texts.length).toBeGreaterThan(60);
    for (const { file, start } of texts) {
      const isRun = run.some((one) => one.includes(start));
      const isForOthers = forOneWriter.some((pattern) => pattern.test(start));
      expect(isRun, `${file}: ${start}`).toBe(!isForOthers);
    }
  });
});

/** Many small tenants and a large one, `t1`: look-ups must not go through all it has, whoever they are planned for. */
const fillTables = [
  `INSERT INTO tenants (tenant_id, slug, name, created_at) SELECT 't' || n, 's' || n, '', '' FROM generate_series(1, 400) AS n`,
  `INSERT INTO tenant_facts (tenant_id) SELECT tenant_id FROM tenants`,
  `INSERT INTO tenant_turns (tenant_id, turn) SELECT tenant_id, 0 FROM tenants`,
  `INSERT INTO tenant_slugs (slug, tenant_id) SELECT slug, tenant_id FROM tenants`,
  `INSERT INTO connections (tenant_id, connection_id, slug, name, profile, settings, disabled, created_at) SELECT tenant_id, 'c' || tenant_id, 'main', '', '', '{}', 0, '' FROM tenants`,
  `INSERT INTO credentials (tenant_id, credential_id, connection_id, name, secret_hash, pepper_version, last_four, scopes, cidrs, created_at, creator) SELECT tenant_id, 'k' || tenant_id, connection_id, '', '', 1, '', '', '', 'at', '' FROM connections`,
  `INSERT INTO credential_ids (credential_id, tenant_id) SELECT credential_id, tenant_id FROM credentials`,
  `INSERT INTO oauth_clients (tenant_id, client_id, connection_id, name, proof, secrets, scopes, cidrs, created_at, creator) SELECT tenant_id, 'o' || tenant_id, connection_id, '', '{}', '[]', '', '', 'at', '' FROM connections`,
  `INSERT INTO oauth_assertions (tenant_id, client_id, assertion_id, ends_at) SELECT tenant_id, client_id, 'a' || n, 'at' || n FROM oauth_clients, generate_series(1, 50) AS n`,
  `INSERT INTO resource_totals (tenant_id, connection_id, resource_type, live, last_sequence, endpoint, point_paths) SELECT tenant_id, connection_id, type, 10, 0, '', '[]' FROM connections, unnest(ARRAY['User', 'Group']) AS type`,
  `INSERT INTO resources (tenant_id, connection_id, resource_id, resource_type, sequence, revision, created_at, last_modified, folded, attributes) SELECT 't' || t, 'ct' || t, 'r' || t || '.' || n, CASE WHEN n % 10 = 0 THEN 'Group' ELSE 'User' END, t * 100000 + n, 1, '', '', '{}', '{}' FROM generate_series(1, 400) AS t, generate_series(1, CASE WHEN t = 1 THEN 20000 ELSE 10 END) AS n`,
  `INSERT INTO resource_total_deltas (tenant_id, connection_id, resource_type, sequence, live) SELECT tenant_id, connection_id, resource_type, sequence, 1 FROM resources`,
  `INSERT INTO unique_keys (tenant_id, connection_id, resource_type, path, key, resource_id) SELECT tenant_id, connection_id, resource_type, 'userName', 'key' || sequence, resource_id FROM resources`,
  `INSERT INTO point_values (tenant_id, connection_id, resource_type, path, value, resource_id) SELECT tenant_id, connection_id, resource_type, path, 'value' || sequence, resource_id FROM resources, unnest(ARRAY['emails.value', 'title']) AS path`,
  `INSERT INTO relations (tenant_id, connection_id, resource_id, relation, value_count, last_position) SELECT tenant_id, connection_id, resource_id, 'Group.members', 9, 9 FROM resources WHERE resource_type = 'Group'`,
  `INSERT INTO members (tenant_id, connection_id, resource_id, relation, position, value) SELECT tenant_id, connection_id, 'r' || sequence / 100000 || '.' || ((sequence % 100000 - 1) / 10 + 1) * 10, 'Group.members', sequence, resource_id FROM resources WHERE resource_type = 'User'`,
  `INSERT INTO members (tenant_id, connection_id, resource_id, relation, position, value) SELECT tenant_id, connection_id, 'r1.10', 'Group.members', sequence, resource_id FROM resources WHERE tenant_id = 't1' AND resource_type = 'User' AND sequence > 100010`,
  `INSERT INTO tombstones (tenant_id, connection_id, resource_id, resource_type, deleted_at, revision, attributes) SELECT tenant_id, connection_id, 'd' || sequence, 'User', 'at' || sequence, 1, '{}' FROM resources`,
  `INSERT INTO tombstone_keys (tenant_id, connection_id, resource_type, path, key_hash, resource_id) SELECT tenant_id, connection_id, resource_type, 'userName', 'hash of ' || resource_id, resource_id FROM tombstones`,
  `INSERT INTO audit_entries (tenant_id, entry_id, audit_number, revision, written_as, at, actor_kind, actor_id, request_id, action, outcome, target_type, target_id, differences, relations) SELECT tenant_id, resource_id, CASE WHEN sequence % 100 <> 0 THEN sequence END, 1, sequence, 'at' || sequence, '', '', '', '', '', '', resource_id, '[]', '[]' FROM resources`,
  `INSERT INTO outbox_events (tenant_id, event_id, position, written_as, type, at, resource_type, resource_id, revision, data) SELECT tenant_id, resource_id, CASE WHEN sequence % 100 <> 0 THEN sequence END, sequence, '', 'at' || sequence, 'User', resource_id, 1, '{}' FROM resources`,
  `INSERT INTO request_log (tenant_id, sequence, request_id, at, client, method, path_template, status, warnings, duration_ms) SELECT tenant_id, sequence, '', 'at' || sequence, '', '', '', 200, '[]', 1 FROM resources`,
  `INSERT INTO accounts (account_id, email, email_key, email_verified, has_login, created_at, revision) SELECT 'a' || resource_id, resource_id, resource_id, 1, 1, '', 1 FROM resources`,
  `INSERT INTO account_emails (email_key, account_id) SELECT email_key, account_id FROM accounts`,
  `INSERT INTO account_refs (ref, account_id) SELECT email_key, account_id FROM accounts`,
  `INSERT INTO account_tenants (account_id, tenant_id) SELECT 'a' || resource_id, tenant_id FROM resources`,
  `INSERT INTO links (tenant_id, connection_id, resource_id, state, account_id, active, role, at) SELECT tenant_id, connection_id, resource_id, 'linked', 'a' || resource_id, 1, CASE WHEN sequence % 10 = 0 THEN 'admin' END, '' FROM resources`,
  `INSERT INTO memberships (tenant_id, account_id, created_at) SELECT tenant_id, account_id, '' FROM links`,
  `INSERT INTO grants (tenant_id, account_id, team_id, source, source_id, role, at) SELECT tenant_id, account_id, '', 'manual', '', 'admin' || account_id, '' FROM links`,
  `INSERT INTO teams (tenant_id, team_id, name, live_name, created_at) SELECT tenant_id, 'team' || n, 'Team ' || n, 'team ' || n, '' FROM tenants, generate_series(1, 5) AS n`,
  `INSERT INTO group_mappings (tenant_id, mapping_id, connection_id, pattern_kind, pattern, team_id, role, version, created_at) SELECT tenant_id, 'm' || n, '', 'name', 'Group ' || n, 'team' || n % 5, 'editor', 1, '' FROM tenants, generate_series(1, 5) AS n`,
  `INSERT INTO mapped_groups (tenant_id, connection_id, group_id, mapping_id) SELECT tenant_id, connection_id, resource_id, 'm' || sequence / 10 % 5 + 1 FROM resources WHERE resource_type = 'Group'`,
  `INSERT INTO group_grants (tenant_id, connection_id, resource_id, group_id, mapping_id, at) SELECT m.tenant_id, m.connection_id, m.value, p.group_id, p.mapping_id, '' FROM members AS m JOIN mapped_groups AS p ON p.tenant_id = m.tenant_id AND p.connection_id = m.connection_id AND p.group_id = m.resource_id`,
  `INSERT INTO login_groups (tenant_id, account_id, name, at) SELECT tenant_id, account_id, 'group ' || n, '' FROM links, generate_series(1, 2) AS n`,
  `INSERT INTO locks (tenant_id, account_id, source, connection_id, at) SELECT tenant_id, account_id, 'scim', connection_id, '' FROM links`,
  `INSERT INTO declines (tenant_id, account_id, at) SELECT tenant_id, account_id, '' FROM links`,
  `INSERT INTO login_identities (tenant_id, subject, account_id) SELECT tenant_id, resource_id, account_id FROM links`,
  `INSERT INTO domains (tenant_id, domain, challenge, created_at) SELECT tenant_id, 'd' || n, '', '' FROM tenants, generate_series(1, 9) AS n`,
  `INSERT INTO invitations (tenant_id, invitation_id, account_id, connection_id, resource_id, email, state, created_at, expires_at) SELECT tenant_id, 'i' || resource_id, account_id, connection_id, resource_id, '', 'open', 'at' || resource_id, '' FROM links`,
  `UPDATE tombstones SET account_id = 'a' || resource_id`,
  `INSERT INTO mails (tenant_id, mail_id, account_id, kind, recipient, language, facts, idempotency_key, created_at, due_at, sent_at, attempts) SELECT tenant_id, resource_id, 'a' || sequence % 5000, 'attached', resource_id, 'en', '{}', resource_id, 'at' || sequence, 'at' || sequence, CASE WHEN sequence % 100 <> 0 THEN 'at' END, 0 FROM resources`,
  `INSERT INTO webhooks (tenant_id, webhook_id, url, types, secrets, created_at, filled_to) SELECT tenant_id, 'w' || n, '', '[]', '[]', '', 0 FROM tenants, generate_series(1, 2) AS n`,
  `INSERT INTO webhook_deliveries (tenant_id, webhook_id, position, event_id, type, event_at, resource_type, resource_id, state, attempts, due_at, claim, is_claimed, settled_at) SELECT e.tenant_id, w.webhook_id, e.position, e.event_id, e.type, e.at, '', e.resource_id, CASE WHEN e.position % 50 = 0 THEN 'waiting' ELSE 'delivered' END, 1, CASE WHEN e.position % 50 = 0 THEN e.at END, 1, CASE WHEN e.position % 500 = 0 THEN 1 ELSE 0 END, CASE WHEN e.position % 50 <> 0 THEN e.at END FROM outbox_events AS e JOIN webhooks AS w ON w.tenant_id = e.tenant_id WHERE e.position IS NOT NULL`,
];

describe("plans for any tenant, while one is large and hundreds are small", () => {
  beforeAll(async () => {
    await site.admin.query(emptyTables);
    for (const sql of fillTables) {
      // Foreign keys are looked up by plans, too.
      await site.admin.query(`${sql}; ANALYZE`);
    }
    const [settings] = [...executed].filter((sql) => sql.startsWith("SET enable_"));
    await site.admin.query(`${settings}; SET plan_cache_mode = force_generic_plan`);
  }, 300_000);

  test("walk an index that begins with the tenant, and no population for one row", async () => {
    const found: string[] = [];
    for (const sql of ofTenants()) {
      const isWide = wideOnes.some(([pattern]) => pattern.test(sql));
      const faults = planFaults(await planOf(sql), isWide);
      found.push(...faults.map((fault) => `${fault}\n  in ${sql.slice(0, 600)}`));
    }
    expect(found).toEqual([]);
  }, 120_000);

  test("are found wanting where there is something wrong with them", async () => {
    const faultsOf = async (sql: string) => planFaults(await planOf(sql), false);
    expect(await faultsOf("SELECT display FROM resources WHERE tenant_id = ?")).toHaveLength(1);
    expect(
      await faultsOf("SELECT count(*) FROM members WHERE tenant_id = ? AND connection_id = ?"),
    ).toHaveLength(1);
    expect(await faultsOf("SELECT display FROM resources WHERE resource_id = ?")).not.toEqual([]);
    expect(
      await faultsOf(
        "SELECT position FROM members WHERE tenant_id = ? AND connection_id = ? AND resource_id = ? AND lower(value) = ? AND value = ? || ''",
      ),
    ).toEqual([]);
  });
});

/** The plan for any parameters. */
async function planOf(sql: string): Promise<unknown> {
  let count = 0;
  const numbered = sql.replace(/\?/g, () => `$${++count}`);
  await site.admin.query(`PREPARE one AS ${numbered}`);
  const nulls = Array.from({ length: count }, () => "NULL").join(", ");
  const { rows } = await site.admin.query(
    `EXPLAIN (FORMAT JSON, COSTS OFF) EXECUTE one${count === 0 ? "" : `(${nulls})`}`,
  );
  await site.admin.query("DEALLOCATE one");
  return rows[0]?.["QUERY PLAN"];
}
