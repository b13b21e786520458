/**
 * The thread that reads what takes long: a connection of its own, which executes the statements that it is sent and
 * looks for pages that no index finds. What is made of the rows, and in which order to read, the other side knows.
 */
import { getPriority, setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import type { ResourceQuery } from "@rollcall/scim";
import type { Scope } from "../../domain/tenant.ts";
import type { FoundPage } from "../sql/find-page.ts";
import { findPage } from "../sql/find-page.ts";
import type { StatementResult } from "../sql/script.ts";
import type { Statement } from "../sql/statement.ts";
import type { DatabaseOpening, SqliteDatabase } from "./open-database.ts";
import { openDatabase } from "./open-database.ts";
import type { ExecuteStatement } from "./run-script.ts";
import { createExecutor } from "./run-script.ts";
import { sqliteDialect } from "./sqlite-dialect.ts";
import { SqliteDriver } from "./sqlite-driver.ts";

/** What the thread is started with. */
export interface ReadingWorkerData {
  readonly path: string;
  readonly opening: DatabaseOpening;
  /** How far it stands back behind the main thread when there is more to do than the machine can, from 0 to 19. */
  readonly niceness: number;
}

/** What the thread is asked. Between `begin` and `end` everything is read from one snapshot. */
export type ReadingQuestion =
  | { readonly kind: "begin" }
  | { readonly kind: "end" }
  | { readonly kind: "run"; readonly statements: readonly Statement[] }
  | {
      readonly kind: "find";
      readonly scope: Scope;
      readonly query: ResourceQuery;
      /** Milliseconds since 1970; between two statements the thread looks whether it is later. */
      readonly deadlineMs: number;
    };

/** What the thread answers, in the order of the questions. */
export type ReadingAnswer =
  | { readonly kind: "done" }
  | { readonly kind: "results"; readonly results: readonly StatementResult[] }
  | ({ readonly kind: "found" } & FoundPage)
  | { readonly kind: "late" }
  | { readonly kind: "failed"; readonly code: string | undefined; readonly message: string };

function serve(port: NonNullable<typeof parentPort>, data: ReadingWorkerData): void {
  // On Linux the priority is that of this thread alone; elsewhere it would be that of the whole server.
  if (process.platform === "linux") {
    setPriority(0, Math.max(data.niceness, getPriority(0)));
  }
  const database = openDatabase(data.path, data.opening);
  const execute = createExecutor(database);
  port.on("message", (question: ReadingQuestion) => {
    port.postMessage(answerSafely(question, database, execute));
  });
}

function answerSafely(
  question: ReadingQuestion,
  database: SqliteDatabase,
  execute: ExecuteStatement,
): ReadingAnswer {
  try {
    return answer(question, database, execute);
  } catch (error) {
    // The class of an error does not survive the way to another thread.
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return error instanceof SqliteDriver.SqliteError
      ? { kind: "failed", code: error.code, message: error.message }
      : { kind: "failed", code: undefined, message };
  }
}

function answer(
  question: ReadingQuestion,
  database: SqliteDatabase,
  execute: ExecuteStatement,
): ReadingAnswer {
  switch (question.kind) {
    case "begin":
      database.exec("BEGIN");
      return { kind: "done" };
    case "end":
      // Nothing was written; this only lets go of the snapshot.
      if (database.inTransaction) {
        database.exec("ROLLBACK");
      }
      return { kind: "done" };
    case "run":
      return { kind: "results", results: question.statements.map(execute) };
    case "find":
      return find(question, execute);
  }
}

function find(
  { scope, query, deadlineMs }: Extract<ReadingQuestion, { kind: "find" }>,
  execute: ExecuteStatement,
): ReadingAnswer {
  const script = findPage(scope, query, sqliteDialect);
  let step = script.next();
  while (step.done !== true) {
    if (Date.now() > deadlineMs) {
      return { kind: "late" };
    }
    step = script.next(step.value.map(execute));
  }
  return { kind: "found", ...step.value };
}

if (parentPort !== null) {
  serve(parentPort, workerData);
}
