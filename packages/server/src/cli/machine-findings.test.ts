import { expect, test } from "vitest";
import { chainFinding, diskFinding, folderFindings, nodeFinding } from "./machine-findings.ts";

const MiB = 1024 * 1024;
const folder = { folder: "/data", mode: 0o40700, key: "/data/.pepper", keyMode: 0o100600 };

test("the recommended version of Node is fine, an older one works", () => {
  expect(nodeFinding("24.0.0")).toMatchObject({ state: "ok" });
  expect(nodeFinding("22.11.0")).toMatchObject({
    state: "warning",
    text: "Node 22.11.0 works; Node 24 is recommended",
  });
});

test("a folder and a key that nobody else can read are fine", () => {
  expect(folderFindings(folder)).toEqual([
    { check: "folder", state: "ok", text: "/data, mode 700" },
  ]);
  expect(folderFindings({ ...folder, mode: 0o40750, keyMode: undefined })).toHaveLength(1);
});

test("a folder that everybody can read is told, and a key that others can read is a problem", () => {
  expect(folderFindings({ ...folder, mode: 0o40755 })).toMatchObject([
    { state: "warning", text: expect.stringContaining("chmod 700 /data") },
  ]);
  expect(folderFindings({ ...folder, keyMode: 0o100640 })[1]).toMatchObject({
    check: "key",
    state: "problem",
    text: "others can read the instance key: chmod 600 /data/.pepper",
  });
});

test("a disk that gets full is told in time, one that is full is a problem", () => {
  expect(diskFinding(1024 * MiB)).toMatchObject({ state: "ok" });
  expect(diskFinding(1024 * MiB - 1)).toMatchObject({ state: "warning" });
  expect(diskFinding(100 * MiB)).toMatchObject({ state: "warning" });
  expect(diskFinding(100 * MiB - 1)).toMatchObject({
    state: "problem",
    text: expect.stringContaining("make room"),
  });
});

test("a chain that lags far behind is told", () => {
  expect(chainFinding(0)).toMatchObject({ state: "ok" });
  expect(chainFinding(10_000)).toMatchObject({ state: "ok" });
  expect(chainFinding(10_001)).toMatchObject({ state: "warning" });
});
