/**
 * Keeps filled databases from one run to the next. They are found by the size of the directory and by what a small
 * directory looks like when it is filled in now, so that a database from before a change of the program is not taken.
 */
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FillTarget } from "./fill-directory.ts";
import { fillDirectory } from "./fill-directory.ts";
import type { Directory, DirectorySize } from "./generate-directory.ts";
import { generateDirectory } from "./generate-directory.ts";

/** Where filled databases come from. */
export interface FillPlace {
  /** Makes an empty database of the name, for a folder. */
  create(name: string, folder: string): Promise<FillTarget>;
  /** Tells whether the filled database of the name is still there. */
  exists(name: string): Promise<boolean>;
  /** Everything it holds and how, as text. */
  dump(target: FillTarget): Promise<string>;
  /** Makes a filled database ready to be copied. */
  finish(target: FillTarget): Promise<void>;
  drop(name: string): Promise<void>;
  /** How many writes are under way at once. */
  readonly together: number;
}

/** A filled database, to be copied and not to be used. */
export interface Filled {
  readonly name: string;
  readonly folder: string;
  readonly token: string;
}

const tokenFile = "bench-token";
const seed = 1;

/** The folder of everything a bench keeps. */
export function cacheFolder(): string {
  const told = process.env["ROLLCALL_BENCH_FOLDER"];
  const folder = told ?? join(tmpdir(), `rollcall-bench-${process.getuid?.() ?? 0}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

const ownFolders = `site-${process.pid}-`;

/** Makes a folder in it that nobody else uses. */
export function newFolder(): string {
  return mkdtempSync(join(cacheFolder(), ownFolders));
}

/** Drops the folders that this process made, and those of processes that are gone. */
export function dropFolders(): void {
  for (const name of readdirSync(cacheFolder())) {
    const pid = /^site-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && (name.startsWith(ownFolders) || !isRunning(Number(pid)))) {
      rmSync(join(cacheFolder(), name), { recursive: true, force: true });
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The directory of a size: always the same one. */
export function benchDirectory(size: DirectorySize): Directory {
  return generateDirectory(seed, size);
}

/** Answers with filled databases, filling those that are not there yet. */
export function createFilledCache(
  prefix: string,
  place: FillPlace,
): (size: DirectorySize) => Promise<Filled> {
  let shape: Promise<string> | undefined;
  const used = new Set<string>();
  return async (size) => {
    shape ??= shapeNow(prefix, place);
    const key = hashOf(`${await shape} ${JSON.stringify(size)}`);
    const name = `${prefix}_${size.users}_${key}`;
    used.add(name);
    const folder = join(cacheFolder(), name);
    if (existsSync(folder) && (await place.exists(name))) {
      return { name, folder, token: readFileSync(join(folder, tokenFile), "utf8") };
    }
    // A database of a million is large: those that no key leads to any more go.
    const old = readdirSync(cacheFolder()).filter(
      (one) => one.startsWith(`${prefix}_${size.users}_`) && (one === name || !used.has(one)),
    );
    for (const one of [name, ...old]) {
      rmSync(join(cacheFolder(), one), { recursive: true, force: true });
      await place.drop(one);
    }
    return fillNow(name, folder, size, place);
  };
}

async function fillNow(
  name: string,
  folder: string,
  size: DirectorySize,
  place: FillPlace,
): Promise<Filled> {
  const unfinished = newFolder();
  const target = await place.create(name, unfinished);
  const from = performance.now();
  const token = await fillDirectory(target, benchDirectory(size), {
    together: place.together,
    onProgress: (users) => {
      if (Math.floor(users / 50_000) > Math.floor(Math.max(0, users - place.together) / 50_000)) {
        process.stderr.write(`  ${users} users filled in\n`);
      }
    },
  });
  await place.finish(target);
  writeFileSync(join(unfinished, tokenFile), token);
  renameSync(unfinished, folder);
  if (size.users >= 10_000) {
    const seconds = (performance.now() - from) / 1000;
    process.stderr.write(`  ${name}: ${Math.round(size.users / seconds)} users/s\n`);
  }
  return { name, folder, token };
}

/** What three people and two groups leave in the database, ids and numbers aside. */
async function shapeNow(prefix: string, place: FillPlace): Promise<string> {
  const folder = newFolder();
  const name = `${prefix}_shape_${process.pid}`;
  try {
    const target = await place.create(name, folder);
    await fillDirectory(target, benchDirectory({ users: 3 }), {
      together: 1,
      onProgress: () => undefined,
    });
    const text = await place.dump(target);
    return hashOf(text.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "?").replace(/[0-9a-f]*\d{2,}/g, "#"));
  } finally {
    await place.drop(name);
    rmSync(folder, { recursive: true, force: true });
  }
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 10);
}
