import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Credential } from "../domain/credential.ts";
import { createKeyedHash, openInstanceKeys, parseInstanceKeys } from "./instance-key.ts";
import { createSecretHash } from "./secret-hash.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-key-"));
});
afterEach(() => rmSync(folder, { recursive: true }));
const open = (holdsData = false) => {
  const { keys, oldest, forget } = openInstanceKeys({ folder, pepper: undefined, holdsData });
  expect(oldest).toBe(keys[0]);
  return { keys, forget };
};

describe("the key file", () => {
  test("is made once, for its owner alone, and stays", () => {
    const first = open();
    expect(readdirSync(folder)).toEqual([".pepper"]);
    expect(statSync(join(folder, ".pepper")).mode & 0o777).toBe(0o600);
    const text = readFileSync(join(folder, ".pepper"), "utf8");
    expect(open().keys).toEqual(first.keys);
    expect(open(true).keys).toEqual(first.keys);
    expect(readFileSync(join(folder, ".pepper"), "utf8")).toBe(text);
  });

  test.each([0o640, 0o604, 0o666])("is refused with mode %o", (mode) => {
    open();
    chmodSync(join(folder, ".pepper"), mode);
    expect(() => open()).toThrow("chmod 600");
  });

  test("is not made anew where there are data: every token would be refused without a word", () => {
    expect(() => open(true)).toThrow("put the file back");
    expect(readdirSync(folder)).toEqual([]);
  });

  test("is not touched when the environment gives the key", () => {
    const { keys } = openInstanceKeys({ folder, pepper: "x".repeat(32), holdsData: true });
    expect(keys).toHaveLength(1);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("is forgotten by who made it alone", () => {
    const maker = open();
    open().forget();
    expect(readdirSync(folder)).toEqual([".pepper"]);
    maker.forget();
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("keys as text", () => {
  test("a line without version is version 1; the oldest comes first", () => {
    const [one, two] = parseInstanceKeys(`2:${"b".repeat(32)}\n${"a".repeat(32)}\n`, "here");
    expect([one?.version, two?.version]).toEqual([1, 2]);
  });

  test.each(["", "\n", "short", `1:${"a".repeat(31)}`, `1:${"a".repeat(32)}\n1:${"b".repeat(32)}`])(
    "%j is refused by the name of its place",
    (text) => expect(() => parseInstanceKeys(text, "the pepper")).toThrow("the pepper"),
  );

  test("hashes for different purposes have nothing in common", () => {
    const [key] = parseInstanceKeys("k".repeat(32), "here");
    if (key === undefined) {
      throw new Error("no key");
    }
    expect(createKeyedHash(key, "credential")("x")).not.toBe(
      createKeyedHash(key, "tombstone")("x"),
    );
    expect(createKeyedHash(key, "credential")("x")).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe("secrets", () => {
  const keys = parseInstanceKeys(`1:${"a".repeat(32)}\n2:${"b".repeat(32)}`, "here");
  const { hash, pepperVersion, matches } = createSecretHash(keys);
  const credential = (secretHash: string, version: number) =>
    ({ secretHash, pepperVersion: version }) as Credential;

  test("new ones are hashed under the newest key, old ones still match theirs", () => {
    expect(pepperVersion).toBe(2);
    expect(matches("s", credential(hash("s"), 2))).toBe(true);
    const old = createSecretHash(keys.slice(0, 1));
    expect(matches("s", credential(old.hash("s"), 1))).toBe(true);
  });

  test("a wrong secret, no credential, an unknown key version and an empty hash never match", () => {
    expect(matches("t", credential(hash("s"), 2))).toBe(false);
    expect(matches("", undefined)).toBe(false);
    expect(matches("s", credential(hash("s"), 1))).toBe(false);
    expect(matches("s", credential(hash("s"), 3))).toBe(false);
    expect(matches("", credential("", 2))).toBe(false);
  });

  test("a credential that is held takes no secret but the one that was right", () => {
    const held = credential(hash("s"), 2);
    expect([matches("t", held), matches("s", held), matches("s", held)]).toEqual([
      false,
      true,
      true,
    ]);
    expect([matches("t", held), matches("", held), matches("ss", held)]).toEqual([
      false,
      false,
      false,
    ]);
    expect(matches("s", credential(hash("t"), 2))).toBe(false);
    expect([matches("", undefined), matches("s", undefined)]).toEqual([false, false]);
  });
});
