/** Problem details: how the admin API says what went wrong (RFC 9457 §3). */
import { z } from "zod";
import type { LoginRefusal } from "../domain/login.ts";
import { loginRefusalReasons } from "../domain/login.ts";
import { named } from "./operation.ts";

/** The media type of problems. */
export const problemMediaType = "application/problem+json";

/** What is wrong with one part of a request. */
export interface PartProblem {
  /** A member of the body such as `settings.strict`, a parameter, or a header. */
  readonly path: string;
  readonly detail: string;
}

/** A problem as it is answered. */
export interface ProblemJson {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly errors: readonly PartProblem[];
  /** Where to go on from, when a cursor is of no use any more. */
  readonly oldestCursor?: string | undefined;
  /** Why somebody is not let in. */
  readonly whyNot?: LoginRefusal | undefined;
}

/** The types of problems that say more than their status. */
export const problemTypes = {
  invalidRequest: "urn:rollcall:problem:invalid-request",
  keyUsedBefore: "urn:rollcall:problem:idempotency-key-used-before",
  keyUnderWay: "urn:rollcall:problem:idempotency-key-under-way",
  breakGlass: "urn:rollcall:problem:break-glass",
  lastOwner: "urn:rollcall:problem:last-owner",
  factsMoved: "urn:rollcall:problem:facts-moved",
  cursorGone: "urn:rollcall:problem:cursor-gone",
  loginRefused: "urn:rollcall:problem:login-refused",
} as const;

/** The schema of a problem. */
export const problemSchema: z.ZodType<ProblemJson> = named(
  "Problem",
  z.object({
    type: z
      .string()
      .describe(
        `about:blank where the status says it all, or one of ${Object.values(problemTypes).join(", ")}`,
      ),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string().describe("The request id as a URN; X-Request-Id and the log have it too"),
    errors: z
      .array(z.object({ path: z.string(), detail: z.string() }))
      .describe("What is wrong with which part of the request"),
    oldestCursor: z
      .string()
      .optional()
      .describe("Only of cursor-gone: where the events begin that are still kept"),
    whyNot: z
      .enum(loginRefusalReasons)
      .optional()
      .describe("Only of login-refused: why somebody is not let in"),
  }),
);
