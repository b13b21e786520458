/**
 * The bare prototype that promises are measured against, as a process of its own: `bare-server.ts SPEC.json`. It
 * authenticates nothing and checks nothing; it answers a constant, or inserts rows as durably as the server does.
 */
import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import pg from "pg";
import { newId } from "../packages/server/src/provisioning/new-id.ts";
import { SqliteDriver } from "../packages/server/src/store/sqlite/sqlite-driver.ts";
import type { TemplateRow } from "./row-template.ts";
import { valuesOf } from "./row-template.ts";

/** What the prototype does with a request. */
export type BareSpec =
  | { readonly kind: "constant"; readonly body: string }
  | { readonly kind: "sqlite"; readonly file: string; readonly rows: readonly TemplateRow[] }
  | {
      readonly kind: "postgres";
      readonly url: string;
      readonly rows: readonly TemplateRow[];
      /** All rows in one statement, or one statement for each row. */
      readonly statements: "one" | "each";
    };

/** Inserts what a request brings; settles when it is durable. */
type Insert = (number: number) => Promise<void>;

const poolSize = 16;
const spec: BareSpec = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8"));
const insert = insertOf(spec);
let requests = 0;

function insertOf(bare: BareSpec): Insert {
  switch (bare.kind) {
    case "constant":
      return async () => undefined;
    case "sqlite":
      return sqliteInsert(bare.file, bare.rows);
    case "postgres":
      return postgresInsert(bare.url, bare.rows, bare.statements);
  }
}

/** All requests of one turn of the event loop share one commit. */
function sqliteInsert(file: string, rows: readonly TemplateRow[]): Insert {
  const database = new SqliteDriver(file);
  database.pragma("journal_mode = WAL");
  database.pragma("synchronous = FULL");
  database.pragma("foreign_keys = ON");
  database.pragma("cache_size = -49152");
  const [begin, commit] = [database.prepare("BEGIN IMMEDIATE"), database.prepare("COMMIT")];
  const inserts = rows.map(({ table, columns }) => {
    const names = Object.keys(columns);
    const marks = names.map(() => "?").join(", ");
    return database.prepare(`INSERT INTO ${table} (${names.join(", ")}) VALUES (${marks})`);
  });
  let waiting: (() => void)[] = [];
  return (number) =>
    new Promise((settle) => {
      if (waiting.length === 0) {
        begin.run();
        setImmediate(() => {
          commit.run();
          const settled = waiting;
          waiting = [];
          for (const one of settled) {
            one();
          }
        });
      }
      const id = newId();
      for (const [at, row] of rows.entries()) {
        inserts[at]?.run(...valuesOf(row, number, id, newId));
      }
      waiting.push(settle);
    });
}

function postgresInsert(
  url: string,
  rows: readonly TemplateRow[],
  statements: "one" | "each",
): Insert {
  const pool = new pg.Pool({ connectionString: url, max: poolSize });
  const inserts = rows.map(({ table, columns }, at) => {
    const names = Object.keys(columns);
    return { name: `insert-${at}`, table, names };
  });
  const textOf = (at: number, from: number): string => {
    const { table, names } = inserts[at] ?? { table: "", names: [] };
    const marks = names.map((_, index) => `$${from + index + 1}`).join(", ");
    return `INSERT INTO ${table} (${names.join(", ")}) VALUES (${marks})`;
  };
  if (statements === "one") {
    let from = 0;
    const texts = inserts.map(({ names }, at) => {
      const text = textOf(at, from);
      from += names.length;
      return text;
    });
    const last = texts.length - 1;
    const ctes = texts.slice(0, last).map((text, at) => `w${at} AS (${text})`);
    // The last one is the statement itself, the others its siblings; foreign keys are checked at its end.
    const text = `WITH ${ctes.join(", ")} ${texts[last] ?? ""}`;
    return async (number) => {
      const id = newId();
      const values = rows.flatMap((row) => valuesOf(row, number, id, newId));
      await pool.query({ name: "insert", text, values });
    };
  }
  return async (number) => {
    const id = newId();
    const client = await pool.connect();
    await client.query("BEGIN");
    for (const [at, row] of rows.entries()) {
      const values = [...valuesOf(row, number, id, newId)];
      await client.query({ name: `insert-${at}`, text: textOf(at, 0), values });
    }
    await client.query("COMMIT");
    client.release();
  };
}

function answer(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, {
    "content-type": "application/scim+json",
    "content-length": Buffer.byteLength(body),
  });
  response.end(body);
}

function handle(request: IncomingMessage, response: ServerResponse): void {
  if (spec.kind === "constant") {
    request.resume();
    answer(response, 200, spec.body);
    return;
  }
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const text = Buffer.concat(chunks).toString();
    JSON.parse(text);
    requests += 1;
    insert(requests).then(
      () => answer(response, 201, text),
      (error: unknown) => answer(response, 500, String(error)),
    );
  });
}

const server = createServer(handle);
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  process.stdout.write(`listening on http://127.0.0.1:${port}\n`);
});
process.once("SIGTERM", () => process.exit(0));
