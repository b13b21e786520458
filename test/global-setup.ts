/**
 * Once for a whole run: a folder for everything temporary, and PostgreSQL from the moment a test asks for it.
 * Both are gone afterwards, also when the run is interrupted or killed.
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmodSync, mkdtempSync } from "node:fs";
import type { Socket } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { PostgresCluster } from "./postgres-cluster.ts";
import { startPostgresCluster } from "./postgres-cluster.ts";
import { postgresSocketVariable } from "./postgres-for-tests.ts";
import { postgresPrograms } from "./postgres-programs.ts";

declare global {
  /** What the projects of a run share; each project loads this file for itself. */
  var rollcallTestRun: { projects: number; readonly end: () => Promise<void> } | undefined;
}

/** Every project of the run calls this: the first one sets up for all, and the last one that ends tears down. */
export async function setup(): Promise<() => Promise<void>> {
  globalThis.rollcallTestRun ??= { projects: 0, end: await startAll() };
  const run = globalThis.rollcallTestRun;
  run.projects += 1;
  return async () => {
    run.projects -= 1;
    if (run.projects === 0) {
      await run.end();
    }
  };
}

async function startAll(): Promise<() => Promise<void>> {
  const run = await startRun();
  const postgres = await offerPostgres(join(run.folder, "postgres"));
  return async () => {
    await postgres.end();
    await run.end();
  };
}

/** Makes the folder of the run, in which all processes of the run put what is temporary. */
async function startRun() {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-run-"));
  if (process.getuid?.() === 0) {
    // PostgreSQL runs as somebody else and has to pass, and to make and drop a folder of its own.
    chmodSync(folder, 0o1733);
  }
  const mark = randomBytes(8).toString("hex");
  const keeper = spawn(
    "sh",
    [fileURLToPath(new URL("run-keeper.sh", import.meta.url)), folder, mark],
    {
      cwd: "/",
      detached: true,
      env: { PATH: process.env["PATH"] },
      stdio: ["pipe", "ignore", "inherit"],
    },
  );
  const gone = once(keeper, "exit");
  process.env["TMPDIR"] = folder;
  process.env["ROLLCALL_TEST_RUN"] = mark;
  return {
    folder,
    end: async () => {
      keeper.stdin.end("done\n");
      await gone;
    },
  };
}

/** Starts PostgreSQL for the first who connects, and tells everybody who connects where it is. */
async function offerPostgres(socket: string) {
  // Installing takes longer than a test may; a run without PostgreSQL is told so by the tests that need it.
  const missing = problemOf(postgresPrograms);
  let cluster: Promise<PostgresCluster> | undefined;
  const answer = async (asking: Socket): Promise<void> => {
    asking.on("error", () => undefined);
    try {
      if (missing !== undefined) {
        throw new Error(missing);
      }
      cluster ??= startPostgresCluster("speed");
      asking.end(JSON.stringify({ url: (await cluster).adminUrl }));
    } catch (error) {
      asking.end(
        JSON.stringify({ problem: error instanceof Error ? error.message : String(error) }),
      );
    }
  };
  const server = createServer((asking) => void answer(asking)).listen(socket);
  await once(server, "listening");
  // A run that forgets to tear down must not be kept alive by this.
  server.unref();
  process.env[postgresSocketVariable] = socket;
  return {
    end: async () => {
      server.close();
      await cluster?.then(
        (running) => running.remove(),
        () => undefined,
      );
    },
  };
}

function problemOf(doing: () => unknown): string | undefined {
  try {
    doing();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
