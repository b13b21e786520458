/** A whole server inside the test, on a data folder of its own, with a clock that the test turns. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject } from "vitest";
import type { Rollcall } from "../packages/server/src/compose.ts";
import { compose } from "../packages/server/src/compose.ts";
import type { Config } from "../packages/server/src/config/config.ts";
import { readConfig } from "../packages/server/src/config/config.ts";
import { scopeOf } from "../packages/server/src/domain/connection.ts";
import type { CredentialScope } from "../packages/server/src/domain/credential.ts";
import type { Scope } from "../packages/server/src/domain/tenant.ts";
import type { TxtResolver } from "../packages/server/src/provisioning/domain-administration.ts";
import type { TestLocale } from "./postgres-for-tests.ts";
import { createTestDatabase } from "./postgres-for-tests.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Where the servers of a project keep their data when the test does not say it; undefined for SQLite. */
    readonly database: DatabaseForTests | undefined;
  }
}

/** SQLite in the data folder, or an empty PostgreSQL database with this locale. */
export type DatabaseForTests = "sqlite" | TestLocale;

/** A server for tests. */
export interface TestRollcall extends Rollcall {
  /** Milliseconds to add to the real time. */
  readonly clock: { aheadMs: number };
  /** What the server wrote to its own log. */
  readonly logLines: readonly string[];
  /** Makes a tenant with a connection and a token. */
  newTenant(slug: string): Promise<{ readonly scope: Scope; readonly token: string }>;
  newToken(scope: Scope, wish?: TokenWish): Promise<string>;
  /** Closes the server and drops its folder and its database. */
  remove(): Promise<void>;
}

/** What a token is like that is not like most. */
interface TokenWish {
  readonly scopes?: readonly CredentialScope[];
  readonly cidrs?: readonly string[];
}

/** The settings of a server on a folder, with whatever the test says otherwise. */
export function configForTests(folder: string, changes: Partial<Config> = {}): Config {
  const reading = readConfig({ flags: { data: folder, port: "0" }, env: {} }, "serve");
  if (reading.kind === "problems") {
    throw new Error(reading.problems.join("\n"));
  }
  return { ...reading.config, failedAuthLimit: 0, rateLimit: 0, ...changes };
}

/** What the settings do not say about a server. */
interface ComposeWish {
  readonly handlerTimeoutMs?: number;
  readonly resolveTxt?: TxtResolver;
  /** The database of the project unless the test is about one; `changes.databaseUrl` names one that is there. */
  readonly database?: DatabaseForTests;
}

/** Puts a server together. */
export async function composeForTests(
  changes: Partial<Config> = {},
  { database = inject("database") ?? "sqlite", ...more }: ComposeWish = {},
): Promise<TestRollcall> {
  const own =
    database === "sqlite" || changes.databaseUrl !== undefined
      ? undefined
      : await createTestDatabase(database);
  const folder = mkdtempSync(join(tmpdir(), "rollcall-test-"));
  const clock = { aheadMs: 0 };
  const logLines: string[] = [];
  const rollcall = await compose({
    config: configForTests(folder, { databaseUrl: own?.url, databasePool: 4, ...changes }),
    writeLog: (line) => logLines.push(line),
    now: () => Date.now() + clock.aheadMs,
    ...more,
  });
  const newToken = async (scope: Scope, wish: TokenWish = {}): Promise<string> => {
    const issued = await rollcall.issueCredential({
      scope,
      name: "",
      lifetime: { kind: "days", days: 30 },
      scopes: wish.scopes ?? ["scim:read", "scim:write"],
      cidrs: wish.cidrs ?? [],
      creator: "test",
    });
    return issued.token;
  };
  return {
    ...rollcall,
    clock,
    logLines,
    newToken,
    async newTenant(slug) {
      const tenant = await rollcall.createTenant({ slug, name: undefined });
      const connection = await rollcall.createConnection({
        tenant,
        profile: "generic",
        slug: undefined,
        name: undefined,
      });
      const scope = scopeOf(connection);
      // What tests look at begins behind the event of the connection, which has a position once the outbox is read.
      await rollcall.store.outbox.list(tenant.tenantId, { after: 0, limit: 1 });
      await rollcall.store.outbox.prune(tenant.tenantId, "2999-01-01T00:00:00.000Z");
      return { scope, token: await newToken(scope) };
    },
    async remove() {
      await rollcall.close();
      await own?.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
