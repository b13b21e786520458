/** Starts one server for the conformance tests of one project, unless SCIM_URL names another service provider. */
import type { TestProject } from "vitest/node";
import type { TestDatabase } from "../test/postgres-for-tests.ts";
import { createTestDatabase } from "../test/postgres-for-tests.ts";
import { startProvider } from "./start-provider.ts";

/** Where a server under test is, for the tests that are its operator too. */
interface ProviderUnderTest {
  readonly dataFolder: string;
  readonly baseUrl: string;
  /** Its PostgreSQL database; undefined for SQLite in the data folder. */
  readonly databaseUrl: string | undefined;
}

declare module "vitest" {
  interface ProvidedContext {
    /** The server under test; undefined when SCIM_URL names one. */
    readonly provider: ProviderUnderTest | undefined;
  }
}

/** Starts the server; answers with what stops it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (process.env["SCIM_URL"] !== undefined) {
    project.provide("provider", undefined);
    return async () => {};
  }
  const database = await databaseOf(project.name);
  // Tests fail to log in on purpose, and they are faster than any client.
  const flags = ["--failed-auth-limit", "0", "--rate-limit", "0"];
  const { dataFolder, baseUrl, stop } = await startProvider(flags, database?.url);
  project.provide("provider", { dataFolder, baseUrl, databaseUrl: database?.url });
  return async () => {
    const code = await stop();
    await database?.drop();
    if (code !== 0) {
      // Vitest only prints what goes wrong here.
      process.exitCode = 1;
      throw new Error(`the server of ${project.name} ended with ${code}`);
    }
  };
}

/** The database of a project, by its name. The locale whose order differs most from that of bytes finds most. */
async function databaseOf(project: string): Promise<TestDatabase | undefined> {
  return project.endsWith("postgres") ? createTestDatabase("icu") : undefined;
}
