/** Brings a schema up to date, migration by migration, each in its own transaction. */
import { createHash } from "node:crypto";
import { refusal } from "../../domain/refusal.ts";
import type { Migration } from "./migrations/migration.ts";
import type { Script, Verdict } from "./script.ts";
import { changesOf, rowsOf } from "./script.ts";
import { statement } from "./statement.ts";

interface AppliedMigration {
  readonly number: number;
  readonly title: string;
  readonly checksum: string;
  readonly breaking: number;
}

/** Runs one script in a transaction of its own, so that a process that dies leaves all of it or nothing. */
export type RunMigrationStep = <Result>(script: Script<Verdict<Result>>) => Result;

/**
 * Applies what is missing. Throws when the database has a breaking migration that this program does not know, or when
 * an applied migration is not the one this program has.
 */
export function migrate(
  runStep: RunMigrationStep,
  migrations: readonly Migration[],
  nowMs: () => number,
): void {
  runStep(createHistory());
  for (const migration of migrations) {
    runStep(applyMigration(migration, migrations, new Date(nowMs()).toISOString()));
  }
}

/** Throws unless the schema is exactly as far as this program needs it; changes nothing. */
export function* requireMigrated(migrations: readonly Migration[]): Script<void> {
  const missing = yield* countMissing(migrations);
  if (missing > 0) {
    throw refusal(
      `the database lacks ${missing} migration(s); start the server or run "rollcall migrate"`,
    );
  }
}

/** Counts what has not been applied yet, in a database that has a history; changes nothing and throws as `migrate` does. */
export function* countMissing(migrations: readonly Migration[]): Script<number> {
  const applied = yield* readHistory();
  checkHistory(applied, migrations);
  return migrations.filter(({ number }) => !applied.some((one) => one.number === number)).length;
}

function* createHistory(): Script<Verdict<void>> {
  yield* changesOf(
    statement(`CREATE TABLE IF NOT EXISTS applied_migrations (
      number INTEGER NOT NULL PRIMARY KEY,
      title TEXT NOT NULL,
      checksum TEXT NOT NULL,
      breaking INTEGER NOT NULL,
      applied_at TEXT NOT NULL
    ) STRICT`),
  );
  return { kind: "keep", result: undefined };
}

// The history is read inside the transaction: another process may have migrated while this one waited for the lock.
function* applyMigration(
  migration: Migration,
  migrations: readonly Migration[],
  at: string,
): Script<Verdict<void>> {
  const applied = yield* readHistory();
  checkHistory(applied, migrations);
  if (applied.some(({ number }) => number === migration.number)) {
    return { kind: "undo", result: undefined };
  }
  for (const sql of migration.statements) {
    yield* changesOf(statement(sql));
  }
  yield* changesOf(
    statement(
      `INSERT INTO applied_migrations (number, title, checksum, breaking, applied_at) VALUES (?, ?, ?, ?, ?)`,
      migration.number,
      migration.title,
      checksumOf(migration),
      migration.breaking ? 1 : 0,
      at,
    ),
  );
  return { kind: "keep", result: undefined };
}

function* readHistory(): Script<readonly AppliedMigration[]> {
  return yield* rowsOf<AppliedMigration>(
    statement(`SELECT number, title, checksum, breaking FROM applied_migrations ORDER BY number`),
  );
}

function checkHistory(
  applied: readonly AppliedMigration[],
  migrations: readonly Migration[],
): void {
  for (const one of applied) {
    const known = migrations.find(({ number }) => number === one.number);
    if (known === undefined && one.breaking === 1) {
      throw refusal(
        `the database was changed by a newer version of rollcall (migration ${one.number}, ` +
          `"${one.title}") in a way this version does not understand; update rollcall`,
      );
    }
    if (known !== undefined && checksumOf(known) !== one.checksum) {
      throw refusal(
        `migration ${one.number} of the database is not the one of this version of rollcall`,
      );
    }
  }
}

function checksumOf(migration: Migration): string {
  return createHash("sha256").update(migration.statements.join(";\n")).digest("hex");
}
