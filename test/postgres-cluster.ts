/** A PostgreSQL cluster in a temporary folder on a port of its own, gone when the process that started it is gone. */
import type { ChildProcessByStdio } from "node:child_process";
import { spawn } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { once } from "node:events";
import { chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Interface } from "node:readline";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { postgresPrograms } from "./postgres-programs.ts";

/** What the cluster is for: `speed` takes back what makes a cluster survive a crash of the machine. */
export type ClusterPurpose = "speed" | "durability";

/** A running cluster. */
export interface PostgresCluster {
  /** The URL of the database `postgres`, for its superuser. */
  readonly adminUrl: string;
  stop(mode: "fast" | "immediate"): Promise<void>;
  start(): Promise<void>;
  /** Stops it and drops its files. */
  remove(): Promise<void>;
}

const keeper = readFileSync(new URL("postgres-keeper.sh", import.meta.url), "utf8");

/** Makes a cluster and starts it. */
export async function startPostgresCluster(purpose: ClusterPurpose): Promise<PostgresCluster> {
  const programs = postgresPrograms();
  const user = unprivilegedUser();
  const home = mkdtempSync(join(tmpdir(), "postgres-"));
  const password = randomBytes(12).toString("hex");
  const port = await freePort();
  for (const [name, text] of [
    ["password", password],
    ["settings", settingsOf(purpose, port)],
  ] as const) {
    writeFileSync(join(home, name), text, { mode: 0o600 });
    own(join(home, name), user);
  }
  own(home, user);
  const give = keep(programs, home, user);
  const order = async (word: string): Promise<void> => {
    const code = await give.order(word);
    if (code !== "0") {
      throw new Error(`PostgreSQL failed to ${word}:\n${logOf(home)}`);
    }
  };
  try {
    await order("init");
    await order("start");
  } catch (error) {
    await give.end();
    throw error;
  }
  return {
    adminUrl: `postgres://rollcall:${password}@127.0.0.1:${port}/postgres`,
    stop: order,
    start: () => order("start"),
    remove: () => give.end(),
  };
}

interface Keeper {
  /** Answers with the exit code in text. */
  order(word: string): Promise<string>;
  end(): Promise<void>;
}

/** Starts the shell that stands between this process and PostgreSQL: it learns of our end even when we are killed. */
function keep(programs: string, home: string, user: User | undefined): Keeper {
  // Detached, so that a Ctrl-C meant for the tests does not take the keeper first.
  const shell = spawn("sh", ["-c", keeper, "postgres-keeper", programs, home], {
    ...user,
    cwd: home,
    detached: true,
    env: { PATH: process.env["PATH"], LC_ALL: "C" },
    stdio: ["pipe", "pipe", "ignore"],
  });
  const exited = exitOf(shell);
  const answers = answersOf(shell);
  let queue: Promise<unknown> = Promise.resolve();
  const ask = async (word: string): Promise<string> => {
    shell.stdin.write(`${word}\n`);
    return Promise.race([answers(), exited.then(() => "ended")]);
  };
  return {
    order: (word) => {
      const answered = queue.then(() => ask(word));
      queue = answered;
      return answered;
    },
    end: async () => {
      shell.stdin.end();
      await exited;
      // The keeper may drop what is in its folder, but not always the folder itself.
      rmSync(home, { recursive: true, force: true });
    },
  };
}

type Shell = ChildProcessByStdio<Writable, Readable, null>;

/** Settles when the shell is gone, or could not be started. */
function exitOf(shell: Shell): Promise<void> {
  // A keeper that is gone cannot take orders; that its end is known suffices.
  shell.stdin.on("error", () => undefined);
  return new Promise((settle) => {
    shell.once("exit", () => settle());
    shell.once("error", () => settle());
  });
}

/** Answers with a function that waits for the next line. */
function answersOf(shell: Shell): () => Promise<string> {
  const lines: Interface = createInterface(shell.stdout);
  return async () => {
    const [line] = await once(lines, "line");
    return String(line);
  };
}

function settingsOf(purpose: ClusterPurpose, port: number): string {
  return [
    `port = ${port}`,
    "listen_addresses = '127.0.0.1'",
    // A path of a socket may be 100 characters long, which a temporary folder reaches.
    "unix_socket_directories = ''",
    "max_connections = 300",
    ...(purpose === "speed"
      ? ["fsync = off", "full_page_writes = off", "synchronous_commit = off"]
      : []),
  ]
    .join("\n")
    .concat("\n");
}

/**
 * A port that is free now, from below those that the system gives to outgoing connections: it would give the port of
 * a stopped cluster to a client that tries to reach it, and the client would reach itself.
 */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 30_000);
    const server = createServer();
    const free = new Promise<boolean>((settle) => {
      server.once("error", () => settle(false));
      server.listen(port, "127.0.0.1", () => settle(true));
    });
    if (await free) {
      server.close();
      await once(server, "close");
      return port;
    }
  }
}

interface User {
  readonly uid: number;
  readonly gid: number;
}

/** Whom PostgreSQL runs as: it refuses root. Undefined when this process is somebody else already. */
function unprivilegedUser(): User | undefined {
  if (process.getuid?.() !== 0) {
    return undefined;
  }
  const users = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  for (const wanted of ["postgres", "nobody"]) {
    const [, , uid, gid] = users.find(([name]) => name === wanted) ?? [];
    if (uid !== undefined && gid !== undefined) {
      return { uid: Number(uid), gid: Number(gid) };
    }
  }
  throw new Error("PostgreSQL does not run as root, and there is no user postgres or nobody");
}

function own(path: string, user: User | undefined): void {
  if (user !== undefined) {
    chownSync(path, user.uid, user.gid);
  }
}

function logOf(home: string): string {
  try {
    return readFileSync(join(home, "log"), "utf8").split("\n").slice(-30).join("\n");
  } catch {
    return "there is no log";
  }
}
