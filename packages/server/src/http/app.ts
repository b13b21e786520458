/** The route table and the way of a request through it: log, time limit, policy, endpoint; a failure is a SCIM Error (RFC 7644 §3.12), or a problem (RFC 9457 §3) of the admin API. */
import { randomUUID } from "node:crypto";
import type { PlainResponse } from "@rollcall/scim";
import { ScimError } from "@rollcall/scim";
import { adminRoot } from "../admin-contract/operation.ts";
import { personPaths } from "../mail/mail-links.ts";
import type { PersonActions } from "../provisioning/person-actions.ts";
import type { SetSigner } from "../provisioning/sign-sets.ts";
import type { AdminEndpointParts, AdminExchange } from "./admin/admin-endpoint.ts";
import { adminEndpoint } from "./admin/admin-endpoint.ts";
import type { AdminAuthenticationParts } from "./admin/authenticate-admin.ts";
import { authenticateAdmin } from "./admin/authenticate-admin.ts";
import type { ProblemSite } from "./admin/problem.ts";
import { problemAnswer } from "./admin/problem.ts";
import type { AuthenticationParts } from "./authenticate.ts";
import { authenticate } from "./authenticate.ts";
import type { Refused } from "./bearer.ts";
import type { Peer } from "./client-address.ts";
import { clientAddressOf, isLocal, isTrusted } from "./client-address.ts";
import type { EventPollParts } from "./event-poll.ts";
import { pollEndpoint, streamsRoot } from "./event-poll.ts";
import type {
  Answer,
  AuthenticatedExchange,
  Exchange,
  LoggedCaller,
  ServerRequest,
} from "./exchange.ts";
import { refusedAnswer, thrownAnswer, unavailable } from "./exchange.ts";
import type { FailureLimit } from "./failure-limit.ts";
import type { FairShare } from "./fair-share.ts";
import { healthz, readyz } from "./health.ts";
import type { JsonLog } from "./json-log.ts";
import { logAccess, logRequest } from "./log-request.ts";
import type { Metrics } from "./metrics.ts";
import { metricsPage } from "./metrics-page.ts";
import { oauthMetadata, oauthMetadataPath } from "./oauth-metadata.ts";
import type { TokenEndpointParts } from "./oauth-token-endpoint.ts";
import { tokenEndpoint, tokenPath } from "./oauth-token-endpoint.ts";
import type { PersonPageParts } from "./person-pages.ts";
import { invitationPage, leavePage } from "./person-pages.ts";
import { publishedKeys, publishedKeysPath } from "./published-keys.ts";
import type { RateLeft, RateLimit, RateVerdict } from "./rate-limit.ts";
import { writeRateFields } from "./rate-limit.ts";
import type { ScimEndpointParts } from "./scim-endpoint.ts";
import { scimEndpoint, scimRoot, scimStem, unversionedScimEndpoint } from "./scim-endpoint.ts";
import type { TenantTurn } from "./tenant-turn.ts";
import { inTurn, turnedAway } from "./tenant-turn.ts";
import type { Tracing } from "./tracing.ts";

/** What the routes need. */
export interface AppParts
  extends AuthenticationParts,
    AdminAuthenticationParts,
    AdminEndpointParts,
    TokenEndpointParts,
    Omit<EventPollParts, "store">,
    ScimEndpointParts {
  readonly setSigner: Pick<SetSigner, "publicKeys">;
  readonly log: JsonLog;
  readonly failureLimit: FailureLimit;
  readonly rateLimit: RateLimit;
  readonly fairShare: FairShare;
  readonly metrics: Metrics;
  /** Where traces are wanted. */
  readonly tracing?: Pick<Tracing, "begin"> | undefined;
  readonly trustedProxy: readonly string[];
  readonly allowPlainHttp: boolean;
  readonly openHealth: boolean;
  /** Whether metrics are a matter of a port of their own. */
  readonly hasAdminPort: boolean;
  /** Without it the pages behind the links in mails are a 404. */
  readonly personActions?: PersonActions;
}

/**
 * A route. Its policy decides who gets to the endpoint: `scim` for clients with a token of their connection, `admin` for
 * callers with a token of the admin API, `local` for this machine alone unless the configuration opens it, `machine` for
 * this machine alone unless there is a port for it, `person` for whoever has the link of a mail, `client` for OAuth clients
 * and `receiver` for who has the token of an event stream, which the endpoints themselves find out, `anyone` for what everybody may know. A route without a policy does not compile.
 */
