/** One server per data folder with a database in it: a lock file that names the process, and is taken over when that process is gone. */
import { execFileSync } from "node:child_process";
import { readFileSync, renameSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { refusal } from "../domain/refusal.ts";
import { writeNewFile } from "./write-new-file.ts";

/** What the lock file says about the server that holds it. */
export interface LockHolder {
  readonly pid: number;
  /** When that process started, as the operating system says it: tells it from a later one with the same number. */
  readonly started: string;
  /** Where clients reach it, once it listens. */
  readonly url: string | undefined;
}

/** A lock that is held. */
export interface FolderLock {
  /** Writes down where clients reach the server. */
  announce(url: string): void;
  release(): void;
}

/** The file name of the lock in the data folder. */
export const lockFile = ".serve.lock";

/** The file name of the note of a server that has locked nothing. */
const sharedFile = ".serve.shared";

/** How old a take-over may get before another starter goes on without it. */
const takeOverAgeMsMax = 10_000;

/** Takes the lock of a data folder, or says which server has it. */
export function lockFolder(folder: string): FolderLock {
  const file = join(folder, lockFile);
  const mine = { pid: process.pid, started: startOf(process.pid) ?? "", url: undefined };
  if (!writeNewFile(file, JSON.stringify(mine))) {
    takeOver(file, mine, folder);
  }
  return {
    announce: (url) => writeWhole(file, { ...mine, url }),
    release() {
      if (readHolder(file)?.pid === process.pid) {
        unlinkSync(file);
      }
    },
  };
}

/**
 * Notes a server in a data folder that any number of servers may use, because their database is elsewhere; the last
 * one to listen is the one that is found. A folder that is missing or not to be written to notes nothing.
 */
export function noteServer(folder: string): FolderLock {
  const file = join(folder, sharedFile);
  const ifPossible = (work: () => void): void => {
    try {
      work();
    } catch {
      // Commands show another URL then, and --public-url says the right one anyway.
    }
  };
  return {
    announce: (url) =>
      ifPossible(() =>
        writeWhole(file, { pid: process.pid, started: startOf(process.pid) ?? "", url }),
      ),
    release: () =>
      ifPossible(() => (readHolder(file)?.pid === process.pid ? unlinkSync(file) : undefined)),
  };
}

/** A server that runs on a data folder, if one does: the one that has locked it, or the last that was noted in it. */
export function runningServer(
  folder: string,
  kind: "locked" | "noted" = "locked",
): LockHolder | undefined {
  const holder = readHolder(join(folder, kind === "locked" ? lockFile : sharedFile));
  return holder !== undefined && isAlive(holder) ? holder : undefined;
}

/** Replaces the lock of a process that is gone; two starters do so one after the other. */
function takeOver(file: string, mine: LockHolder, folder: string): void {
  const guard = `${file}.take-over`;
  const guardStats = statSync(guard, { throwIfNoEntry: false });
  if (guardStats !== undefined && Date.now() - guardStats.mtimeMs > takeOverAgeMsMax) {
    unlinkSync(guard);
  }
  if (!writeNewFile(guard, JSON.stringify(mine))) {
    throw refusal(`another rollcall is starting on ${folder}`);
  }
  try {
    const holder = readHolder(file);
    if (holder !== undefined && isAlive(holder)) {
      throw refusal(
        `another rollcall (process ${holder.pid}) serves ${folder}${holder.url === undefined ? "" : ` at ${holder.url}`}: ` +
          "stop it first, or give another --data",
      );
    }
    writeWhole(file, mine);
  } finally {
    unlinkSync(guard);
  }
}

function isAlive({ pid, started }: LockHolder): boolean {
  if (pid === process.pid && started !== startOf(pid)) {
    return false;
  }
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process may not be signalled, and is there all the same.
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) {
      return false;
    }
  }
  const now = startOf(pid);
  return now === undefined || started === "" || now === started;
}

/** When a process started: from /proc where there is one, else from ps. */
function startOf(pid: number): string | undefined {
  try {
    // Field 22 of the line; the command in parentheses before it may contain anything.
    const [, fields = ""] = /\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
    return fields.split(" ")[19];
  } catch {
    return startBySystemTool(pid);
  }
}

function startBySystemTool(pid: number): string | undefined {
  try {
    const args = ["-o", "lstart=", "-p", String(pid)];
    const stdio: ["ignore", "pipe", "ignore"] = ["ignore", "pipe", "ignore"];
    const text = execFileSync("ps", args, { encoding: "utf8", stdio }).trim();
    return text === "" ? undefined : text;
  } catch {
    return undefined;
  }
}

function writeWhole(file: string, holder: LockHolder): void {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(holder), { mode: 0o600 });
  renameSync(draft, file);
}

/** Undefined when there is no lock, or one that was never written to its end. */
function readHolder(file: string): LockHolder | undefined {
  try {
    const { pid, started, url } = JSON.parse(readFileSync(file, "utf8"));
    return Number.isSafeInteger(pid) && typeof started === "string"
      ? { pid, started, url: typeof url === "string" ? url : undefined }
      : undefined;
  } catch {
    return undefined;
  }
}
