/**
 * Kills imports while they write and starts them again; takes backups while a client syncs and restores them.
 * `ROLLCALL_KILLS` sets how often an import is killed, up to some dozens.
 */
import { spawn } from "node:child_process";
import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { TestDatabase } from "../postgres-for-tests.ts";
import { createTestDatabase } from "../postgres-for-tests.ts";
import { countRows as countSqlite, findBrokenInvariants as findInSqlite } from "./invariants.ts";
import {
  countRows as countPostgres,
  findBrokenInvariants as findInPostgres,
} from "./postgres-invariants.ts";
import { makeDataFolder, rollcall, serve } from "./rollcall-process.ts";
import { createSync } from "./sync.ts";

const main = resolve("packages/server/dist/cli/main.js");
const kills = Math.min(40, Number(process.env["ROLLCALL_KILLS"] ?? 2));
// The long round of fault runs kills it more often, and has more to kill.
const users = kills > 4 ? 3000 : 600;
const groups = 30;
const databases: TestDatabase[] = [];
const folders: { readonly remove: () => void }[] = [];

afterAll(async () => {
  for (const database of databases) {
    await database.drop();
  }
  for (const folder of folders) {
    folder.remove();
  }
});

type Kind = "sqlite" | "postgres";

/** Data of their own, with the flags that lead there. */
async function newData(kind: Kind, keyFolder?: string) {
  const folder = makeDataFolder();
  folders.push(folder);
  const database = kind === "postgres" ? await createTestDatabase("icu") : undefined;
  if (database !== undefined) {
    databases.push(database);
  }
  if (keyFolder !== undefined) {
    copyFileSync(join(keyFolder, ".pepper"), join(folder.path, ".pepper"));
  }
  const url = database?.url;
  const more = url === undefined ? [] : ["--database-url", url];
  return { path: folder.path, url, more, flags: ["--data", folder.path, ...more] };
}
type Data = Awaited<ReturnType<typeof newData>>;

const countRows = ({ path, url }: Data) =>
  url === undefined ? countSqlite(path) : countPostgres(url);
const findBroken = ({ path, url }: Data) =>
  url === undefined ? findInSqlite(path) : findInPostgres(url);

/** Accounts, users and groups of which each line makes one thing. */
function writeDirectory(file: string): void {
  const size = users / groups;
  const lines = [
    ...Array.from({ length: users }, (_, index) => ({
      kind: "user",
      userName: `person${index}@example.com`,
      externalId: `p${index}`,
      name: { familyName: `Person ${index}` },
      emails: [{ value: `person${index}@example.com`, primary: true }],
    })),
    ...Array.from({ length: groups }, (_, index) => ({
      kind: "group",
      displayName: `Team ${index}`,
      externalId: `g${index}`,
      members: Array.from({ length: size }, (__, member) => `p${index * size + member}`),
    })),
  ];
  writeFileSync(file, `${lines.map((line) => JSON.stringify(line)).join("\n")}\n`);
}

/** Starts an import and kills it once its checkpoint is behind a line; false when it has ended before. */
async function importKilled(
  words: readonly string[],
  file: string,
  line: number,
): Promise<boolean> {
  const child = spawn(process.execPath, [main, ...words], { stdio: "ignore" });
  const timer = setInterval(() => {
    if (linesDone(file) >= line) {
      child.kill("SIGKILL");
    }
  }, 2);
  const signal = await new Promise((settle) => child.once("exit", (_, name) => settle(name)));
  clearInterval(timer);
  return signal === "SIGKILL";
}

function linesDone(file: string): number {
  try {
    return JSON.parse(readFileSync(`${file}.checkpoint.json`, "utf8")).lines;
  } catch {
    return -1;
  }
}

describe.each(["sqlite", "postgres"] as const)("on %s", (kind) => {
  test(
    `an import killed ${kills} times makes one resource, account, audit entry and event of each line`,
    async () => {
      const data = await newData(kind);
      await rollcall("migrate", ...data.flags);
      await rollcall("tenant", "create", "acme", ...data.flags);
      await rollcall(
        "connection",
        "create",
        "acme",
        "--profile",
        "generic",
        "--slug",
        "idp",
        ...data.flags,
      );
      const before = await countRows(data);
      const file = join(data.path, "directory.jsonl");
      writeDirectory(file);
      const words = ["import", file, "--connection", "acme/idp", ...data.flags];
      let killed = 0;
      for (let kill = 0; kill < kills; kill += 1) {
        // At the beginning, in the middle, among the groups.
        const line = Math.floor(((users + groups) * kill) / kills);
        killed += (await importKilled(words, file, line)) ? 1 : 0;
      }
      expect(killed).toBeGreaterThan(0);
      const report = JSON.parse(await rollcall(...words, "--json"));
      expect(report).toMatchObject({ lines: users + groups, refused: 0 });
      expect(report.resumedBehind).toBeGreaterThan(0);
      expect(existsSync(`${file}.checkpoint.json`)).toBe(false);
      const again = JSON.parse(await rollcall(...words, "--json"));
      expect(again).toMatchObject({
        created: 0,
        changed: 0,
        unchanged: users + groups,
        refused: 0,
      });
      // A server numbers what commands have written where that comes after commit.
      const server = await serve(data.path, data.more);
      const broken = await findBroken(data);
      expect(await server.stop()).toBe(0);
      expect(broken).toEqual([]);
      expect(await countRows(data)).toEqual({
        resources: before.resources + users + groups,
        auditEntries: before.auditEntries + users + groups,
        outboxEvents: before.outboxEvents + users + groups,
      });
      const verified = await rollcall("audit", "verify", "acme", ...data.flags);
      expect(verified).toContain("as it was written");
    },
    120_000 + kills * 15_000,
  );

  test("a backup taken during a sync restores to what holds, and the next sync converges", async () => {
    const data = await newData(kind);
    const server = await serve(data.path, [...data.more, "--rate-limit", "0"]);
    const token = await rollcall("token", "create", "default/default", ...data.flags);
    const wish = { token, users: kills > 4 ? 300 : 60, workers: 6 };
    const sync = createSync({ ...wish, baseUrls: [server.baseUrl] });
    const syncing = sync.run();
    const files: string[] = [];
    for (const [index, share] of [0.2, 0.5, 0.8].entries()) {
      while (sync.acknowledged() < wish.users * share) {
        await new Promise((settle) => setTimeout(settle, 5));
      }
      const file = join(data.path, `backup${index}.gz`);
      await rollcall("backup", file, ...data.flags);
      files.push(file);
    }
    await syncing;
    expect(await sync.verify()).toEqual([]);
    expect(await server.stop()).toBe(0);
    const other: Kind = kind === "sqlite" ? "postgres" : "sqlite";
    // The one in the middle goes to the other database; the others in the long round only.
    const targets = kills > 4 ? ([kind, other, kind] as const) : ([kind, other] as const);
    for (const [index, target] of targets.entries()) {
      const restored = await newData(target, data.path);
      await rollcall("restore", files[index] ?? "", ...restored.flags);
      const restarted = await serve(restored.path, [...restored.more, "--rate-limit", "0"]);
      expect(await findBroken(restored), `backup ${index} into ${target}`).toEqual([]);
      const next = createSync({ ...wish, baseUrls: [restarted.baseUrl] });
      await next.run();
      expect(await next.verify()).toEqual([]);
      expect(await findBroken(restored), `backup ${index} into ${target}, synced`).toEqual([]);
      expect(await restarted.stop()).toBe(0);
      const verified = await rollcall("audit", "verify", "default", ...restored.flags);
      expect(verified).toContain("as it was written");
    }
  }, 300_000);
});
