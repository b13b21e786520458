/** The token endpoint of OAuth clients, `POST /oauth/token`: a form in, a token or an error of RFC 6749 §5 out. */
import type { PlainResponse } from "@rollcall/scim";
import { accessTokenSeconds } from "../domain/oauth-token.ts";
import type {
  GrantAccessToken,
  ProvenClient,
  TokenError,
  TokenOutcome,
  TokenRequest,
} from "../provisioning/grant-access-token.ts";
import type { Answer, Exchange } from "./exchange.ts";
import type { FailureLimit } from "./failure-limit.ts";
import type { RateLimit } from "./rate-limit.ts";
import type { Site } from "./site.ts";

/** Where the endpoint is, below the public URL. */
export const tokenPath = "/oauth/token";

/** What it needs. */
export interface TokenEndpointParts {
  readonly grantAccessToken: GrantAccessToken;
  readonly failureLimit: FailureLimit;
  readonly rateLimit: RateLimit;
  readonly site: () => Site;
}

/** The longest form that is read, in bytes: an assertion and a little more. */
const formLengthMax = 131_072;
const formType = "application/x-www-form-urlencoded";

interface Told {
  readonly status: number;
  readonly body: Readonly<Record<string, string | number>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly client?: ProvenClient | undefined;
  readonly reason?: string;
  readonly isLogged?: boolean;
}

/** Answers a client that asks for an access token. */
export async function tokenEndpoint(
  exchange: Exchange,
  parts: TokenEndpointParts,
): Promise<Answer> {
  const request = await requestIn(exchange, parts);
  if ("status" in request) {
    return limited(request, exchange, parts);
  }
  const outcome = await parts.grantAccessToken(request);
  return outcome.kind === "granted"
    ? answerOf(granted(outcome, exchange, parts), exchange)
    : limited(refused(outcome, request), exchange, parts);
}

/** Reads the request; what is no request of RFC 6749 §3.2 is refused. */
async function requestIn(
  { request, address, startMs }: Exchange,
  { site }: TokenEndpointParts,
): Promise<TokenRequest | Told> {
  if (request.method !== "POST") {
    const headers = { Allow: "POST" };
    return { ...wrong("invalid_request", "Use POST."), status: 405, headers };
  }
  const [type = ""] = (request.headers.get("content-type") ?? "").split(";");
  if (type.trim().toLowerCase() !== formType) {
    return wrong("invalid_request", `Send a body of the type ${formType}.`);
  }
  const basic = basicIn(request.headers.get("authorization"));
  if (basic === "malformed") {
    return challenged(
      wrong("invalid_client", "The Authorization header is not Basic, or cannot be read."),
    );
  }
  const body = await request.readBody(formLengthMax);
  if (body === undefined) {
    return wrong("invalid_request", `The body is longer than ${formLengthMax} bytes.`);
  }
  const form = new URLSearchParams(new TextDecoder().decode(body));
  const names = [...form.keys()];
  // RFC 6749 §3.2: parameters must not be sent more than once, and one without a value is as one that is left out.
  if (new Set(names).size !== names.length) {
    return wrong("invalid_request", "A parameter is sent more than once.");
  }
  const parameters = new Map([...form].filter(([, value]) => value !== ""));
  const { url } = site();
  return { parameters, basic, address, audiences: [`${url}${tokenPath}`, url], nowMs: startMs };
}

/** Reads HTTP Basic, where id and secret are encoded as in a form (RFC 6749 §2.3.1, RFC 7617 §2). */
function basicIn(authorization: string | null): TokenRequest["basic"] | "malformed" {
  if (authorization === null) {
    return undefined;
  }
  const [, encoded] = /^Basic +([A-Za-z0-9+/_-]+=*)$/i.exec(authorization) ?? [];
  const text = Buffer.from(encoded ?? "", "base64").toString("utf8");
  const at = text.indexOf(":");
  if (at < 0) {
    return "malformed";
  }
  const [clientId, secret] = [formDecoded(text.slice(0, at)), formDecoded(text.slice(at + 1))];
  return clientId === undefined || secret === undefined ? "malformed" : { clientId, secret };
}

function formDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    // What is no encoding of anything is no id and no secret, which the caller says.
    return undefined;
  }
}

function granted(
  { token, scopes, client }: Extract<TokenOutcome, { readonly kind: "granted" }>,
  { startMs }: Exchange,
  { rateLimit }: TokenEndpointParts,
): Told {
  const rate = rateLimit.take(`${client.clientId}/token`, startMs);
  if (rate.kind === "over") {
    const told = wrong(
      "temporarily_unavailable",
      "The client asks for too many tokens; slow down.",
    );
    const headers = { "Retry-After": String(rate.rate.seconds) };
    return { ...told, status: 429, headers, client, isLogged: rate.isFirst };
  }
  return {
    status: 200,
    client,
    body: {
      access_token: token,
      token_type: "Bearer",
      expires_in: accessTokenSeconds,
      scope: scopes.join(" "),
    },
  };
}

function refused(
  { error, description, client }: Extract<TokenOutcome, { readonly kind: "refused" }>,
  { basic }: TokenRequest,
): Told {
  const told = { ...wrong(error, description), client };
  if (error === "temporarily_unavailable") {
    return { ...told, status: 503, headers: { "Retry-After": "5" } };
  }
  if (error !== "invalid_client") {
    return told;
  }
  // RFC 6749 §5.2: 401 with the scheme that the client has used, where it has used one.
  return basic === undefined ? { ...told, status: 401 } : challenged(told);
}

function wrong(error: TokenError, description: string): Told {
  return {
    status: 400,
    body: { error, error_description: description },
    reason: `${error}: ${description}`,
  };
}

function challenged(told: Told): Told {
  return { ...told, status: 401, headers: { "WWW-Authenticate": 'Basic realm="rollcall"' } };
}

/** Whoever has not proven to be a client may fail so many times a minute, and no more than that is logged. */
function limited(
  told: Told,
  exchange: Exchange,
  { failureLimit }: Pick<TokenEndpointParts, "failureLimit">,
): Answer {
  const { address, startMs } = exchange;
  const counted =
    told.client === undefined && told.status < 500 ? failureLimit.note(address, startMs) : "within";
  if (counted === "within") {
    return answerOf(told, exchange);
  }
  const over = wrong("temporarily_unavailable", "Too many requests that were refused.");
  const headers = { "Retry-After": String(failureLimit.retryAfterSeconds(startMs)) };
  return answerOf({ ...over, status: 429, headers, isLogged: counted === "first-over" }, exchange);
}

/** RFC 6749 §5.1: what has tokens in it is kept by nobody on the way. */
const notKept = { "Cache-Control": "no-store", Pragma: "no-cache" };

function answerOf(
  { status, body, headers = {}, client, reason, isLogged = true }: Told,
  { request }: Exchange,
): Answer {
  const text = JSON.stringify(body);
  const response: PlainResponse = {
    status,
    headers: { "Content-Type": "application/json", ...notKept, ...headers },
    body: request.method === "HEAD" ? undefined : text,
  };
  return {
    response,
    report: {
      pathTemplate: tokenPath,
      scimType: undefined,
      reason,
      warnings: [],
      defect: undefined,
    },
    caller: client && {
      credentialId: client.clientId,
      tenantId: client.tenantId,
      connectionId: client.connectionId,
    },
    isLogged,
  };
}
