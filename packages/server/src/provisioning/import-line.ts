/** What is imported, one line at a time: an object with a kind, from a line of JSON or a row of CSV (RFC 4180). */
import type { JsonObject, JsonValue } from "@rollcall/scim";
import { memberOf } from "@rollcall/scim";
import { refusal } from "../domain/refusal.ts";

/** The kinds of lines, in an order in which they can be imported. */
export const importKinds = [
  "tenant",
  "connection",
  "domain",
  "team",
  "mapping",
  "account",
  "membership",
  "grant",
  "lock",
  "user",
  "group",
  "members",
  "link",
] as const;

/** What a line is about. */
export type ImportKind = (typeof importKinds)[number];

/** A line of a file. */
export interface ImportLine {
  /** Counted from 1; of CSV without the header. */
  readonly number: number;
  readonly content: JsonObject | undefined;
  /** Why there is no content. */
  readonly problem?: string;
}

/** A line that says what it is about. */
export interface KindLine {
  readonly kind: ImportKind;
  readonly content: JsonObject;
}

/** Reads what a line is about; `otherwise` where it does not say. */
export function kindOf({ content, problem }: ImportLine, otherwise: string | undefined): KindLine {
  if (content === undefined) {
    throw refusal(problem ?? "the line is no JSON object");
  }
  const said = memberOf(content, "kind") ?? otherwise;
  const kind = importKinds.find((known) => known === said);
  if (kind === undefined) {
    throw refusal(
      said === undefined
        ? "the line does not say its kind"
        : `there is no such kind; the kinds are ${importKinds.join(", ")}`,
    );
  }
  return { kind, content };
}

/** Reads a text; undefined where there is none. */
export function textOf(content: JsonObject, name: string): string | undefined {
  const value = memberOf(content, name);
  if (value === undefined || value === null || value === "") {
    return undefined;
  }
  if (typeof value !== "string") {
    throw refusal(`${name}: expected a text`);
  }
  return value;
}

/** Reads a text that has to be there. */
export function neededText(content: JsonObject, name: string): string {
  const text = textOf(content, name);
  if (text === undefined) {
    throw refusal(`${name} is missing`);
  }
  return text;
}

/** Reads yes or no; undefined where nothing is said. */
export function switchOf(content: JsonObject, name: string): boolean | undefined {
  const value = memberOf(content, name);
  if (value === undefined || value === null || value === "") {
    return undefined;
  }
  if (value === true || value === "true") {
    return true;
  }
  if (value === false || value === "false") {
    return false;
  }
  throw refusal(`${name}: expected true or false`);
}

/** Reads a list; undefined where there is none. */
export function listOf(content: JsonObject, name: string): readonly JsonValue[] | undefined {
  const value = memberOf(content, name);
  if (value === undefined || value === null) {
    return undefined;
  }
  if (!Array.isArray(value)) {
    throw refusal(`${name}: expected an array`);
  }
  return value;
}
