/** The instance key (the pepper): a hidden file of the data folder unless the environment gives it. All keyed hashes derive from it. */
import { createHmac, hkdfSync, randomBytes } from "node:crypto";
import { readFileSync, statSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { refusal } from "../domain/refusal.ts";
import { writeNewFile } from "./write-new-file.ts";

/** One instance key with its version; credentials name the version they were hashed under. */
export interface InstanceKey {
  readonly version: number;
  readonly key: Uint8Array;
}

/** The file name of the instance key in the data folder. */
export const instanceKeyFile = ".pepper";

/** The keys of an instance, oldest version first; at least one. */
export interface InstanceKeys {
  readonly keys: readonly InstanceKey[];
  readonly oldest: InstanceKey;
  /** Drops the file that was made for them just now, because they turned out to be of no use. */
  forget(): void;
}

/** The shortest key, in characters. */
const instanceKeyLengthMin = 32;

/**
 * Finds the instance keys. Without one in the environment they are read from the data folder; a folder without
 * `holdsData` gets a new one.
 */
export function openInstanceKeys(options: {
  readonly folder: string;
  /** From the environment. */
  readonly pepper: string | undefined;
  /** Whether the folder has a database: then a missing key is a loss and no first start. */
  readonly holdsData: boolean;
}): InstanceKeys {
  if (options.pepper !== undefined) {
    return instanceKeysOf(options.pepper, "the pepper in the environment");
  }
  const file = join(options.folder, instanceKeyFile);
  const known = readKeyFile(file);
  if (known !== undefined) {
    return instanceKeysOf(known, file);
  }
  const made = makeKeyFile(file, options.holdsData);
  return instanceKeysOf(made.text, file, () => (made.isMine ? unlinkSync(file) : undefined));
}

function instanceKeysOf(
  text: string,
  where: string,
  forget: () => void = () => undefined,
): InstanceKeys {
  const keys = parseInstanceKeys(text, where);
  const [oldest] = keys;
  if (oldest === undefined) {
    throw new TypeError("an instance has at least one key");
  }
  return { keys, oldest, forget };
}

/** Reads keys from lines `VERSION:KEY`; a line without version is version 1. */
export function parseInstanceKeys(text: string, where: string): readonly InstanceKey[] {
  const keys = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map((line) => {
      const [, version = "1", key = ""] = /^(?:(\d{1,6}):)?(.*)$/.exec(line) ?? [];
      if (key.length < instanceKeyLengthMin) {
        throw refusal(`${where} needs at least ${instanceKeyLengthMin} characters in each key`);
      }
      return { version: Number(version), key: new TextEncoder().encode(key) };
    })
    .sort((one, other) => one.version - other.version);
  if (keys.length === 0 || new Set(keys.map(({ version }) => version)).size !== keys.length) {
    throw refusal(`${where} needs one line VERSION:KEY for each key, every version once`);
  }
  return keys;
}

/** Makes a keyed hash for one purpose (HKDF and HMAC, both with SHA-256): the same text, the same hexadecimal answer. */
export function createKeyedHash(
  { key }: InstanceKey,
  purpose:
    | "credential"
    | "tombstone"
    | "fingerprint"
    | "idempotency"
    | "mail-link"
    | "cursor"
    | "oauth-token",
): (text: string) => string {
  const derived = new Uint8Array(hkdfSync("sha256", key, "", `rollcall ${purpose}`, 32));
  return (text) => createHmac("sha256", derived).update(text).digest("hex");
}

function readKeyFile(file: string): string | undefined {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) {
    return undefined;
  }
  if (process.platform !== "win32" && (stats.mode & 0o077) !== 0) {
    throw refusal(
      `${file} can be read by others (mode ${(stats.mode & 0o777).toString(8)}): chmod 600 ${file}`,
    );
  }
  return readFileSync(file, "utf8");
}

function makeKeyFile(
  file: string,
  holdsData: boolean,
): { readonly text: string; readonly isMine: boolean } {
  if (holdsData) {
    throw refusal(
      `${file} is missing, and without it every token is refused: put the file back, or set ROLLCALL_PEPPER. ` +
        "To give the old tokens up, make a key with a version that was never used: " +
        `(umask 077; echo "2:$(openssl rand -hex 32)" > ${file})`,
    );
  }
  const text = `1:${randomBytes(32).toString("base64url")}\n`;
  if (writeNewFile(file, text)) {
    return { text, isMine: true };
  }
  const made = readKeyFile(file);
  if (made === undefined) {
    throw refusal(`${file} was there and is gone: something else changes this folder`);
  }
  return { text: made, isMine: false };
}
