/** What a client throws when the server refuses: problem details as an Error (RFC 9457 §3). */
import type { ProblemJson } from "../admin-contract/problem.ts";

/** The name that tells it from other errors. */
const problemErrorName = "RollcallProblem";

/** A refusal of the server. */
export interface RollcallProblem extends Error {
  readonly status: number;
  /** What the server says; undefined when something in front of it has answered. */
  readonly problem: ProblemJson | undefined;
  /** How long the server asks to wait, in seconds. */
  readonly retryAfterSeconds: number | undefined;
}

/** Tells whether something that was thrown is a refusal of the server. */
export function isRollcallProblem(thrown: unknown): thrown is RollcallProblem {
  return thrown instanceof Error && thrown.name === problemErrorName && "status" in thrown;
}

/** Makes the error of a response that is no success. */
export function problemErrorOf(
  { status, headers }: Pick<Response, "status" | "headers">,
  text: string,
): RollcallProblem {
  const problem = parsedProblem(text);
  const seconds = Number(headers.get("retry-after") ?? Number.NaN);
  return Object.assign(new Error(problem?.detail ?? `the server answered ${status}`), {
    name: problemErrorName,
    status,
    problem,
    retryAfterSeconds: Number.isFinite(seconds) ? seconds : undefined,
  });
}

function parsedProblem(text: string): ProblemJson | undefined {
  try {
    const value: ProblemJson = JSON.parse(text);
    return typeof value === "object" && value !== null && "detail" in value ? value : undefined;
  } catch {
    // A proxy answers with a page; the status says it all.
    return undefined;
  }
}
