/** Reads a data folder and tells what does not hold; knows the tables, not the code that fills them. */
import { join } from "node:path";
import type Driver from "better-sqlite3";
import { SqliteDriver } from "../../packages/server/src/store/sqlite/sqlite-driver.ts";

/** Something that should not be. */
export interface Finding {
  readonly rule: string;
  readonly detail: string;
}

/** Rows that must be written exactly once. */
export interface RowCounts {
  readonly resources: number;
  readonly auditEntries: number;
  readonly outboxEvents: number;
}

/** Something that holds: the query answers with the rows that break the rule. */
export interface Rule {
  readonly rule: string;
  readonly sql: string;
}

/** What is written alike for every database. */
export const rulesOfEveryDatabase: readonly Rule[] = [
  {
    rule: "INV-2 a unique key without its resource",
    sql: `SELECT k.resource_id FROM unique_keys k LEFT JOIN resources r
            ON r.tenant_id = k.tenant_id AND r.connection_id = k.connection_id
            AND r.resource_id = k.resource_id WHERE r.resource_id IS NULL`,
  },
  {
    rule: "INV-6 resource events and audit entries differ in number",
    sql: `SELECT e.n AS events, a.n AS entries FROM
            (SELECT count(*) AS n FROM outbox_events
              WHERE resource_type IN ('User', 'Group') AND type <> 'sessions.revoke') e,
            (SELECT count(*) AS n FROM audit_entries
              WHERE target_type IN ('User', 'Group') AND outcome = 'done') a
          WHERE e.n <> a.n`,
  },
  {
    rule: "INV-8 a dangling member",
    sql: `SELECT m.resource_id, m.value FROM members m LEFT JOIN resources r
            ON r.tenant_id = m.tenant_id AND r.connection_id = m.connection_id
            AND r.resource_id = m.value WHERE r.resource_id IS NULL`,
  },
  {
    rule: "INV-2 two accounts with one address, or an address without its account",
    sql: `SELECT a.account_id, a.email_key FROM accounts a LEFT JOIN account_emails e
            ON e.email_key = a.email_key AND e.account_id = a.account_id
          WHERE a.email_key IS NOT NULL AND e.email_key IS NULL
          UNION ALL SELECT e.account_id, e.email_key FROM account_emails e LEFT JOIN accounts a
            ON a.account_id = e.account_id AND a.email_key = e.email_key
          WHERE a.account_id IS NULL`,
  },
  {
    rule: "INV-4 a linked user without membership",
    sql: `SELECT l.resource_id, l.account_id FROM links l LEFT JOIN memberships m
            ON m.tenant_id = l.tenant_id AND m.account_id = l.account_id
          WHERE l.state = 'linked' AND m.account_id IS NULL`,
  },
  {
    rule: "INV-4 a membership that nothing gives",
    sql: `SELECT m.tenant_id, m.account_id FROM memberships m
          WHERE NOT EXISTS (SELECT 1 FROM links l WHERE l.tenant_id = m.tenant_id
              AND l.account_id = m.account_id AND l.state = 'linked')
            AND NOT EXISTS (SELECT 1 FROM grants g WHERE g.tenant_id = m.tenant_id
              AND g.account_id = m.account_id)`,
  },
  {
    rule: "INV-4 an active user whose connection locks it, or an inactive one whose connection does not",
    sql: `SELECT l.resource_id, l.active FROM links l LEFT JOIN locks k
            ON k.tenant_id = l.tenant_id AND k.account_id = l.account_id AND k.source = 'scim'
            AND k.connection_id = l.connection_id
          WHERE l.state = 'linked' AND (l.active = 1) = (k.account_id IS NOT NULL)`,
  },
  {
    rule: "INV-9 a link without its user or its account",
    sql: `SELECT l.resource_id, l.account_id FROM links l
            LEFT JOIN resources r ON r.tenant_id = l.tenant_id
              AND r.connection_id = l.connection_id AND r.resource_id = l.resource_id
            LEFT JOIN accounts a ON a.account_id = l.account_id
          WHERE r.resource_id IS NULL OR (l.account_id IS NOT NULL AND a.account_id IS NULL)`,
  },
  {
    rule: "INV-9 a member of another tenant or connection",
    sql: `SELECT m.value FROM members m JOIN resources r ON r.resource_id = m.value
          WHERE r.tenant_id <> m.tenant_id OR r.connection_id <> m.connection_id`,
  },
];