export type Route =
  | {
      readonly path: string;
      readonly policy: "scim";
      readonly endpoint: (exchange: AuthenticatedExchange, parts: AppParts) => Promise<Answer>;
    }
  | {
      readonly path: string;
      readonly policy: "admin";
      readonly endpoint: (exchange: AdminExchange, parts: AppParts) => Promise<Answer>;
    }
  | {
      readonly path: string;
      readonly policy: "local" | "machine";
      readonly endpoint: (exchange: Exchange, parts: AppParts) => Promise<Answer>;
    }
  | {
      readonly path: string;
      readonly policy: "client";
      readonly endpoint: (exchange: Exchange, parts: TokenEndpointParts) => Promise<Answer>;
    }
  | {
      readonly path: string;
      readonly policy: "receiver";
      readonly endpoint: (exchange: Exchange, parts: EventPollParts) => Promise<Answer>;
    }
  | {
      readonly path: string;
      readonly policy: "anyone";
      readonly endpoint: (
        exchange: Exchange,
        parts: Pick<AppParts, "site" | "setSigner">,
      ) => Promise<Answer>;
    }
  | {
      readonly path: string;
      readonly policy: "person";
      readonly endpoint: (exchange: Exchange, parts: PersonPageParts) => Promise<Answer>;
    };

/** Every route; a path that ends with `/*` stands for itself and all below it. Anything else is a 404. */
export const routes: readonly Route[] = [
  { path: `${scimRoot}/*`, policy: "scim", endpoint: scimEndpoint },
  { path: `${scimStem}/*`, policy: "scim", endpoint: unversionedScimEndpoint },
  { path: `${adminRoot}/*`, policy: "admin", endpoint: adminEndpoint },
  { path: tokenPath, policy: "client", endpoint: tokenEndpoint },
  { path: `${oauthMetadataPath}/*`, policy: "anyone", endpoint: oauthMetadata },
  { path: publishedKeysPath, policy: "anyone", endpoint: publishedKeys },
  { path: `${streamsRoot}/*`, policy: "receiver", endpoint: pollEndpoint },
  { path: "/healthz", policy: "local", endpoint: healthz },
  { path: "/readyz", policy: "local", endpoint: readyz },
  { path: "/metrics", policy: "machine", endpoint: metricsPage },
  { path: `${personPaths.invitation}/*`, policy: "person", endpoint: invitationPage },
  { path: `${personPaths.leave}/*`, policy: "person", endpoint: leavePage },
];

/** How long an answer may take before the client gets 503 (Okta gives up after 60 s). */
export const handlerTimeoutMsDefault = 25_000;

/** What is known by the time the time is up. */
interface Known {
  readonly route: Route | undefined;
  caller: LoggedCaller | undefined;
  /** What the token may still send. */
  rate: RateLeft | undefined;
  /** Whether the answer has left. */
  isOver: boolean;
}

/** Answers a request of a peer. */
export type App = (request: ServerRequest, peer: Peer) => Promise<PlainResponse>;

/** Makes the function that answers every request; it never throws. */
export function createApp(parts: AppParts): App {
  return async (request, peer) => {
    const beganMs = performance.now();
    const exchange = exchangeOf(request, peer, parts);
    const known: Known = {
      route: routeOf(exchange.path),
      caller: undefined,
      rate: undefined,
      isOver: false,
    };
    const tracing = parts.tracing?.begin(exchange);
    const work =
      tracing === undefined
        ? answerExchange(exchange, peer, parts, known)
        : tracing.run(() => answerExchange(exchange, peer, parts, known));
    const answer = await withinTime(work, exchange, parts, known);
    known.isOver = true;
    tracing?.end(answer);
    const { response, report } = answer;
    if (report.defect !== undefined && !request.isGone()) {
      parts.log.error("request failed", report.defect, {
        requestId: exchange.requestId,
        method: request.method,
        path: report.pathTemplate,
      });
    }
    noteEvents(request, answer, parts);
    if (answer.isLogged) {
      logRequest(parts.store.requestLog, exchange, answer, parts.now());
    }
    const { method } = request;
    const seconds = (performance.now() - beganMs) / 1000;
    parts.metrics.noteRequest({
      method,
      route: report.pathTemplate,
      status: response.status,
      seconds,
    });
    logAccess(parts.log, exchange, answer, seconds);
    return { ...response, headers: headersOf(answer, exchange, known) };
  };
}

function headersOf(
  { response }: Answer,
  { requestId, startMs }: Exchange,
  { rate }: Known,
): PlainResponse["headers"] {
  const headers: Record<string, string> = { ...response.headers, "X-Request-Id": requestId };
  if (rate !== undefined) {
    writeRateFields(headers, rate, startMs);
  }
  return headers;
}

