/** Transactions: a writing one for each commit, a snapshot for each read, both run again when others were faster. */
import { setTimeout as delay } from "node:timers/promises";
import type { ClientBase } from "pg";
import type { Script, Verdict } from "../sql/script.ts";
import type { PostgresConnections } from "./postgres-connections.ts";
import { asStoreFailure, isConflict, isConnectionLost } from "./postgres-failure.ts";
import { createPrepareQuery, runScript } from "./run-script.ts";

/** Runs scripts in transactions. */
export interface PostgresTransactions {
  /** Runs a script; what it wrote stays only when its verdict is `keep`. It may be made and run more than once. */
  write<Result>(script: () => Script<Verdict<Result>>): Promise<Result>;
  /** Runs a script on one snapshot. */
  read<Result>(script: Script<Result>): Promise<Result>;
  /** Runs a script whose statements need no snapshot in common. */
  readOnce<Result>(script: Script<Result>): Promise<Result>;
  /** Runs a long read on one snapshot; asked before each step, what is left of its time is what one statement may take. */
  scan<Result>(script: Script<Result>, leftMs: () => number): Promise<Result>;
}

/** How often a transaction is run before its conflict counts as a failure. */
export const attemptsMax: number = 8;

/** The longest pause before a transaction is run again; the pauses grow up to it. */
const pauseMsMax = 200;

const beginWrite = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
const beginRead = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/** Makes the transactions of open connections. */
export function createPostgresTransactions(connections: PostgresConnections): PostgresTransactions {
  const prepare = createPrepareQuery();
  const inTransaction = <Result>(
    begin: string,
    work: (client: ClientBase) => Promise<Verdict<Result>>,
    pool: "requests" | "scans",
  ) => connections.withClient(pool, (client) => runInTransaction(client, begin, work));

  return {
    write: async (script) => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await inTransaction(
            beginWrite,
            (client) => runScript(script(), client, prepare),
            "requests",
          );
        } catch (error) {
          if (!isConflict(error) || attempt >= attemptsMax) {
            throw asStoreFailure(error);
          }
          await delay(Math.random() * Math.min(pauseMsMax, 5 * 2 ** attempt));
        }
      }
    },
    read: (script) =>
      settled(
        inTransaction(
          beginRead,
          async (client) => ({ kind: "keep", result: await runScript(script, client, prepare) }),
          "requests",
        ),
      ),
    readOnce: (script) =>
      settled(connections.withClient("requests", (client) => runScript(script, client, prepare))),
    scan: (script, leftMs) =>
      inTransaction(
        beginRead,
        async (client) => ({
          kind: "keep",
          result: await runScript(script, client, prepare, () => [
            `SET LOCAL statement_timeout = ${Math.max(1, Math.ceil(leftMs()))}`,
          ]),
        }),
        "scans",
      ),
  };
}

async function settled<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    throw asStoreFailure(error);
  }
}

async function runInTransaction<Result>(
  client: ClientBase,
  begin: string,
  work: (client: ClientBase) => Promise<Verdict<Result>>,
): Promise<Result> {
  // Sent together with the first step; if it fails, so does everything behind it.
  const begun = client.query(begin);
  begun.catch(() => undefined);
  try {
    const { kind, result } = await work(client);
    await begun;
    if (begin === beginRead) {
      // Nothing to keep: nobody waits for the answer, and whoever takes the connection next comes behind it.
      client.query("COMMIT").catch(() => undefined);
      return result;
    }
    const { command } = await client.query(kind === "keep" ? "COMMIT" : "ROLLBACK");
    if (kind === "keep" && command !== "COMMIT") {
      throw new Error("the transaction was rolled back although no statement had failed");
    }
    return result;
  } catch (error) {
    await rollBack(client, error);
    throw error;
  }
}

/** A connection that is lost has rolled back already; one that cannot roll back is treated as lost. */
async function rollBack(client: ClientBase, cause: unknown): Promise<void> {
  if (isConnectionLost(cause)) {
    return;
  }
  await client.query("ROLLBACK");
}