const rules: readonly Rule[] = [
  ...rulesOfEveryDatabase,
  {
    rule: "INV-2 two live users share a folded userName",
    sql: `SELECT tenant_id, connection_id, json_extract(folded, '$.userName') AS name, count(*) AS times
          FROM resources WHERE resource_type = 'User' GROUP BY 1, 2, 3 HAVING count(*) > 1`,
  },
  {
    rule: "INV-2 two live resources share an externalId",
    sql: `SELECT tenant_id, connection_id, resource_type, json_extract(attributes, '$.externalId') AS id
          FROM resources WHERE id IS NOT NULL GROUP BY 1, 2, 3, 4 HAVING count(*) > 1`,
  },
  {
    rule: "INV-2 a live user lacks its unique key",
    sql: `SELECT r.resource_id FROM resources r LEFT JOIN unique_keys k
            ON k.tenant_id = r.tenant_id AND k.connection_id = r.connection_id
            AND k.resource_type = r.resource_type AND k.path = 'userName'
            AND k.key = json_extract(r.folded, '$.userName') AND k.resource_id = r.resource_id
          WHERE r.resource_type = 'User' AND k.resource_id IS NULL`,
  },
  {
    rule: "INV-6 a live user has not one audit entry for each of its revisions",
    sql: `SELECT r.resource_id, r.revision,
            (SELECT count(*) FROM audit_entries a
              WHERE a.tenant_id = r.tenant_id AND a.target_id = r.resource_id
                AND a.outcome = 'done') AS entries
          FROM resources r WHERE r.resource_type = 'User' AND entries <> r.revision`,
  },
  {
    rule: "INV-7 the last event of a live user does not carry its state",
    sql: `SELECT r.resource_id FROM resources r WHERE r.resource_type = 'User' AND r.attributes <> (
            SELECT json_extract(e.data, '$.resource') FROM outbox_events e
            WHERE e.tenant_id = r.tenant_id AND e.resource_id = r.resource_id
              AND e.type <> 'sessions.revoke' ORDER BY e.position DESC LIMIT 1)`,
  },
  {
    rule: "INV-8 a member count that is not true",
    sql: `SELECT c.resource_id, c.value_count, (SELECT count(*) FROM members m
              WHERE m.tenant_id = c.tenant_id AND m.connection_id = c.connection_id
              AND m.resource_id = c.resource_id AND m.relation = c.relation) AS counted
          FROM relations c WHERE counted <> c.value_count`,
  },
  {
    rule: "INV-8 a total that is not true",
    sql: `SELECT t.resource_type, t.live, (SELECT count(*) FROM resources r
              WHERE r.tenant_id = t.tenant_id AND r.connection_id = t.connection_id
              AND r.resource_type = t.resource_type) AS counted
          FROM resource_totals t WHERE counted <> t.live`,
  },
  {
    rule: "audit numbers have a gap",
    sql: `SELECT tenant_id, count(*) AS entries, max(audit_number) AS last FROM audit_entries
          GROUP BY tenant_id HAVING entries <> last`,
  },
  {
    rule: "outbox positions have a gap",
    // From the first on that is kept.
    sql: `SELECT tenant_id, count(*) AS events, min(position) AS first, max(position) AS last
          FROM outbox_events GROUP BY tenant_id HAVING events <> last - first + 1`,
  },
];

/** Lists every broken invariant of a data folder; at most three rows for each. */
export function findBrokenInvariants(folder: string): Finding[] {
  const database = open(folder);
  try {
    const broken = rules.flatMap(({ rule, sql }) =>
      database
        .prepare(`${sql} LIMIT 3`)
        .all()
        .map((row) => ({ rule, detail: JSON.stringify(row) })),
    );
    const integrity = database.pragma("integrity_check", { simple: true });
    return integrity === "ok" ? broken : [...broken, { rule: "integrity", detail: `${integrity}` }];
  } finally {
    database.close();
  }
}

/** Counts the rows of a data folder. */
export function countRows(folder: string): RowCounts {
  const database = open(folder);
  try {
    const count = (table: string) =>
      Number(database.prepare(`SELECT count(*) FROM ${table}`).pluck().get());
    return {
      resources: count("resources"),
      auditEntries: count("audit_entries"),
      outboxEvents: count("outbox_events"),
    };
  } finally {
    database.close();
  }
}

function open(folder: string): Driver.Database {
  return new SqliteDriver(join(folder, "rollcall.db"), { readonly: true });
}