/** Whoever waits for the events of the tenant looks whether this request has caused one. */
function noteEvents({ method }: ServerRequest, { caller }: Answer, parts: AppParts): void {
  if (caller?.tenantId !== undefined && method !== "GET" && method !== "HEAD") {
    parts.eventWaiting.note(caller.tenantId);
  }
}

/** Finds the route of a path. */
export function routeOf(path: string): Route | undefined {
  return routes.find((route) => {
    const stem = route.path.replace(/\/\*$/, "");
    return path === stem || (stem !== route.path && path.startsWith(`${stem}/`));
  });
}

function exchangeOf(request: ServerRequest, peer: Peer, parts: AppParts): Exchange {
  const { path } = request;
  const { path: prefix } = parts.site();
  return {
    request,
    requestId: randomUUID(),
    path: prefix !== "" && path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : path,
    address: clientAddressOf(peer, request.headers.get("x-forwarded-for"), parts.trustedProxy),
    startMs: parts.now(),
  };
}

async function answerExchange(
  exchange: Exchange,
  peer: Peer,
  parts: AppParts,
  known: Known,
): Promise<Answer> {
  try {
    if (!peer.encrypted && isPlainHttpFromAfar(peer, parts)) {
      const error = new ScimError(403, "Use https: a token sent over plain HTTP can be read.");
      return refused(error, exchange, known);
    }
    return await answerRoute(exchange, parts, known);
  } catch (thrown) {
    return known.route?.policy === "admin"
      ? problemAnswer(thrown, problemSite(exchange, known))
      : thrownAnswer(thrown, "/*");
  }
}

async function answerRoute(exchange: Exchange, parts: AppParts, known: Known): Promise<Answer> {
  const { route } = known;
  switch (route?.policy) {
    case "scim": {
      const { request, path, address, startMs } = exchange;
      const authorization = request.headers.get("authorization");
      const presented = { authorization, method: request.method, path, address, nowMs: startMs };
      const verdict = await authenticate(presented, parts);
      return answerAs(verdict, exchange, parts, known, (accepted, turn) =>
        route.endpoint(authenticated(exchange, accepted, turn), parts),
      );
    }
    case "admin": {
      const authorization = exchange.request.headers.get("authorization");
      const verdict = await authenticateAdmin({ authorization, nowMs: exchange.startMs }, parts);
      return answerAs(verdict, exchange, parts, known, ({ caller }, turn) => {
        const request = readingAway(exchange.request, turn);
        const checkAgain = () => checkAdminAgain(authorization, parts);
        return route.endpoint({ ...exchange, request, caller, away: turn.away, checkAgain }, parts);
      });
    }
    case "local":
      return parts.openHealth || isLocal(exchange.address)
        ? route.endpoint(exchange, parts)
        : nothingThere(exchange, parts);
    case "machine":
      return !parts.hasAdminPort && isFromThisMachine(exchange)
        ? route.endpoint(exchange, parts)
        : nothingThere(exchange, parts);
    case "client":
    case "receiver":
    case "anyone":
      return route.endpoint(exchange, parts);
    case "person":
      return parts.personActions === undefined
        ? nothingThere(exchange, parts)
        : route.endpoint(exchange, { ...parts, personActions: parts.personActions });
    case undefined:
      return nothingThere(exchange, parts);
  }
}

/** Lets an accepted caller through as fast as it may send; refuses everybody else, the faster the fewer words. */
async function answerAs<Accepted extends { readonly kind: "accepted"; caller: LoggedCaller }>(
  verdict: Accepted | Refused<LoggedCaller>,
  exchange: Exchange,
  parts: AppParts,
  known: Known,
  answer: (accepted: Accepted, turn: TenantTurn) => Promise<Answer>,
): Promise<Answer> {
  const { address, startMs } = exchange;
  known.caller = verdict.caller;
  if (verdict.kind === "accepted") {
    const rate = parts.rateLimit.take(verdict.caller.credentialId, startMs);
    known.rate = rate.rate;
    return rate.kind === "within"
      ? await answerInTurn(exchange, parts, known, (turn) => answer(verdict, turn))
      : tooFast(rate, exchange, known);
  }
  const counted = verdict.isFailure ? parts.failureLimit.note(address, startMs) : "within";
  if (counted === "within") {
    return refused(verdict.error, exchange, known);
  }
  const seconds = parts.failureLimit.retryAfterSeconds(startMs);
  const error = new ScimError(429, "Too many requests without a valid bearer token.", {
    headers: { "Retry-After": String(seconds) },
    reason: "further ones of this minute are not logged",
  });
  return { ...refused(error, exchange, known), isLogged: counted === "first-over" };
}

