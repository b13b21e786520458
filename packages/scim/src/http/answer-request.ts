/** The way of a request through the library: route, operation, answer; here, and only here, errors become answers (RFC 7644 §3). */
import { reasonOf, ScimError } from "../errors.ts";
import type { ScimContext } from "../provider/scim-context.ts";
import type { ScimMediaType } from "./accepted-type.ts";
import { acceptedType, notAcceptable, scimMediaType } from "./accepted-type.ts";
import { errorResponse } from "./error-response.ts";
import type { PlainResponse } from "./plain-response.ts";
import { readMessage } from "./read-message.ts";
import type { RoutedRequest } from "./routed-request.ts";
import { runOperation } from "./run-operation.ts";
import type { ScimRequest } from "./scim-request.ts";
import type { ScimRouteMatch } from "./scim-routes.ts";
import { matchScimRoute, operationOf } from "./scim-routes.ts";
import type { ResponseForm } from "./write-response.ts";
import { writeResponse } from "./write-response.ts";

/** What a handled request was about, for logs: never a query string, never an id. */
export interface ScimReport {
  /** Path below the base URL with ids replaced, such as `/Users/{id}`; `/*` when nothing matched. */
  readonly pathTemplate: string;
  readonly scimType: string | undefined;
  /** The detail of a refusal with its internal reason, where there is one; of a bulk job how many operations came to what. */
  readonly reason: string | undefined;
  readonly warnings: readonly string[];
  /** Something that should not have happened; the client got a 500 without it. */
  readonly defect: unknown;
}

/** A response with its report, for servers that are not made of the Fetch standard. */
export interface PlainAnswer {
  readonly response: PlainResponse;
  readonly report: ScimReport;
}

/** Answers one SCIM request below `context.baseUrl`; never throws, every failure is a SCIM Error response. */
export async function answerRequest(
  request: ScimRequest,
  context: Omit<ScimContext, "warn">,
): Promise<PlainAnswer> {
  const { method, path } = request;
  const warnings: string[] = [];
  const accepted = acceptedType(request.headers.get("Accept"));
  const form: ResponseForm = {
    mediaType: accepted ?? scimMediaType,
    withoutContent: method === "HEAD",
  };
  let match: ScimRouteMatch | undefined;
  const reportOf = (error?: ScimError, defect?: unknown): ScimReport => ({
    pathTemplate: match?.route.template ?? "/*",
    scimType: error?.scimType,
    reason: error && reasonOf(error),
    warnings,
    defect,
  });
  try {
    match = findRoute(path, context);
    const { route, name } = match;
    const operation = operationOf(route, method);
    refuseUnacceptable(method, accepted);
    const routed: RoutedRequest = {
      ...operation,
      resourceType: route.resourceType,
      name,
      parameters: new URLSearchParams(request.query),
      headers: request.headers,
      readMessage: (lengthMax, limitName) => readMessage(request, lengthMax, limitName),
      isContentless: false,
    };
    const answer = await runOperation(routed, {
      ...context,
      warn: (warning) => warnings.push(warning),
    });
    const { note: reason, defect } = answer;
    return { response: writeResponse(answer, form), report: { ...reportOf(), reason, defect } };
  } catch (failure) {
    if (failure instanceof ScimError) {
      return { response: errorResponse(failure, form), report: reportOf(failure) };
    }
    const error = new ScimError(500, "Something went wrong inside the service; try again later.");
    return { response: errorResponse(error, form), report: reportOf(error, failure) };
  }
}

function findRoute(path: string, { baseUrl, registry }: Omit<ScimContext, "warn">): ScimRouteMatch {
  const base = basePathOf(baseUrl);
  const isBelow = path === base || path.startsWith(`${base}/`);
  const match = isBelow ? matchScimRoute(registry, path.slice(base.length)) : undefined;
  if (match === undefined) {
    throw new ScimError(404, "There is nothing at this path; /ResourceTypes lists the endpoints.");
  }
  return match;
}

/** Most services have one base URL, which is then not taken apart with every request. */
const lastBase = { url: "", path: "" };

function basePathOf(baseUrl: string): string {
  if (lastBase.url !== baseUrl) {
    lastBase.path = new URL(baseUrl).pathname.replace(/\/$/, "");
    lastBase.url = baseUrl;
  }
  return lastBase.path;
}

/** DELETE is exempt: its success has no content whose type could be refused. */
function refuseUnacceptable(method: string, accepted: ScimMediaType | undefined): void {
  if (method !== "DELETE" && accepted === undefined) {
    throw notAcceptable();
  }
}
