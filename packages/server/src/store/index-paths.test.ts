/** A filter on a path that an operator has named is answered through the index, on both databases. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createStandardRegistry, parseFilter, resolveFilter } from "@rollcall/scim";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase } from "../../../../test/postgres-for-tests.ts";
import { parseIndexPaths } from "../domain/index-path.ts";
import { createPopulation, testCircumstances, testQuery } from "./contract-population.ts";
import { openPostgresStore } from "./postgres/open-postgres-store.ts";
import { createPostgresConnections } from "./postgres/postgres-connections.ts";
import { postgresDialect } from "./postgres/postgres-dialect.ts";
import { createPostgresTransactions } from "./postgres/postgres-transactions.ts";
import { searchPlan } from "./sql/find-page.ts";
import { populationFacts } from "./sql/population-facts.ts";
import type { Script } from "./sql/script.ts";
import type { SqlDialect } from "./sql/sql-dialect.ts";
import { openDatabase } from "./sqlite/open-database.ts";
import { openSqliteStore } from "./sqlite/open-sqlite-store.ts";
import { sqliteDialect } from "./sqlite/sqlite-dialect.ts";
import { createSqliteReader } from "./sqlite/sqlite-reader.ts";
import type { Store } from "./store.ts";

/** A store with a way to read its tables beside it. */
interface Opened {
  readonly store: Store;
  readonly dialect: SqlDialect;
  readonly read: <Result>(script: Script<Result>) => Promise<Result>;
  readonly close: () => Promise<void>;
}

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const registry = createStandardRegistry();
const reading = {
  strict: false,
  schemaUris: registry.schemaUris,
  unqualifiedExtensionNames: false,
} as const;

function openingOf() {
  let ids = 0;
  return {
    role: "command",
    keyedHash: (text: string) => text,
    newId: () => `id-${++ids}`,
  } as const;
}

async function openOnSqlite(): Promise<Opened> {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-index-"));
  const store = await openSqliteStore({ ...openingOf(), folder });
  const database = openDatabase(join(folder, "rollcall.db"), {
    readOnly: true,
    synchronous: "FULL",
    busyTimeoutMs: 1000,
    cacheKiB: 1024,
  });
  const reader = createSqliteReader(database);
  return {
    store,
    dialect: sqliteDialect,
    read: reader.read,
    close: async () => {
      reader.close();
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
}

async function openOnPostgres(): Promise<Opened> {
  const database = await createTestDatabase("icu");
  const store = await openPostgresStore({ ...openingOf(), url: database.url });
  const connections = createPostgresConnections({
    url: database.url,
    poolSize: 1,
    patience: "request",
    onTrouble: () => undefined,
  });
  return {
    store,
    dialect: postgresDialect,
    read: createPostgresTransactions(connections).readOnce,
    close: async () => {
      await connections.close();
      await store.close();
      await database.drop();
    },
  };
}

describe.each([
  ["SQLite", openOnSqlite],
  ["PostgreSQL", openOnPostgres],
] as const)("on %s", (_, open) => {
  let opened: Opened;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened.close());

  test("nothing is searched for it once it has an index, and everything again without", async () => {
    const { store, dialect, read } = opened;
    const population = await createPopulation(store);
    const { scope, connection } = population;
    const user = registry.named("User");
    if (user === undefined) {
      throw new Error("there are users");
    }
    await population.create(user, { userName: "ann", title: "Dr", nickName: "A" });
    const planOf = async (text: string): Promise<string> => {
      const facts = await read(populationFacts(scope, user, dialect));
      if (facts === undefined) {
        throw new Error("there is a population");
      }
      const filter = resolveFilter(parseFilter(text, reading), user, reading);
      const asked = { resourceType: user, filter, sortBy: undefined, relations: [] };
      const query = { ...testQuery(user), parts: [asked] };
      return searchPlan({ part: 0, asked, facts }, { scope, query, dialect }).kind;
    };
    const save = (...paths: readonly string[]) =>
      store.connections.save(
        { ...connection, indexPaths: parseIndexPaths(paths, registry) },
        [{ resourceType: user, paths: ["userName"] }],
        testCircumstances,
      );
    const title = 'title eq "dr"';
    const department = `${enterprise}:department eq "x" and active eq true`;
    const phone = 'phoneNumbers[value eq "1" and type eq "work"]';
    expect(await planOf('userName eq "ann"')).toBe("candidates");
    expect(await planOf(title)).toBe("readAll");
    await save("User:title", `User:${enterprise}:department`, "User:phoneNumbers.value");
    for (const text of [title, department, phone, `${title} or userName eq "x"`]) {
      expect(await planOf(text), text).toBe("candidates");
    }
    for (const text of ['nickName eq "a"', `${title} or nickName eq "a"`, 'title co "d"']) {
      expect(await planOf(text), text).toBe("readAll");
    }
    await save("none");
    expect(await planOf(title)).toBe("readAll");
  });
});
