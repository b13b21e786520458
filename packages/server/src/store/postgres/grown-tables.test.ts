import { randomUUID } from "node:crypto";
import pg from "pg";
import { expect, test } from "vitest";
import { createTestDatabase } from "../../../../../test/postgres-for-tests.ts";
import { grownTables, planAnew } from "./grown-tables.ts";
import { openPostgresStore } from "./open-postgres-store.ts";
import { createPrepareQuery, runScript } from "./run-script.ts";

test("a table is looked at when it is new, and again when it is twice as large", async () => {
  const database = await createTestDatabase();
  const store = await openPostgresStore({
    url: database.url,
    role: "command",
    newId: randomUUID,
    keyedHash: (text) => text,
  });
  await store.close();
  const client = new pg.Client(database.url);
  await client.connect();
  const grown = () => runScript(grownTables(), client, createPrepareQuery());
  const fill = (from: number, to: number) =>
    client.query(
      `INSERT INTO relations (tenant_id, connection_id, resource_id, relation, value_count, last_position)
       SELECT 't' || n % 500, 'c' || n % 500, 'r' || n, 'Group.members', 1, 1
       FROM generate_series(${from}, ${to}) AS n`,
    );
  try {
    expect(await grown()).toEqual([]);
    await fill(1, 3000);
    expect(await grown()).toEqual(["relations"]);
    await runScript(planAnew("relations"), client, createPrepareQuery());
    expect(await grown()).toEqual([]);
    await fill(3001, 3100);
    expect(await grown()).toEqual([]);
    await fill(3101, 8000);
    expect(await grown()).toEqual(["relations"]);
    // Of five hundred populations a plan is made for the largest there may be, and not for the average.
    const { rows } = await client.query(
      `SELECT attname, n_distinct FROM pg_stats WHERE tablename = 'relations' AND attname LIKE '%n%t%\\_id' ORDER BY 1`,
    );
    expect(rows).toEqual([
      { attname: "connection_id", n_distinct: 1 },
      { attname: "tenant_id", n_distinct: 1 },
    ]);
  } finally {
    await client.end();
    await database.drop();
  }
});
