/** A whole server inside the test, on a data folder of its own, with a clock that the test turns. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Rollcall } from "../packages/server/src/compose.ts";
import { compose } from "../packages/server/src/compose.ts";
import type { Config } from "../packages/server/src/config/config.ts";
import { readConfig } from "../packages/server/src/config/config.ts";
import { scopeOf } from "../packages/server/src/domain/connection.ts";
import type { CredentialScope } from "../packages/server/src/domain/credential.ts";
import type { Scope } from "../packages/server/src/domain/tenant.ts";

/** A server for tests. */
export interface TestRollcall extends Rollcall {
  /** Milliseconds to add to the real time. */
  readonly clock: { aheadMs: number };
  /** What the server wrote to its own log. */
  readonly logLines: readonly string[];
  /** Makes a tenant with a connection and a token. */
  newTenant(slug: string): Promise<{ readonly scope: Scope; readonly token: string }>;
  newToken(scope: Scope, wish?: TokenWish): Promise<string>;
  /** Closes the server and drops the folder. */
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

/** Puts a server together. */
export async function composeForTests(
  changes: Partial<Config> = {},
  more: { readonly handlerTimeoutMs?: number } = {},
): Promise<TestRollcall> {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-test-"));
  const clock = { aheadMs: 0 };
  const logLines: string[] = [];
  const rollcall = await compose({
    config: configForTests(folder, changes),
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
      return { scope, token: await newToken(scope) };
    },
    async remove() {
      await rollcall.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
