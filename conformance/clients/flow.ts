/** Recorded flows: what a client sends, step by step, and what it can cope with in return. */
import { readFileSync } from "node:fs";

/** A matcher or a literal; objects and arrays match as subsets. */
export type Expected = unknown;

/** One request of a flow with what the client accepts as answer. */
export interface FlowStep {
  readonly method: string;
  /** Relative to the base URL and percent-encoded; `{{placeholders}}` are filled in. */
  readonly path: string;
  /** Absent: the client sends it. `setup`: a fixture. `verify`: a look at the outcome. */
  readonly kind?: "setup" | "verify";
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** The body goes out as it is. */
  readonly raw?: boolean;
  readonly expect: {
    readonly status: readonly number[];
    readonly bodyContains?: Expected;
    readonly bodyRequired?: boolean;
    readonly bodyEmpty?: boolean;
    readonly headers?: Readonly<Record<string, string>>;
  };
  /** Keeps members of the answer, named by dotted path, for later placeholders. */
  readonly save?: Readonly<Record<string, string>>;
  /** Sends the step once for each number, which is `{{i}}`. */
  readonly repeat?: { readonly from: number; readonly to: number; readonly parallel?: boolean };
}

/** One recorded flow of a client. */
export interface Flow {
  readonly idp: string;
  readonly scenario: string;
  readonly source: string;
  readonly needs?: "token2" | "etag";
  readonly steps: readonly FlowStep[];
}

/** Reads the flows of one file beside this one. */
export function readFlows(name: string): readonly Flow[] {
  const file = new URL(`flows/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")) as readonly Flow[];
}
