/** Reads a PostgreSQL database and tells what does not hold; knows the tables, not the code that fills them. */
import pg from "pg";
import type { Finding, RowCounts, Rule } from "./invariants.ts";
import { rulesOfEveryDatabase } from "./invariants.ts";

const rules: readonly Rule[] = [
  ...rulesOfEveryDatabase,
  {
    rule: "INV-2 two live users share a folded userName",
    sql: `SELECT tenant_id, connection_id, folded->>'userName' AS name, count(*) AS times
          FROM resources WHERE resource_type = 'User' GROUP BY 1, 2, 3 HAVING count(*) > 1`,
  },
  {
    rule: "INV-2 two live resources share an externalId",
    sql: `SELECT tenant_id, connection_id, resource_type, attributes::jsonb->>'externalId' AS id
          FROM resources WHERE attributes::jsonb->>'externalId' IS NOT NULL
          GROUP BY 1, 2, 3, 4 HAVING count(*) > 1`,
  },
  {
    rule: "INV-2 a live user lacks its unique key",
    sql: `SELECT r.resource_id FROM resources r LEFT JOIN unique_keys k
            ON k.tenant_id = r.tenant_id AND k.connection_id = r.connection_id
            AND k.resource_type = r.resource_type AND k.path = 'userName'
            AND k.key = r.folded->>'userName' AND k.resource_id = r.resource_id
          WHERE r.resource_type = 'User' AND k.resource_id IS NULL`,
  },
  {
    rule: "a row of the index without its resource",
    sql: `SELECT p.resource_id FROM point_values p LEFT JOIN resources r
            ON r.tenant_id = p.tenant_id AND r.connection_id = p.connection_id
            AND r.resource_id = p.resource_id WHERE r.resource_id IS NULL`,
  },
  {
    rule: "a live user lacks its row of the index",
    sql: `SELECT r.resource_id FROM resources r LEFT JOIN point_values p
            ON p.tenant_id = r.tenant_id AND p.connection_id = r.connection_id
            AND p.resource_type = r.resource_type AND p.path = 'userName'
            AND p.value = r.folded->>'userName' AND p.resource_id = r.resource_id
          WHERE r.resource_type = 'User' AND p.resource_id IS NULL`,
  },
  {
    rule: "INV-6 a live user has not one audit entry for each of its revisions",
    sql: `SELECT r.resource_id, r.revision, a.entries FROM resources r
          LEFT JOIN (SELECT tenant_id, target_id, count(*) AS entries FROM audit_entries WHERE outcome = 'done' GROUP BY 1, 2) a
            ON a.tenant_id = r.tenant_id AND a.target_id = r.resource_id
          WHERE r.resource_type = 'User' AND a.entries IS DISTINCT FROM r.revision`,
  },
  {
    rule: "INV-7 the last event of a live user does not carry its state",
    sql: `SELECT r.resource_id FROM resources r LEFT JOIN (
            SELECT DISTINCT ON (tenant_id, resource_id) tenant_id, resource_id, data
            FROM outbox_events WHERE type <> 'sessions.revoke'
            ORDER BY tenant_id, resource_id, position DESC) e
            ON e.tenant_id = r.tenant_id AND e.resource_id = r.resource_id
          WHERE r.resource_type = 'User'
            AND (e.data::jsonb->'resource') IS DISTINCT FROM r.attributes::jsonb`,
  },
  {
    rule: "INV-8 a member count that is not true",
    sql: `SELECT c.resource_id, c.value_count, m.counted FROM relations c
          LEFT JOIN (SELECT tenant_id, connection_id, resource_id, relation, count(*) AS counted
                     FROM members GROUP BY 1, 2, 3, 4) m
            ON m.tenant_id = c.tenant_id AND m.connection_id = c.connection_id
            AND m.resource_id = c.resource_id AND m.relation = c.relation
          WHERE COALESCE(m.counted, 0) <> c.value_count`,
  },
  {
    rule: "INV-8 a total that is not true",
    sql: `SELECT t.resource_type, t.live, d.live AS unfolded, r.counted FROM resource_totals t
          LEFT JOIN (SELECT tenant_id, connection_id, resource_type, sum(live) AS live
                     FROM resource_total_deltas GROUP BY 1, 2, 3) d
            ON d.tenant_id = t.tenant_id AND d.connection_id = t.connection_id
            AND d.resource_type = t.resource_type
          LEFT JOIN (SELECT tenant_id, connection_id, resource_type, count(*) AS counted
                     FROM resources GROUP BY 1, 2, 3) r
            ON r.tenant_id = t.tenant_id AND r.connection_id = t.connection_id
            AND r.resource_type = t.resource_type
          WHERE t.live + COALESCE(d.live, 0) <> COALESCE(r.counted, 0)`,
  },
  {
    rule: "audit numbers have a gap, or are not those of their tenant",
    sql: `SELECT a.tenant_id, count(*) AS entries, max(a.audit_number) AS last, t.last_audit_number
          FROM audit_entries a LEFT JOIN tenants t ON t.tenant_id = a.tenant_id
          GROUP BY a.tenant_id, t.last_audit_number
          HAVING count(*) <> max(a.audit_number) OR min(a.audit_number) <> 1
            OR max(a.audit_number) <> t.last_audit_number`,
  },
  {
    rule: "outbox positions have a gap, or are not those of their tenant",
    // From the first on that is kept.
    sql: `SELECT e.tenant_id, count(*) AS events, max(e.position) AS last, t.last_outbox_position
          FROM outbox_events e LEFT JOIN tenants t ON t.tenant_id = e.tenant_id
          GROUP BY e.tenant_id, t.last_outbox_position
          HAVING count(*) <> max(e.position) - min(e.position) + 1
            OR max(e.position) <> t.last_outbox_position`,
  },
  {
    rule: "the events of a resource are not in the order of its versions",
    sql: `SELECT resource_id, revision, before FROM (
            SELECT resource_id, revision, lag(revision) OVER (
              PARTITION BY tenant_id, resource_id ORDER BY position) AS before
            FROM outbox_events WHERE resource_type IN ('User', 'Group') AND type <> 'sessions.revoke') o
          WHERE before >= revision`,
  },
  {
    // 0: restored from a database that has numbers at once and keeps no version with them.
    rule: "the audit entries of a resource are not in the order of its versions",
    sql: `SELECT target_id, revision, before FROM (
            SELECT target_id, revision, lag(revision) OVER (
              PARTITION BY tenant_id, target_id ORDER BY audit_number) AS before
            FROM audit_entries WHERE target_type IN ('User', 'Group') AND outcome = 'done') a
          WHERE before >= revision AND revision > 0`,
  },
];

