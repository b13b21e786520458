/** Problems of the admin API: thrown where something cannot be done, answered as problem details (RFC 9457 §3). */
import { STATUS_CODES } from "node:http";
import type { PlainResponse } from "@rollcall/scim";
import { ScimError } from "@rollcall/scim";
import type { PartProblem, ProblemJson } from "../../admin-contract/problem.ts";
import { problemMediaType, problemTypes } from "../../admin-contract/problem.ts";
import type { LoginRefusal } from "../../domain/login.ts";
import type { RefusalReason } from "../../domain/refusal.ts";
import { isRefusal } from "../../domain/refusal.ts";
import type { Answer, LoggedCaller } from "../exchange.ts";

/** What a problem has beside its status and its detail. */
interface ProblemOptions {
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Why, for the log alone. */
  readonly reason?: string | undefined;
  readonly errors?: readonly PartProblem[];
  readonly oldestCursor?: string;
  readonly whyNot?: LoginRefusal;
}

/** The name that tells a problem from a defect. */
const problemName = "Problem";

/** A problem on its way to the client. */
export interface Problem extends Error, ProblemOptions {
  readonly status: number;
}

/** Makes the error that says why a request is refused. */
export function problem(status: number, detail: string, options: ProblemOptions = {}): Problem {
  return Object.assign(new Error(detail), { name: problemName, status, ...options });
}

/** The problem of a request that is not as the contract describes it. */
export function invalidRequest(errors: readonly PartProblem[]): Problem {
  const paths = errors.map(({ path }) => path).join(", ");
  const detail = `The request is not as described: ${paths}.`;
  const reason = errors.map((error) => `${error.path}: ${error.detail}`).join("; ");
  return problem(400, detail, { type: problemTypes.invalidRequest, errors, reason });
}

/** The problem of something that is not there, as far as the credential may see. */
export function notFound(what: string): Problem {
  return problem(404, `There is no such ${what}.`);
}

/** Runs a check of the domain on a part of the request; what it refuses is wrong with that part. */
export function checkedPart<Value>(path: string, check: () => Value): Value {
  try {
    return check();
  } catch (error) {
    if (isRefusal(error) || error instanceof ScimError) {
      throw invalidRequest([{ path, detail: error.message }]);
    }
    throw error;
  }
}

/** The problem that something thrown stands for; undefined for a defect. A refusal says that things are not as wished. */
export function problemOf(thrown: unknown): Problem | undefined {
  if (thrown instanceof ScimError) {
    const { status, message, headers, reason } = thrown;
    return problem(status, message, { headers, reason });
  }
  if (isRefusal(thrown)) {
    const { message, refusedFor } = thrown;
    if (refusedFor === "stale") {
      return problem(412, message);
    }
    return problem(
      409,
      message,
      refusedFor === undefined ? {} : { type: refusalTypes[refusedFor] },
    );
  }
  return isProblem(thrown) ? thrown : undefined;
}

const refusalTypes: Readonly<Record<Exclude<RefusalReason, "stale">, string>> = {
  "break-glass": problemTypes.breakGlass,
  "last-owner": problemTypes.lastOwner,
  "facts-moved": problemTypes.factsMoved,
};

function isProblem(thrown: unknown): thrown is Problem {
  return thrown instanceof Error && thrown.name === problemName && "status" in thrown;
}

/** Which request was answered, for the answer and for the log. */
export interface ProblemSite {
  readonly requestId: string;
  readonly pathTemplate: string;
  readonly caller: LoggedCaller | undefined;
}

/** Turns whatever was thrown into an answer: problems say why, defects say nothing. */
export function problemAnswer(thrown: unknown, site: ProblemSite): Answer {
  const known = problemOf(thrown);
  const shown = known ?? problem(500, "The server failed; its log says why.");
  const { message, reason } = shown;
  return {
    response: problemResponse(shown, site.requestId),
    report: {
      pathTemplate: site.pathTemplate,
      scimType: undefined,
      reason: reason === undefined ? message : `${message} (${reason})`,
      warnings: [],
      defect: known === undefined ? thrown : undefined,
    },
    caller: site.caller,
    isLogged: true,
  };
}

function problemResponse(
  {
    status,
    message,
    type = "about:blank",
    errors = [],
    headers = {},
    oldestCursor,
    whyNot,
  }: Problem,
  requestId: string,
): PlainResponse {
  const body: ProblemJson = {
    type,
    title: STATUS_CODES[status] ?? "Error",
    status,
    detail: message,
    instance: `urn:uuid:${requestId}`,
    errors,
    ...(oldestCursor === undefined ? {} : { oldestCursor }),
    ...(whyNot === undefined ? {} : { whyNot }),
  };
  return {
    status,
    headers: { "Content-Type": problemMediaType, "Cache-Control": "no-store", ...headers },
    body: JSON.stringify(body),
  };
}
