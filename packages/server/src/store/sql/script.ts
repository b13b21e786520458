/**
 * Scripts: what a transaction does, as a generator that yields statements and receives their results. A database with
 * synchronous calls runs a script in one go, another one awaits between the steps; the script is the same. A step is a
 * list of statements, none of which waits for the result of another: a database across a network gets them in one go.
 */
import type { SqlValue, Statement } from "./statement.ts";

/** What a statement gave. */
export interface StatementResult {
  readonly rows: readonly unknown[];
  /** How many rows it changed; for a statement that returns rows their number tells. */
  readonly changes: number;
}

/** A sequence of steps with a result. Each step gives the results of its statements in their order. */
export type Script<Result> = Generator<readonly Statement[], Result, readonly StatementResult[]>;

/** What a writing script comes to: `undo` takes back everything it wrote. */
export interface Verdict<Result> {
  readonly kind: "keep" | "undo";
  readonly result: Result;
}

/** Runs a script that only reads. */
export type ReadScript = <Result>(script: Script<Result>) => Promise<Result>;

/** A query that the query builder compiles, with the type of its rows. */
export interface BuiltQuery<Row> {
  compile(): {
    readonly sql: string;
    readonly parameters: readonly unknown[];
    readonly query: unknown;
  };
  execute(): Promise<readonly Row[]>;
}

/** Runs a statement and gives its rows, whose type is that of the statement's columns. */
export function* rowsOf<Row>(statement: Statement): Script<readonly Row[]> {
  const [result] = yield [statement];
  return rowsIn<Row>(result);
}

/** The rows of a result, whose type is that of the statement's columns. */
export function rowsIn<Row>(result: StatementResult | undefined): readonly Row[] {
  // The one place where the type of a hand-written statement's rows is taken on trust.
  return (result?.rows ?? []) as readonly Row[];
}

/** Runs a statement and gives its first row. */
export function* firstRowOf<Row>(statement: Statement): Script<Row | undefined> {
  return (yield* rowsOf<Row>(statement))[0];
}

/** Runs a statement and tells how many rows it changed. */
export function* changesOf(statement: Statement): Script<number> {
  const [result] = yield [statement];
  return result?.changes ?? 0;
}

/** Runs a query of the query builder and gives its rows. */
export function* rowsOfQuery<Row>(query: BuiltQuery<Row>): Script<readonly Row[]> {
  return yield* rowsOf<Row>(statementOf(query));
}

/** Runs a query of the query builder that changes rows and tells how many. */
export function* changesOfQuery(query: BuiltQuery<unknown>): Script<number> {
  return yield* changesOf(statementOf(query));
}

function statementOf(query: BuiltQuery<unknown>): Statement {
  const { sql, parameters } = query.compile();
  return { sql, parameters: parameters.map(toSqlValue) };
}

function toSqlValue(parameter: unknown): SqlValue {
  if (typeof parameter === "string" || typeof parameter === "number" || parameter === null) {
    return parameter;
  }
  throw new TypeError(`a statement cannot carry a parameter of type ${typeof parameter}`);
}

/** Runs a script whose statements are executed elsewhere, step by step. */
export async function runSteps<Result>(
  script: Script<Result>,
  execute: (statements: readonly Statement[]) => Promise<readonly StatementResult[]>,
): Promise<Result> {
  let step = script.next();
  while (step.done !== true) {
    step = script.next(await execute(step.value));
  }
  return step.value;
}