/** Lists every broken invariant of a database; at most three rows for each. */
export async function findBrokenInvariants(url: string): Promise<Finding[]> {
  return withClient(url, async (client) => {
    await untilNumbered(client);
    // Each rule is a join of whole tables by equality, and what was written just now has no statistics yet.
    await client.query("ANALYZE");
    await client.query("SET enable_nestloop = off");
    const broken: Finding[] = [];
    for (const { rule, sql } of rules) {
      const { rows } = await client.query(`${sql} LIMIT 3`);
      broken.push(...rows.map((row) => ({ rule, detail: JSON.stringify(row) })));
    }
    return broken;
  });
}

/** Counts the rows of a database. */
export async function countRows(url: string): Promise<RowCounts> {
  return withClient(url, async (client) => {
    const { rows } = await client.query(
      `SELECT (SELECT count(*) FROM resources) AS resources,
         (SELECT count(*) FROM audit_entries) AS entries,
         (SELECT count(*) FROM outbox_events) AS events`,
    );
    const [{ resources, entries, events }] = rows;
    return {
      resources: Number(resources),
      auditEntries: Number(entries),
      outboxEvents: Number(events),
    };
  });
}

/** Runs one statement and answers with its rows. */
export async function queryDatabase(url: string, sql: string) {
  return withClient(url, async (client) => (await client.query(sql)).rows);
}

/** A server numbers what it wrote at once, and what a dead one left behind within 15 s. */
const numberedWithinMs = 25_000;

/** Waits until every record has its number, which the running servers have to see to by themselves. */
async function untilNumbered(client: pg.Client): Promise<void> {
  const deadline = Date.now() + numberedWithinMs;
  for (;;) {
    const { rows } = await client.query(
      `SELECT (SELECT count(*) FROM audit_entries WHERE audit_number IS NULL)
         + (SELECT count(*) FROM outbox_events WHERE position IS NULL) AS waiting`,
    );
    if (rows[0].waiting === "0") {
      return;
    }
    if (Date.now() > deadline) {
      throw new Error(`${rows[0].waiting} records still wait for their number`);
    }
    await new Promise((settle) => setTimeout(settle, 100));
  }
}

async function withClient<Result>(
  url: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
