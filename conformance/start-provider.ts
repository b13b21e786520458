/** Starts a real server process on a data folder of its own and any free port. */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A running server. */
export interface StartedProvider {
  readonly dataFolder: string;
  /** The SCIM base URL. */
  readonly baseUrl: string;
  readonly processId: number;
  /** Ends the process, answers with its exit code and drops the data folder. */
  stop(): Promise<number | null>;
}

const root = fileURLToPath(new URL("..", import.meta.url));
/** Runs from source, so that no stale build is ever tested. */
const command = ["--import", "tsx", "--conditions=source", "packages/server/src/cli/main.ts"];

/** Starts a server and waits for its ready line; flags are those of `rollcall serve`. On SQLite without a database URL. */
export async function startProvider(
  flags: readonly string[] = [],
  databaseUrl = "",
): Promise<StartedProvider> {
  const dataFolder = await mkdtemp(join(tmpdir(), "rollcall-"));
  const args = [...command, "serve", "--data", dataFolder, "--port", "0", ...flags];
  const server = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ROLLCALL_DATABASE_URL: databaseUrl },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = new Promise<number | null>((resolve) => server.once("exit", resolve));
  const said: string[] = [];
  const ready = new Promise<string>((resolve, reject) => {
    const listen = (chunk: Buffer) => {
      said.push(String(chunk));
      const [, url] = /^rollcall listening on (\S+)$/m.exec(said.join("")) ?? [];
      if (url !== undefined) {
        resolve(`${url}/scim/v2`);
      }
    };
    server.stdout.on("data", listen);
    server.stderr.on("data", listen);
    server.once("exit", (code) =>
      reject(new Error(`the server ended with ${code}:\n${said.join("")}`)),
    );
  });
  const dropFolder = () => rm(dataFolder, { recursive: true, force: true });
  const baseUrl = await ready.catch(async (error: unknown) => {
    await dropFolder();
    throw error;
  });
  return {
    dataFolder,
    baseUrl,
    processId: server.pid ?? 0,
    stop: async () => {
      server.kill("SIGTERM");
      const code = await exited;
      await dropFolder();
      return code;
    },
  };
}