/** What needs no tenant to be named takes turns with the others of its kind. */
const noTenant = "instance";

/** Answers as soon as it is the turn of the tenant. */
async function answerInTurn(
  exchange: Exchange,
  { fairShare }: AppParts,
  known: Known,
  answer: (turn: TenantTurn) => Promise<Answer>,
): Promise<Answer> {
  const tenant = known.caller?.tenantId ?? noTenant;
  const isOver = (): boolean => known.isOver || exchange.request.isGone();
  const answered = await inTurn(fairShare, { tenant, isOver }, answer);
  return "kind" in answered
    ? { ...refused(turnedAway(answered), exchange, known), isLogged: answered.isFirst }
    : answered;
}

/** For a request that has waited: its credential may have ended meanwhile. */
async function checkAdminAgain(authorization: string | null, parts: AppParts): Promise<void> {
  const verdict = await authenticateAdmin({ authorization, nowMs: parts.now() }, parts);
  if (verdict.kind === "refused") {
    throw verdict.error;
  }
}

/** A slow client takes no place from anybody while its body arrives. */
function readingAway(request: ServerRequest, turn: TenantTurn): ServerRequest {
  return request.method === "GET"
    ? request
    : { ...request, readBody: (lengthMax) => turn.away(() => request.readBody(lengthMax)) };
}

/** A refusal in the form of the route. */
function refused(error: ScimError, exchange: Exchange, known: Known): Answer {
  return known.route?.policy === "admin"
    ? problemAnswer(error, problemSite(exchange, known))
    : refusedAnswer(error, templateOf(known), known.caller);
}

function problemSite({ requestId }: Exchange, known: Known): ProblemSite {
  return { requestId, pathTemplate: templateOf(known), caller: known.caller };
}

function templateOf({ route }: Known): string {
  return route?.path.endsWith("/*") === true ? route.path : "/*";
}

/** Written out: spreading two objects was 2 % of the work of a request. */
function authenticated(
  { request, requestId, path, address, startMs }: Exchange,
  { caller, connection }: Pick<AuthenticatedExchange, "caller" | "connection">,
  turn: TenantTurn,
): AuthenticatedExchange {
  const read = readingAway(request, turn);
  return { request: read, requestId, path, address, startMs, caller, connection };
}

/** RFC 6585 §4; only the first of a row is logged, so that a runaway client does not fill the log. */
function tooFast(
  rate: Extract<RateVerdict, { kind: "over" }>,
  exchange: Exchange,
  known: Known,
): Answer {
  const error = new ScimError(429, "The token sends too many requests; slow down.", {
    headers: { "Retry-After": String(rate.rate.seconds) },
    reason: "rate limit; those that follow at once are not logged",
  });
  return { ...refused(error, exchange, known), isLogged: rate.isFirst };
}

/** A proxy on this machine passes on what comes from afar. */
function isFromThisMachine({ address, request }: Exchange): boolean {
  const isPassedOn = ["x-forwarded-for", "forwarded", "via"].some(
    (name) => request.headers.get(name) !== null,
  );
  return isLocal(address) && !isPassedOn;
}

/** Behind a proxy that ends TLS nobody else may come over plain HTTP, unless the configuration says so. */
function isPlainHttpFromAfar(
  { address }: Peer,
  { allowPlainHttp, trustedProxy }: AppParts,
): boolean {
  return !allowPlainHttp && !isLocal(address) && !isTrusted(address, trustedProxy);
}

function nothingThere({ address, startMs }: Exchange, parts: AppParts): Answer {
  const where = `${parts.site().url}${scimRoot}`;
  const error = new ScimError(404, `There is nothing at this path; the SCIM base URL is ${where}.`);
  const counted = parts.failureLimit.note(address, startMs);
  return { ...refusedAnswer(error, "/*", undefined), isLogged: counted === "within" };
}

/** Answers 503 when the time is up; what was begun goes on, and a repeated request converges. */
async function withinTime(
  work: Promise<Answer>,
  exchange: Exchange,
  { handlerTimeoutMs, log }: AppParts,
  known: Known,
): Promise<Answer> {
  const timer: { id?: ReturnType<typeof setTimeout> } = {};
  const timeUp = new Promise<Answer>((resolve) => {
    timer.id = setTimeout(() => {
      log.warn("request took too long", {
        requestId: exchange.requestId,
        limitMs: handlerTimeoutMs,
      });
      const error = unavailable("The request took too long; try again.", "handler timeout");
      resolve(refused(error, exchange, known));
    }, handlerTimeoutMs);
  });
  try {
    return await Promise.race([work, timeUp]);
  } finally {
    clearTimeout(timer.id);
  }
}
