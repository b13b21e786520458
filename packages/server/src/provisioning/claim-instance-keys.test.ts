import { randomUUID } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openSqliteStore } from "../store/sqlite/open-sqlite-store.ts";
import type { Store } from "../store/store.ts";
import { claimInstanceKeys } from "./claim-instance-keys.ts";
import { parseInstanceKeys } from "./instance-key.ts";

let folder = "";
let database: Store;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-keys-"));
  const keyedHash = (text: string) => text;
  database = await openSqliteStore({ folder, keyedHash, newId: randomUUID, role: "command" });
});
afterEach(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});
const keysOf = (...lines: readonly string[]) => parseInstanceKeys(lines.join("\n"), "here");
const a = "a".repeat(32);
const b = "b".repeat(32);

test("the first key is noted, without a trace of it; another one is refused from then on", async () => {
  await claimInstanceKeys(database, keysOf(a));
  await claimInstanceKeys(database, keysOf(a));
  expect(await database.claimInstanceFact("instance-key-1", "")).toMatch(/^[0-9a-f]{64}$/);
  for (const name of readdirSync(folder)) {
    expect(readFileSync(join(folder, name)).includes(a), name).toBe(false);
  }
  await expect(claimInstanceKeys(database, keysOf(b))).rejects.toThrow(
    "version 1) is not the one that the tokens of this database are hashed under",
  );
});

test("a key may be added and, later, the old one dropped; neither may be another one", async () => {
  await claimInstanceKeys(database, keysOf(a));
  await claimInstanceKeys(database, keysOf(`1:${a}`, `2:${b}`));
  await claimInstanceKeys(database, keysOf(`2:${b}`));
  await claimInstanceKeys(database, keysOf(a));
  await expect(claimInstanceKeys(database, keysOf(`1:${a}`, `2:${a}`))).rejects.toThrow(
    "(version 2)",
  );
});
