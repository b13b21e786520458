/** Starts the built server as a process of its own, and stops or kills it. */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { runCommand } from "../command-line.ts";

const main = resolve("packages/server/dist/cli/main.js");
const readyPattern = /^rollcall listening on (http\S+)$/m;
const readyWithinMs = 20_000;

/** A running server. */
export interface RollcallProcess {
  /** Base URL of SCIM, `http://127.0.0.1:PORT/scim/v2`. */
  readonly baseUrl: string;
  /** Everything it has written to stdout so far. */
  stdout(): string;
  /** Everything it has written to stderr so far. */
  stderr(): string;
  /** Kills it without any chance to clean up, and waits until it is gone. */
  kill(): Promise<void>;
  /** Asks it to stop and answers with its exit code. */
  stop(): Promise<number | null>;
  /** Settles with the exit code when it ends, whatever made it end. */
  readonly ended: Promise<number | null>;
}

/** Makes a data folder that `remove` takes away again. */
export function makeDataFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), "rollcall-e2e-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Runs one command of the CLI, without a process of its own, and answers with its stdout; throws with its stderr when it fails. */
export async function rollcall(...words: readonly string[]): Promise<string> {
  const { code, out, err } = await runCommand(words, { env: process.env });
  if (code !== 0) {
    throw new Error(`rollcall ${words.join(" ")} ended with ${code}: ${err}`);
  }
  return out.trim();
}

/** Starts one command and kills it after a while, unless it has ended by itself; answers with whether it was killed. */
export async function rollcallKilled(
  afterMs: number,
  ...words: readonly string[]
): Promise<boolean> {
  const child = spawn(process.execPath, [main, ...words], { stdio: "ignore" });
  const timer = setTimeout(() => child.kill("SIGKILL"), afterMs);
  const signal = await new Promise((settle) => child.once("exit", (_, name) => settle(name)));
  clearTimeout(timer);
  return signal === "SIGKILL";
}

/** Starts `rollcall serve` on a data folder and waits for its ready line. */
export async function serve(
  folder: string,
  options: readonly string[] = [],
): Promise<RollcallProcess> {
  const child = spawn(
    process.execPath,
    [main, "serve", "--data", folder, "--port", "0", ...options],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  let stdout = "";
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const exited = new Promise<number | null>((settle) => child.once("exit", settle));
  const origin = await new Promise<string>((settle, fail) => {
    const timer = setTimeout(() => fail(new Error(`not ready in time: ${stderr}`)), readyWithinMs);
    child.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk.toString();
      const ready = readyPattern.exec(stdout)?.[1];
      if (ready !== undefined) {
        clearTimeout(timer);
        settle(ready);
      }
    });
    void exited.then((code) => {
      clearTimeout(timer);
      fail(new Error(`serve ended with ${code} before it was ready: ${stderr}`));
    });
  });
  return {
    baseUrl: `${origin}/scim/v2`,
    stdout: () => stdout,
    stderr: () => stderr,
    kill: () => end(child, "SIGKILL", exited).then(() => undefined),
    stop: () => end(child, "SIGTERM", exited),
    ended: exited,
  };
}

function end(child: ChildProcess, signal: NodeJS.Signals, exited: Promise<number | null>) {
  child.kill(signal);
  return exited;
}
