/** Distributes the tables over the nodes of a Citus cluster by tenant, step by step, each in its own transaction. */
import { DatabaseError } from "pg";
import { refusal } from "../../domain/refusal.ts";
import type { Script, Verdict } from "../sql/script.ts";
import { changesOf, firstRowOf, rowsOf } from "../sql/script.ts";
import { statement } from "../sql/statement.ts";
import type { DistributionState, DistributionStep, TableState } from "./distribution-steps.ts";
import { nextDistributionStep } from "./distribution-steps.ts";
import { migrationLock } from "./migration-lock.ts";
import { createPostgresConnections } from "./postgres-connections.ts";
import type { PostgresTransactions } from "./postgres-transactions.ts";
import { createPostgresTransactions } from "./postgres-transactions.ts";
import { tablesOfTenants, tablesOnEveryNode } from "./table-places.ts";

/** Does what is left to do, on a database whose schema is up to date; answers with the titles of the steps it took. */
export async function distributeTables(url: string): Promise<readonly string[]> {
  const connections = createPostgresConnections({
    url,
    poolSize: 1,
    patience: "operator",
    onTrouble: () => undefined,
  });
  const { readOnce, write } = createPostgresTransactions(connections);
  const titles: string[] = [];
  try {
    if (!(await readOnce(hasCitus()))) {
      throw refusal(
        "the database has no extension citus: run CREATE EXTENSION citus on every node, or leave out --citus",
      );
    }
    for (;;) {
      const step = await takeStep(write);
      if (step === undefined) {
        return titles;
      }
      titles.push(step.title);
    }
  } finally {
    await connections.close();
  }
}

function* hasCitus(): Script<boolean> {
  const row = yield* firstRowOf<{ found: number }>(
    statement(
      `SELECT CASE WHEN to_regclass('pg_dist_partition') IS NULL THEN 0 ELSE 1 END AS found`,
    ),
  );
  return row?.found === 1;
}

async function takeStep(
  write: PostgresTransactions["write"],
): Promise<DistributionStep | undefined> {
  const attempt: { step?: DistributionStep } = {};
  try {
    await write(() => tryNextStep(attempt));
    return attempt.step;
  } catch (error) {
    throw attempt.step !== undefined && error instanceof DatabaseError
      ? refusal(
          `the database did not ${attempt.step.title}: ${error.message}; what was done before stays, ` +
            "and the command goes on from there when it is run again",
        )
      : error;
  }
}

/** How far the database is, is read behind the lock: somebody else may have gone on meanwhile. */
function* tryNextStep(attempt: { step?: DistributionStep }): Script<Verdict<void>> {
  delete attempt.step;
  yield migrationLock;
  const step = nextDistributionStep(yield* distributionState());
  if (step === undefined) {
    return { kind: "undo", result: undefined };
  }
  attempt.step = step;
  yield* changesOf(statement(step.sql));
  return { kind: "keep", result: undefined };
}

interface TableRow {
  readonly name: string;
  /** `h` for one that is distributed, `n` for every other that Citus knows. */
  readonly method: string | null;
  /** `t` for one that is on every node. */
  readonly model: string | null;
  readonly colocation: number | null;
  readonly bytes: number;
}

function* distributionState(): Script<DistributionState> {
  const names = [...tablesOfTenants, ...tablesOnEveryNode];
  const places = names.map(() => "to_regclass(?)").join(", ");
  const tables = yield* rowsOf<TableRow>(
    statement(
      `SELECT c.relname AS name, CAST(p.partmethod AS text) AS method,
         CAST(p.repmodel AS text) AS model, p.colocationid AS colocation,
         pg_relation_size(c.oid) AS bytes
       FROM pg_class AS c LEFT JOIN pg_dist_partition AS p ON p.logicalrelid = c.oid
       WHERE c.oid IN (${places})`,
      ...names,
    ),
  );
  const keys = yield* rowsOf<{ name: string }>(
    statement(
      `SELECT conname AS name FROM pg_constraint WHERE contype = 'f' AND conrelid IN (${places})`,
      ...names,
    ),
  );
  return { tables: tables.map(tableOf), foreignKeys: new Set(keys.map(({ name }) => name)) };
}

function tableOf({ name, method, model, colocation, bytes }: TableRow): TableState {
  const onEveryNode = method === "n" && model === "t" ? "reference" : "local";
  const place = method === "h" ? "distributed" : onEveryNode;
  return {
    name,
    place,
    group: colocation ?? undefined,
    hasLocalData: place !== "local" && bytes > 0,
  };
}
