/** Reads a file that is imported: as a stream, however large it is, line by line. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { extname } from "node:path";
import { isJsonObject } from "@rollcall/scim";
import type { Parser } from "csv-parse";
import { refusal } from "../domain/refusal.ts";
import { objectOfRow } from "./csv-row.ts";
import type { ImportLine } from "./import-line.ts";
import { linesOf } from "./lines.ts";

/** What a file is, so that it is known again. */
export interface FileFacts {
  readonly sha256: string;
  /** How many line feeds it has: about how many lines. */
  readonly lineFeeds: number;
}

/** Goes through a file once. */
export async function factsOfFile(file: string): Promise<FileFacts> {
  const hash = createHash("sha256");
  let lineFeeds = 0;
  for await (const chunk of bytesOf(file)) {
    hash.update(chunk);
    for (let at = chunk.indexOf(0x0a); at >= 0; at = chunk.indexOf(0x0a, at + 1)) {
      lineFeeds += 1;
    }
  }
  return { sha256: hash.digest("hex"), lineFeeds };
}

/** Gives the lines of a file: of CSV when its name ends so, else of JSON. Blank lines are none. */
export function linesOfFile(file: string): AsyncIterable<ImportLine> {
  return extname(file).toLowerCase() === ".csv" ? csvLines(file) : jsonLines(file);
}

async function* bytesOf(file: string): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(file);
  } catch (error) {
    const isOfFile = error instanceof Error && "code" in error && "syscall" in error;
    throw isOfFile ? refusal(`${file} cannot be read: ${error.code}`) : error;
  }
}

async function* jsonLines(file: string): AsyncGenerator<ImportLine> {
  let number = 0;
  for await (const lines of linesOf(bytesOf(file))) {
    for (const { bytes } of lines) {
      number += 1;
      const text = bytes.toString();
      const json = (number === 1 && text.startsWith("\ufeff") ? text.slice(1) : text).trim();
      if (json !== "") {
        yield parsedLine(number, json);
      }
    }
  }
}

function parsedLine(number: number, json: string): ImportLine {
  try {
    const content: unknown = JSON.parse(json);
    if (isJsonObject(content)) {
      return { number, content };
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) {
      throw error;
    }
  }
  return { number, content: undefined, problem: "the line is no JSON object" };
}

async function* csvLines(file: string): AsyncGenerator<ImportLine> {
  // Loaded for such files alone: whatever else starts need not wait for it.
  const { parse } = await import("csv-parse");
  const parser = parse({
    bom: true,
    columns: (header: readonly string[]) => header.map((name) => name.trim()),
    skip_empty_lines: true,
    relax_column_count: true,
    max_record_size: 8 * 1024 * 1024,
  });
  const feeding = feed(file, parser);
  // Whoever reads the parser hears of it; until then it is not unhandled.
  feeding.catch(() => undefined);
  let number = 0;
  try {
    for await (const row of parser) {
      number += 1;
      yield { number, content: objectOfRow(row) };
    }
  } catch (error) {
    throw isCsvError(error)
      ? refusal(`${file} is no CSV behind row ${number}: ${error.message}`)
      : error;
  }
  await feeding;
}

async function feed(file: string, parser: Parser): Promise<void> {
  try {
    for await (const chunk of bytesOf(file)) {
      if (!parser.write(chunk)) {
        await new Promise<void>((settle) => {
          parser.once("drain", settle).once("close", settle);
        });
      }
      if (parser.destroyed) {
        return;
      }
    }
    parser.end();
  } catch (error) {
    parser.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}

function isCsvError(error: unknown): error is Error {
  return error instanceof Error && "code" in error && String(error.code).startsWith("CSV_");
}
