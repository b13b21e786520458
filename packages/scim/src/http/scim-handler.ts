/** The front door of the library: one request in, one response out (RFC 7644 §3). */
import { ScimError } from "../errors.ts";
import type { ScimContext } from "../provider/scim-context.ts";
import { createTakeTurn } from "../provider/take-turn.ts";
import { acceptedType, notAcceptable, scimMediaType } from "./accepted-type.ts";
import { errorResponse } from "./error-response.ts";
import { runOperation } from "./run-operation.ts";
import type { ScimRouteMatch } from "./scim-routes.ts";
import { matchScimRoute, operationOf } from "./scim-routes.ts";
import type { ResponseForm } from "./write-response.ts";
import { writeResponse } from "./write-response.ts";

/** What a handled request was about, for logs: never a query string, never an id. */
export interface ScimReport {
  /** Path below the base URL with ids replaced, such as `/Users/{id}`; `/*` when nothing matched. */
  readonly pathTemplate: string;
  readonly scimType: string | undefined;
  /** The detail of a refusal and, where there is one, its internal reason. */
  readonly reason: string | undefined;
  readonly warnings: readonly string[];
  /** Something that should not have happened; the client got a 500 without it. */
  readonly defect: unknown;
}

/** A response with its report. */
export interface ScimAnswer {
  readonly response: Response;
  readonly report: ScimReport;
}

/**
 * Makes the handler of a service provider with one population, to be mounted wherever requests and responses are those
 * of the Fetch standard. `onReport` is told what each request was about.
 */
export function createScimHandler(
  context: Omit<ScimContext, "warn">,
  onReport: (report: ScimReport) => void = () => undefined,
): (request: Request) => Promise<Response> {
  const takeTurn = context.takeTurn ?? createTakeTurn();
  return async (request) => {
    const { response, report } = await answerScimRequest(request, { ...context, takeTurn });
    onReport(report);
    return response;
  };
}

/** Answers one SCIM request below `context.baseUrl`; never throws, every failure is a SCIM Error response. */
export async function answerScimRequest(
  request: Request,
  context: Omit<ScimContext, "warn">,
): Promise<ScimAnswer> {
  const warnings: string[] = [];
  const form: ResponseForm = {
    mediaType: acceptedType(request.headers.get("Accept")) ?? scimMediaType,
    withoutContent: request.method === "HEAD",
  };
  let match: ScimRouteMatch | undefined;
  const reportOf = (error?: ScimError, defect?: unknown): ScimReport => ({
    pathTemplate: match?.route.template ?? "/*",
    scimType: error?.scimType,
    reason: error === undefined ? undefined : reasonOf(error),
    warnings,
    defect,
  });
  try {
    const { pathname, searchParams: parameters } = new URL(request.url);
    match = findRoute(pathname, context);
    const { route, name } = match;
    const operation = operationOf(route, request.method);
    refuseUnacceptable(request);
    const routed = { operation, resourceType: route.resourceType, name, parameters, request };
    const answer = await runOperation(routed, {
      ...context,
      warn: (warning) => warnings.push(warning),
    });
    return { response: writeResponse(answer, form), report: reportOf() };
  } catch (failure) {
    if (failure instanceof ScimError) {
      return { response: errorResponse(failure, form), report: reportOf(failure) };
    }
    const error = new ScimError(500, "Something went wrong inside the service; try again later.");
    return { response: errorResponse(error, form), report: reportOf(error, failure) };
  }
}

function findRoute(
  pathname: string,
  { baseUrl, registry }: Omit<ScimContext, "warn">,
): ScimRouteMatch {
  const base = new URL(baseUrl).pathname.replace(/\/$/, "");
  const isBelow = pathname === base || pathname.startsWith(`${base}/`);
  const match = isBelow ? matchScimRoute(registry, pathname.slice(base.length)) : undefined;
  if (match === undefined) {
    throw new ScimError(404, "There is nothing at this path; /ResourceTypes lists the endpoints.");
  }
  return match;
}

/** DELETE is exempt: its success has no content whose type could be refused. */
function refuseUnacceptable({ method, headers }: Request): void {
  if (method !== "DELETE" && acceptedType(headers.get("Accept")) === undefined) {
    throw notAcceptable();
  }
}

function reasonOf({ message, reason }: ScimError): string {
  return reason === undefined ? message : `${message} (${reason})`;
}
