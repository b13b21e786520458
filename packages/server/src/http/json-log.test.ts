import { expect, test } from "vitest";
import { createJsonLog } from "./json-log.ts";

test("one event is one line of JSON, whatever it says", () => {
  const lines: string[] = [];
  const log = createJsonLog(
    (line) => lines.push(line),
    () => 0,
  );
  log.info("a\nb", { path: '"}\r\n{"level":"info"\u001b[2J' });
  log.error("failed", new Error("outer\nline", { cause: new Error("inner") }));
  expect(lines).toHaveLength(2);
  for (const line of lines) {
    expect(line.indexOf("\n")).toBe(line.length - 1);
    expect(line).not.toContain("\u001b");
  }
  expect(JSON.parse(lines[0] ?? "")).toEqual({
    time: "1970-01-01T00:00:00.000Z",
    level: "info",
    message: "a\nb",
    path: '"}\r\n{"level":"info"\u001b[2J',
  });
  expect(JSON.parse(lines[1] ?? "").error).toMatch(/outer\nline[\s\S]*caused by Error: inner/);
});

test("neither a token nor an escape sequence of one character gets in", () => {
  const lines: string[] = [];
  const log = createJsonLog(
    (line) => lines.push(line),
    () => 0,
  );
  const token = `rollcall_scim_${"a".repeat(12)}_${"b".repeat(43)}_${"c".repeat(6)}`;
  log.error("failed", new Error(`no ${token}\u009b31m\u202e`));
  expect(lines[0]).toContain("rollcall_scim_(hidden)");
  expect(lines[0]).not.toMatch(/bbbb|\u009b|\u202e/);
});

test("what is below the level is not written, and what costs something to make need not be made", () => {
  const lines: string[] = [];
  const levels = ["debug", "info", "warn", "error"] as const;
  for (const level of levels) {
    const log = createJsonLog(
      (line) => lines.push(`${level}: ${line}`),
      () => 0,
      level,
    );
    expect(log.isDebug).toBe(level === "debug");
    log.debug("d");
    log.info("i");
    log.warn("w");
    log.error("e", new Error("x"));
  }
  const counts = levels.map((level) => lines.filter((line) => line.startsWith(level)).length);
  expect(counts).toEqual([4, 3, 2, 1]);
});

test("a field that is undefined is left out", () => {
  const lines: string[] = [];
  createJsonLog(
    (line) => lines.push(line),
    () => 0,
  ).info("m", { a: undefined, b: 1 });
  expect(lines).toEqual([
    '{"level":"info","time":"1970-01-01T00:00:00.000Z","b":1,"message":"m"}\n',
  ]);
});
