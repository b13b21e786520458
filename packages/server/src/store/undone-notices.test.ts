/** What a transaction that does not stand had staged is sent to nobody, on both databases. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { createTestDatabase } from "../../../../test/postgres-for-tests.ts";
import type { Account, AccountId } from "../domain/account.ts";
import { newId } from "../provisioning/new-id.ts";
import type { TestPopulation } from "./contract-population.ts";
import { createPopulation, testStartMs, testTime } from "./contract-population.ts";
import { openPostgresStore } from "./postgres/open-postgres-store.ts";
import { createPostgresConnections } from "./postgres/postgres-connections.ts";
import { postgresDialect } from "./postgres/postgres-dialect.ts";
import { createPostgresTransactions } from "./postgres/postgres-transactions.ts";
import type { PersonNotice } from "./sql/person-site.ts";
import { recordNoticeByHand, recordNotices } from "./sql/record-notices.ts";
import type { Script, Verdict } from "./sql/script.ts";
import type { SqlContext } from "./sql/sql-context.ts";
import type { SqlDialect } from "./sql/sql-dialect.ts";
import { openDatabase } from "./sqlite/open-database.ts";
import { openSqliteStore } from "./sqlite/open-sqlite-store.ts";
import { sqliteDialect } from "./sqlite/sqlite-dialect.ts";
import { createSqliteWriter } from "./sqlite/sqlite-writer.ts";
import type { Store } from "./store.ts";

/** A store, and its way to write for scripts of tests. */
interface Opened {
  readonly store: Store;
  readonly dialect: SqlDialect;
  readonly write: <Result>(script: () => Script<Verdict<Result>>) => Promise<Result>;
}

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) {
    await close();
  }
});

const outside = { newId, keyedHash: (text: string) => text, role: "command" } as const;

async function openSqlite(): Promise<Opened> {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-undone-"));
  closing.push(async () => rmSync(folder, { recursive: true }));
  const store = await openSqliteStore({ folder, ...outside });
  closing.push(() => store.close());
  const database = openDatabase(join(folder, "rollcall.db"), {
    readOnly: false,
    synchronous: "FULL",
    busyTimeoutMs: 10_000,
    cacheKiB: 1024,
  });
  const { write, close } = createSqliteWriter(database, { waitMsMax: 10_000 });
  closing.push(async () => close());
  return { store, dialect: sqliteDialect, write };
}

async function openPostgres(): Promise<Opened> {
  const { url, drop } = await createTestDatabase();
  closing.push(drop);
  const store = await openPostgresStore({ url, ...outside });
  closing.push(() => store.close());
  const connections = createPostgresConnections({
    url,
    poolSize: 2,
    patience: "request",
    onTrouble: () => undefined,
  });
  closing.push(() => connections.close());
  const { write } = createPostgresTransactions(connections);
  return { store, dialect: postgresDialect, write };
}

const ann: Account = {
  accountId: "ann" as AccountId,
  email: "ann@acme.example",
  emailVerified: true,
  hasLogin: true,
  name: "Ann",
  preferredLanguage: undefined,
  ref: undefined,
  madeBy: undefined,
  created: testTime(0),
  revision: 1,
};
const bea = { ...ann, accountId: "bea" as AccountId, email: "bea@acme.example" };

/** Stages a notice, an invitation and a notice of an operator. */
function* stageAll(
  { scope, tenant, connection }: TestPopulation,
  dialect: SqlDialect,
  at: string,
): Script<void> {
  const context: SqlContext = {
    dialect,
    newId,
    newSequence: () => 1,
    keyedHash: (text) => text,
    nowMs: () => testStartMs,
  };
  const names = { tenantName: tenant.name, connectionName: connection.name };
  const told = { language: undefined, role: "user" };
  const notices: readonly PersonNotice[] = [
    { kind: "attached", account: ann, ...told },
    { kind: "invitation", account: ann, invitationId: newId(), ...told },
  ];
  yield* recordNotices({ scope, resourceId: "user-1", at, context, ...names }, notices);
  const site = { tenantId: scope.tenantId, tenantName: tenant.name, at, context };
  yield* recordNoticeByHand(site, { kind: "detached", account: bea, ...told });
}

describe.each([
  ["SQLite", openSqlite],
  ["PostgreSQL", openPostgres],
] as const)("on %s", (_, open) => {
  test("what was staged before a script throws, or is taken back, is not sent", async () => {
    const { store, dialect, write } = await open();
    const population = await createPopulation(store);
    const { tenantId } = population.scope;
    const mails = async () => {
      // Reads of one turn of the event loop share what they see.
      await nextTurn();
      const all = await store.mails.list(tenantId, { limit: 99 });
      return all.map(({ kind, to }) => `${kind} ${to}`);
    };
    const due = async () =>
      (await store.mails.claimDue(testStartMs + 3_600_000, 99)).map(({ kind }) => kind);

    await expect(
      write(function* (): Script<Verdict<void>> {
        yield* stageAll(population, dialect, testTime(1));
        throw new Error("too late");
      }),
    ).rejects.toThrow("too late");
    const undone = await write(function* (): Script<Verdict<string>> {
      yield* stageAll(population, dialect, testTime(2));
      return { kind: "undo", result: "undone" };
    });
    expect(undone).toBe("undone");
    // Beside others that stand, in what may be one transaction.
    const outcomes = await Promise.allSettled(
      [3, 4, 5].map((second) =>
        write(function* (): Script<Verdict<void>> {
          yield* stageAll(population, dialect, testTime(second));
          if (second !== 4) {
            throw new Error("too late");
          }
          return { kind: "undo", result: undefined };
        }),
      ),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "rejected"]);
    expect(await mails()).toEqual([]);
    expect(await due()).toEqual([]);

    await write(function* (): Script<Verdict<void>> {
      yield* stageAll(population, dialect, testTime(6));
      return { kind: "keep", result: undefined };
    });
    const all = [
      "attached ann@acme.example",
      "detached bea@acme.example",
      "invitation ann@acme.example",
    ];
    expect((await mails()).toSorted()).toEqual(all);
    expect((await due()).toSorted()).toEqual(["attached", "detached", "invitation"]);
  });
});
