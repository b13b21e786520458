/** Holds what a request brings against the contract: every fault is told with the part it is in, values never. */
import type { z } from "zod";
import type { PartProblem } from "../../admin-contract/problem.ts";
import { cleanText } from "../../domain/clean-text.ts";
import { withoutTokens } from "../../domain/credential.ts";
import { invalidRequest, problem } from "./problem.ts";

/** The most faults that are told, and the longest name of a part, in characters. */
const faultsMax = 20;
const partLengthMax = 100;

/** Answers with the input as the schema reads it, or throws a problem. */
export function checkedInput<Value>(schema: z.ZodType<Value>, input: unknown): Value {
  const reading = schema.safeParse(input, { reportInput: false });
  if (reading.success) {
    return reading.data;
  }
  throw invalidRequest(reading.error.issues.flatMap(faultsOf).slice(0, faultsMax));
}

function faultsOf(issue: z.core.$ZodIssue): readonly PartProblem[] {
  const path = issue.path.map(String);
  return issue.code === "unrecognized_keys"
    ? issue.keys.map((key) => ({ path: partName([...path, key]), detail: "is not known here" }))
    : [{ path: partName(path), detail: issue.message }];
}

/** A client can put anything into a name. */
function partName(path: readonly string[]): string {
  return cleanText(withoutTokens(path.join(".")), partLengthMax);
}

/** The parameters of a query, each of which may come once. */
export function queryMembers(query: string): Readonly<Record<string, string>> {
  const parameters = new URLSearchParams(query);
  const names = [...parameters.keys()];
  const repeated = names.find((name, index) => names.indexOf(name) < index);
  if (repeated !== undefined) {
    throw invalidRequest([{ path: partName([repeated]), detail: "comes more than once" }]);
  }
  const odd = [...parameters].find(([name, value]) => hasNul(name) || hasNul(value));
  if (odd !== undefined) {
    throw invalidRequest([{ path: partName([odd[0]]), detail: "has a character that is none" }]);
  }
  // fromEntries defines members instead of assigning them, so that a name like __proto__ stays data.
  return Object.fromEntries(parameters);
}

/** The parts of a path, decoded; what cannot be decoded is not there. */
export function decodedSegments(path: string): readonly string[] {
  const segments = decoded(path);
  if (segments === undefined || segments.some(hasNul)) {
    throw problem(404, "The path cannot be decoded.");
  }
  return segments;
}

function decoded(path: string): readonly string[] | undefined {
  try {
    return path.split("/").map(decodeURIComponent);
  } catch {
    // What is no percent-encoding is no path, which the caller says.
    return undefined;
  }
}

/** Nothing is called by it, and PostgreSQL takes no text that has it. */
function hasNul(text: string): boolean {
  return text.includes("\0");
}
