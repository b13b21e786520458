/** Recorded flows: what a client sends, step by step, and what it can cope with in return. */
import { z } from "zod";
import { refusal } from "../../domain/refusal.ts";

/** One recorded flow of a client. */
export interface Flow {
  readonly idp: string;
  readonly scenario: string;
  /** Where it is known from. */
  readonly source: string;
  /** It means something only where nothing is stored yet. */
  readonly fresh?: boolean | undefined;
  /** What the replay needs: a token of a second tenant, or a service provider with ETags. */
  readonly needs?: "token2" | "etag" | undefined;
  readonly steps: readonly FlowStep[];
}

/** One request of a flow with what the client accepts as answer. */
export interface FlowStep {
  readonly method: string;
  /** Relative to the base URL and percent-encoded; `{{placeholders}}` are filled in. */
  readonly path: string;
  /** Absent: the client sends it. `setup`: a fixture. `verify`: a look at the outcome. */
  readonly kind?: "setup" | "verify" | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** The body goes out as it is. */
  readonly raw?: boolean | undefined;
  readonly expect: ExpectedAnswer;
  /** Keeps members of the answer, named by dotted path, for later placeholders. */
  readonly save?: Readonly<Record<string, string>> | undefined;
  /** Sends the step once for each number, which is `{{i}}`. */
  readonly repeat?: StepRepetition | undefined;
}

/** What the client can cope with. */
interface ExpectedAnswer {
  readonly status: readonly number[];
  /** Literals and matchers; objects and arrays match as subsets. */
  readonly bodyContains?: unknown;
  readonly bodyRequired?: boolean | undefined;
  readonly bodyEmpty?: boolean | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly note?: string | undefined;
}

interface StepRepetition {
  readonly from: number;
  readonly to: number;
  readonly parallel?: boolean | undefined;
}

const texts = z.record(z.string(), z.string());

const step: z.ZodType<FlowStep> = z.object({
  method: z.string().regex(/^[A-Z]+$/, "expected a method in capital letters"),
  path: z.string().startsWith("/"),
  kind: z.enum(["setup", "verify"]).optional(),
  headers: texts,
  body: z.unknown().optional(),
  raw: z.boolean().optional(),
  expect: z.object({
    status: z.array(z.int()).min(1),
    bodyContains: z.unknown().optional(),
    bodyRequired: z.boolean().optional(),
    bodyEmpty: z.boolean().optional(),
    headers: texts.optional(),
    note: z.string().optional(),
  }),
  save: texts.optional(),
  repeat: z.object({ from: z.int(), to: z.int(), parallel: z.boolean().optional() }).optional(),
});

const flow: z.ZodType<Flow> = z.object({
  idp: z.string(),
  scenario: z.string(),
  source: z.string(),
  fresh: z.boolean().optional(),
  needs: z.enum(["token2", "etag"]).optional(),
  steps: z.array(step),
});

/** Reads the text of a file of flows; refuses with what is wrong and where. */
export function parseFlows(text: string, file: string): readonly Flow[] {
  const reading = z.array(flow).safeParse(parseJson(text, file));
  if (!reading.success) {
    const [issue] = reading.error.issues;
    throw refusal(
      `${file} is no file of flows: ${issue?.path.join(".") || "it"}: ${issue?.message}`,
    );
  }
  return reading.data;
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw refusal(`${file} is not JSON: ${error instanceof Error ? error.message : error}`);
  }
}
