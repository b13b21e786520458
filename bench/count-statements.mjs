/**
 * Counts the statements a server sends to its database, by their text: loaded before the server with `--import`.
 * SIGUSR2 starts the count anew; at the end it is written to the file that ROLLCALL_BENCH_STATEMENTS names.
 */
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { isMainThread, threadId } from "node:worker_threads";

const require = createRequire(import.meta.url);
const file = process.env["ROLLCALL_BENCH_STATEMENTS"];
const counts = new Map();

function count(sql) {
  counts.set(sql, (counts.get(sql) ?? 0) + 1);
}

function countCalls(prototype, name, textOf) {
  const original = prototype[name];
  prototype[name] = function counted(...args) {
    count(textOf(this, args));
    return original.apply(this, args);
  };
}

// The release that the server takes, as its sqlite-driver.ts says.
const release = Number(process.versions.napi) >= 10 ? "better-sqlite3-13" : "better-sqlite3";
const Database = require(release);
const memory = new Database(":memory:");
const statements = Object.getPrototypeOf(memory.prepare("SELECT 1"));
memory.close();
for (const name of ["run", "get", "all", "iterate"]) {
  countCalls(statements, name, (statement) => statement.source);
}
countCalls(Database.prototype, "exec", (_, [sql]) => String(sql));
countCalls(require("pg").Client.prototype, "query", (_, [query]) =>
  typeof query === "string" ? query : (query?.text ?? "a query object of its own"),
);

if (isMainThread) {
  process.on("SIGUSR2", () => counts.clear());
}
process.on("exit", () => writeFileSync(`${file}.${threadId}`, JSON.stringify([...counts])));
