/** Starts one server for all conformance tests of a run, unless SCIM_URL names another service provider. */
import type { TestProject } from "vitest/node";
import { startProvider } from "./start-provider.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The server under test; undefined when SCIM_URL names one. */
    readonly provider: { readonly dataFolder: string; readonly baseUrl: string } | undefined;
  }
}

/** Starts the server; answers with what stops it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (process.env["SCIM_URL"] !== undefined) {
    project.provide("provider", undefined);
    return async () => {};
  }
  // Tests fail to log in on purpose, and they are faster than any client.
  const server = await startProvider(["--failed-auth-limit", "0", "--rate-limit", "0"]);
  project.provide("provider", { dataFolder: server.dataFolder, baseUrl: server.baseUrl });
  return async () => {
    const code = await server.stop();
    if (code !== 0) {
      throw new Error(`the server ended with ${code}`);
    }
  };
}
