/** The front door of the library for whoever has requests of the Fetch standard: one in, one response out (RFC 7644 §3). */
import type { ScimContext } from "../provider/scim-context.ts";
import { createTakeTurn } from "../provider/take-turn.ts";
import type { ScimReport } from "./answer-request.ts";
import { answerRequest } from "./answer-request.ts";
import { fetchResponseOf } from "./plain-response.ts";
import { scimRequestOf } from "./scim-request.ts";

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
  const { response, report } = await answerRequest(scimRequestOf(request), context);
  return { response: fetchResponseOf(response), report };
}
