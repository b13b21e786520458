/** One request on its way through the server, and the answer on its way back. */
import type { PlainResponse, ScimReport, ScimRequest } from "@rollcall/scim";
import { errorResponse, reasonOf, ScimError } from "@rollcall/scim";
import type { Connection } from "../domain/connection.ts";
import type { Caller } from "../domain/credential.ts";
import type { ConnectionId, CredentialId, TenantId } from "../domain/tenant.ts";

/** A request as the server reads it. */
export interface ServerRequest extends ScimRequest {
  /** Whether the client went away without waiting for its answer. */
  readonly isGone: () => boolean;
}

/** A request with what the server knows about it. */
export interface Exchange {
  readonly request: ServerRequest;
  readonly requestId: string;
  /** The path that routing decides on, below the public URL. */
  readonly path: string;
  /** The client's address. */
  readonly address: string;
  readonly startMs: number;
}

/** A request whose caller is known. */
export interface AuthenticatedExchange extends Exchange {
  readonly caller: Caller;
  readonly connection: Connection;
}

/** Who called, as far as the request log tells. */
export interface LoggedCaller {
  readonly credentialId: CredentialId;
  readonly tenantId: TenantId | undefined;
  readonly connectionId: ConnectionId | undefined;
}

/** An answer with what the request log says about it. */
export interface Answer {
  readonly response: PlainResponse;
  readonly report: ScimReport;
  readonly caller: LoggedCaller | undefined;
  /** Whether the request log gets an entry. */
  readonly isLogged: boolean;
}

/** How long a client waits before it tries again when the server could not answer, in seconds. */
const retryAfterSeconds = 5;

/** The error of a server that cannot answer now (RFC 7644 §3.12). */
export function unavailable(detail: string, reason: string): ScimError {
  const headers = { "Retry-After": String(retryAfterSeconds) };
  return new ScimError(503, detail, { headers, reason });
}

/** Turns a refusal into an answer. */
export function refusedAnswer(
  error: ScimError,
  pathTemplate: string,
  caller: LoggedCaller | undefined,
): Answer {
  return {
    response: errorResponse(error),
    report: {
      pathTemplate,
      scimType: error.scimType,
      reason: reasonOf(error),
      warnings: [],
      defect: undefined,
    },
    caller,
    isLogged: true,
  };
}

/** Turns whatever was thrown into an answer: refusals say why, defects say nothing. */
export function thrownAnswer(thrown: unknown, pathTemplate: string): Answer {
  if (thrown instanceof ScimError) {
    return refusedAnswer(thrown, pathTemplate, undefined);
  }
  const error = new ScimError(500, "The server failed; its log says why.");
  const answer = refusedAnswer(error, pathTemplate, undefined);
  return { ...answer, report: { ...answer.report, defect: thrown } };
}
