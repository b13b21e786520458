/** Brings a schema up to date, migration by migration, each in its own transaction. */
import { createHash } from "node:crypto";
import { refusal } from "../../domain/refusal.ts";
import type { Migration } from "./migrations/migration.ts";
import type { Script, Verdict } from "./script.ts";
import { changesOf, rowsOf } from "./script.ts";
import type { Statement } from "./statement.ts";
import { statement } from "./statement.ts";

interface AppliedMigration {
  readonly number: number;
  readonly title: string;
  readonly checksum: string;
  readonly breaking: number;
}

/** What differs between the databases when they are migrated. */
export interface MigrationSite {
  /** Runs one script in a transaction of its own, so that a process that dies leaves all of it or nothing. */
  readonly runStep: <Result>(script: () => Script<Verdict<Result>>) => Result | Promise<Result>;
  /** What makes the history, unless it is there. */
  readonly history: readonly string[];
  /** Makes other starters wait until the transaction is over, where beginning it does not. */
  readonly lock: readonly Statement[];
  readonly nowMs: () => number;
}

/**
 * Applies what is missing. Throws when the database has a breaking migration that this program does not know, or when
 * an applied migration is not the one this program has.
 */
export async function migrate(
  site: MigrationSite,
  migrations: readonly Migration[],
  onMigrated: OnMigrated = () => undefined,
): Promise<void> {
  await site.runStep(() => createHistory(site.history));
  for (const migration of migrations) {
    if (await site.runStep(() => applyMigration(migration, migrations, site))) {
      onMigrated(migration);
    }
  }
}

/** Told of each migration that was applied, once it is committed. */
export type OnMigrated = (migration: Migration) => void;

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

function* createHistory(statements: readonly string[]): Script<Verdict<void>> {
  for (const sql of statements) {
    yield* changesOf(statement(sql));
  }
  return { kind: "keep", result: undefined };
}

// The history is read inside the transaction: another process may have migrated while this one waited for the lock.
function* applyMigration(
  migration: Migration,
  migrations: readonly Migration[],
  { lock, nowMs }: MigrationSite,
): Script<Verdict<boolean>> {
  yield lock;
  const applied = yield* readHistory();
  checkHistory(applied, migrations);
  if (applied.some(({ number }) => number === migration.number)) {
    return { kind: "undo", result: false };
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
      new Date(nowMs()).toISOString(),
    ),
  );
  return { kind: "keep", result: true };
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
