import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lockFile, lockFolder, runningServer } from "./lock-folder.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-lock-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("a second server is refused and told where the first one is", () => {
  const lock = lockFolder(folder);
  lock.announce("http://127.0.0.1:1234");
  expect(runningServer(folder)?.url).toBe("http://127.0.0.1:1234");
  expect(() => lockFolder(folder)).toThrow(`process ${process.pid}`);
  expect(() => lockFolder(folder)).toThrow("http://127.0.0.1:1234");
  lock.release();
  expect(readdirSync(folder)).toEqual([]);
  expect(runningServer(folder)).toBeUndefined();
  lockFolder(folder).release();
});

test("the lock of a killed process is taken over", async () => {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  writeFileSync(join(folder, lockFile), JSON.stringify({ pid: child.pid, started: "" }));
  expect(() => lockFolder(folder)).toThrow(`process ${child.pid}`);
  child.kill("SIGKILL");
  await once(child, "exit");
  lockFolder(folder).release();
});

test("a later process with the number of the killed one does not hold its lock", () => {
  writeFileSync(join(folder, lockFile), JSON.stringify({ pid: 1, started: "another time" }));
  expect(runningServer(folder)).toBeUndefined();
  lockFolder(folder).release();
  writeFileSync(
    join(folder, lockFile),
    JSON.stringify({ pid: process.pid, started: "another time" }),
  );
  lockFolder(folder).release();
});

test.each(["", "{", "null", "[]", '{"pid":"x"}'])("a lock that says %j holds nothing", (text) => {
  writeFileSync(join(folder, lockFile), text);
  lockFolder(folder).release();
  expect(existsSync(join(folder, lockFile))).toBe(false);
});

test("while another starter takes over, this one waits for no one and says so", () => {
  writeFileSync(join(folder, lockFile), JSON.stringify({ pid: 1, started: "another time" }));
  writeFileSync(join(folder, `${lockFile}.take-over`), "");
  expect(() => lockFolder(folder)).toThrow("another rollcall is starting");
});
