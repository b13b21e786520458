/** What only a look into the tables shows of logins that tenants have bound: whom they lead to, and when they go, on both databases. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { createStandardRegistry } from "@rollcall/scim";
import pg from "pg";
import { afterEach, describe, expect, test } from "vitest";
import { createTestDatabase } from "../../../../test/postgres-for-tests.ts";
import type { Account, AccountId } from "../domain/account.ts";
import { newId } from "../provisioning/new-id.ts";
import {
  createPopulation,
  populationOf,
  testCircumstances,
  testConnection,
  testTime,
  testTypes,
} from "./contract-population.ts";
import { openPostgresStore } from "./postgres/open-postgres-store.ts";
import { openSqliteStore } from "./sqlite/open-sqlite-store.ts";
import { SqliteDriver } from "./sqlite/sqlite-driver.ts";
import type { Store } from "./store.ts";

/** A store, and a way behind its back: logins have their own ways of being bound. */
interface Opened {
  readonly store: Store;
  change(sql: string): Promise<void>;
}

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) {
    await close();
  }
});

const opening = { newId, keyedHash: (text: string) => text, role: "command" } as const;

async function openSqlite(): Promise<Opened> {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-verified-"));
  closing.push(async () => rmSync(folder, { recursive: true }));
  const store = await openSqliteStore({ folder, ...opening });
  closing.push(() => store.close());
  return {
    store,
    change: async (sql) => {
      const database = new SqliteDriver(join(folder, "rollcall.db"));
      database.exec(sql);
      database.close();
      // Reads of one turn of the event loop share what they see.
      await nextTurn();
    },
  };
}

async function openPostgres(): Promise<Opened> {
  const { url, drop } = await createTestDatabase();
  closing.push(drop);
  const store = await openPostgresStore({ url, ...opening });
  closing.push(() => store.close());
  return {
    store,
    change: async (sql) => {
      const client = new pg.Client(url);
      await client.connect();
      await client.query(sql);
      await client.end();
    },
  };
}

const ann: Account = {
  accountId: "ann" as AccountId,
  email: "ann@acme.example",
  emailVerified: false,
  hasLogin: true,
  name: undefined,
  preferredLanguage: undefined,
  ref: undefined,
  madeBy: undefined,
  created: testTime(0),
  revision: 1,
};

describe.each([
  ["SQLite", openSqlite],
  ["PostgreSQL", openPostgres],
])("%s", (_, open) => {
  test("logins that tenants have bound go, but those of the tenant that has the domain", async () => {
    const { store, change } = await open();
    const owner = await createPopulation(store, "owner");
    const foreign = await createPopulation(store, "foreign");
    await store.accounts.create(ann, testCircumstances);
    await store.accounts.create(
      { ...ann, accountId: "bea" as AccountId, email: "bea@acme.example" },
      testCircumstances,
    );
    const domain = "acme.example";
    const { tenantId } = owner.scope;
    const wanted = { domain, challenge: "c", created: testTime(0) };
    await store.domains.add(tenantId, wanted, testCircumstances);
    const proof = { method: "dns", isShared: false } as const;
    await store.domains.verify(tenantId, domain, proof, testCircumstances);
    const wish = { kind: "add", role: "user" } as const;
    for (const { scope } of [owner, foreign]) {
      for (const accountId of ["ann", "bea"] as AccountId[]) {
        await store.memberships.fulfil(scope.tenantId, accountId, wish, testCircumstances);
        await change(
          `INSERT INTO login_identities (tenant_id, subject, account_id)
           VALUES ('${scope.tenantId}', 'subject of ${accountId}', '${accountId}')`,
        );
      }
    }
    const logins = ({ scope }: typeof owner, accountId: string) =>
      store.memberships
        .held(scope.tenantId, accountId as AccountId)
        .then(({ loginSubjects }) => loginSubjects.length);
    const events = ({ scope }: typeof owner) =>
      store.outbox.list(scope.tenantId, { after: 0, limit: 99 });
    const before = (await events(foreign)).length;
    const ofOwner = await events(owner);
    await store.accounts.change(ann.accountId, { emailVerified: true }, testCircumstances);
    expect(await Promise.all([owner, foreign].map((one) => logins(one, "ann")))).toEqual([1, 0]);
    expect(await Promise.all([owner, foreign].map((one) => logins(one, "bea")))).toEqual([1, 1]);
    // Access that was given by hand stays; whoever is logged in by what went has to log in anew.
    const told = (await events(foreign)).slice(before);
    expect(told.map(({ type, resourceId }) => [type, resourceId])).toEqual([
      ["sessions.revoke", "ann"],
    ]);
    expect(await events(owner)).toEqual(ofOwner);
    const [entry] = await store.auditLog.list(foreign.scope.tenantId, {
      action: "account.update",
      limit: 9,
    });
    expect(entry?.differences).toContainEqual({ path: "access.logins", before: 1, after: 0 });
  });

  test("a User is whoever has a login of its externalId, but where that need not be unique", async () => {
    const { store, change } = await open();
    const main = await createPopulation(store, "acme");
    const connection = { ...testConnection(main.tenant, "entra"), profile: "entra" } as const;
    await store.connections.create(connection, testCircumstances);
    const entra = populationOf(store, main.tenant, connection);
    await store.accounts.create({ ...ann, emailVerified: true }, testCircumstances);
    const { tenantId } = main.scope;
    const wish = { kind: "add", role: "user" } as const;
    await store.memberships.fulfil(tenantId, ann.accountId, wish, testCircumstances);
    await change(
      `INSERT INTO login_identities (tenant_id, subject, account_id)
       VALUES ('${tenantId}', 'jsmith', 'ann')`,
    );
    const { user } = testTypes(createStandardRegistry());
    const attributes = { userName: "joe@acme.example", externalId: "jsmith" };
    const behind = async (population: typeof main) => {
      const { id } = await population.create(user, attributes);
      return (await store.memberships.linkOf(population.scope, id))?.accountId;
    };
    expect(await behind(entra)).not.toBe("ann");
    expect(await behind(main)).toBe("ann");
  });
});
