/** The request log: what a client asked and why it was refused, without bodies, tokens, ids and query strings (RFC 7643 §9.3, RFC 7644 §7). */
import { cleanText } from "../domain/clean-text.ts";
import { withoutTokens } from "../domain/credential.ts";
import type { RequestLogEntry } from "../domain/request-log-entry.ts";
import type { RequestLogTable } from "../store/store.ts";
import type { Answer, Exchange } from "./exchange.ts";
import type { JsonLog } from "./json-log.ts";

/** The longest client name, in characters. */
const clientLengthMax = 200;
/** The longest reason and the longest warning, in characters. */
const reasonLengthMax = 1000;
/** The most warnings of one request that are kept. */
const warningsMax = 20;

/** Queues the entry of one answered request; never waits. */
export function logRequest(
  requestLog: Pick<RequestLogTable, "append">,
  exchange: Exchange,
  answer: Answer,
  nowMs: number,
): void {
  requestLog.append(entryOf(exchange, answer, nowMs));
}

/** Writes an answered request to the server's own log, for whoever debugs: whose it was by ids, and no more of it than the request log has. */
export function logAccess(
  log: JsonLog,
  { request, requestId }: Pick<Exchange, "request" | "requestId">,
  { response, report, caller }: Answer,
  seconds: number,
): void {
  if (log.isDebug) {
    log.debug("request", {
      requestId,
      method: cleanText(request.method, 20),
      path: report.pathTemplate,
      status: response.status,
      durationMs: Math.round(seconds * 1e6) / 1000,
      tenantId: caller?.tenantId,
      connectionId: caller?.connectionId,
      credentialId: caller?.credentialId,
    });
  }
}

function entryOf(
  { request, requestId, startMs }: Exchange,
  { response, report, caller }: Answer,
  nowMs: number,
): RequestLogEntry {
  const left = report.warnings.length - warningsMax;
  const more = left > 0 ? [`and ${left} more warnings`] : [];
  return {
    requestId,
    at: new Date(startMs).toISOString(),
    tenantId: caller?.tenantId,
    connectionId: caller?.connectionId,
    credentialId: caller?.credentialId,
    client: loggedText(request.headers.get("user-agent") ?? "", clientLengthMax),
    method: cleanText(request.method, 20),
    pathTemplate: report.pathTemplate,
    status: response.status,
    scimType: report.scimType,
    reason: report.reason === undefined ? undefined : loggedText(report.reason, reasonLengthMax),
    warnings: [...report.warnings.slice(0, warningsMax), ...more].map((warning) =>
      loggedText(warning, reasonLengthMax),
    ),
    durationMs: Math.max(0, nowMs - startMs),
  };
}

/** A client can put its token into any text it sends. */
function loggedText(text: string, lengthMax: number): string {
  return cleanText(withoutTokens(text), lengthMax);
}
