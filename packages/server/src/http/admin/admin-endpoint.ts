/** Answers a request of the admin API: finds the operation, lets it be checked, does it once, writes the answer. */
import type { PlainResponse } from "@rollcall/scim";
import { adminRoot } from "../../admin-contract/operation.ts";
import type { Answer, Exchange, LoggedCaller } from "../exchange.ts";
import type { TenantTurn } from "../tenant-turn.ts";
import type { AnswerOnceParts, KeepableAnswer } from "./answer-once.ts";
import { answerOnce } from "./answer-once.ts";
import type { AdminCaller } from "./authenticate-admin.ts";
import { decodedSegments, queryMembers } from "./checked-input.ts";
import { problem, problemAnswer } from "./problem.ts";
import { readAdminBody } from "./read-body.ts";
import type { AdminParts, Prepared, RawCall, ServedOperation } from "./served-operation.ts";
import { servedOperations } from "./served-operations.ts";

/** A request whose caller is known. */
export interface AdminExchange extends Exchange {
  readonly caller: AdminCaller;
  readonly away: TenantTurn["away"];
  readonly checkAgain: RawCall["checkAgain"];
}

/** What the endpoint needs. */
export type AdminEndpointParts = AdminParts & AnswerOnceParts;

/** An operation that a path leads to, with the parameters of the path. */
interface Match {
  readonly served: ServedOperation;
  readonly path: Readonly<Record<string, string>>;
}

/** Answers a request below the root of the admin API; never throws. */
export async function adminEndpoint(
  exchange: AdminExchange,
  parts: AdminEndpointParts,
): Promise<Answer> {
  const known: { pathTemplate: string; caller: LoggedCaller } = {
    pathTemplate: `${adminRoot}/*`,
    caller: exchange.caller,
  };
  try {
    const match = matchOf(exchange);
    known.pathTemplate = `${adminRoot}${match.served.operation.path}`;
    const raw = rawCallOf(match, exchange);
    const prepared = await match.served.prepare(raw, parts);
    known.caller = { ...exchange.caller, tenantId: prepared.tenantId };
    const answer = await answerPrepared(prepared, match, exchange, parts);
    const report = { scimType: undefined, reason: undefined, warnings: [], defect: undefined };
    return {
      response: responseOf(answer, exchange.request.method),
      report: { pathTemplate: known.pathTemplate, ...report },
      caller: known.caller,
      isLogged: true,
    };
  } catch (thrown) {
    return problemAnswer(thrown, { requestId: exchange.requestId, ...known });
  }
}

function matchOf({ path, request }: Exchange): Match {
  const segments = decodedSegments(path.slice(adminRoot.length));
  const there = servedOperations.flatMap((served) => {
    const parameters = parametersIn(segments, served.operation.path.split("/"));
    return parameters === undefined ? [] : [{ served, path: parameters }];
  });
  if (there.length === 0) {
    throw problem(404, `There is nothing at this path; ${adminRoot}/openapi.json lists what is.`);
  }
  const method = request.method === "HEAD" ? "GET" : request.method;
  const match = there.find(({ served }) => served.operation.method === method);
  if (match === undefined) {
    const methods = there.map(({ served }) => served.operation.method);
    const allowed = methods.includes("GET") ? ["HEAD", ...methods] : methods;
    throw problem(405, "The method is not one of this path.", {
      headers: { Allow: allowed.toSorted().join(", ") },
    });
  }
  return match;
}

/** The parameters of a path that has the form of a template; undefined when it has another form. */
function parametersIn(
  segments: readonly string[],
  template: readonly string[],
): Readonly<Record<string, string>> | undefined {
  const fits =
    segments.length === template.length &&
    template.every((part, index) => {
      const segment = segments[index] ?? "";
      return part.startsWith("{") ? segment !== "" : part === segment;
    });
  return fits
    ? Object.fromEntries(
        template.flatMap((part, index) =>
          part.startsWith("{") ? [[part.slice(1, -1), segments[index] ?? ""]] : [],
        ),
      )
    : undefined;
}

function rawCallOf({ path }: Match, exchange: AdminExchange): RawCall {
  const { request, requestId, caller, startMs } = exchange;
  const actor = { kind: "admin", id: caller.credentialId } as const;
  return {
    path,
    query: queryMembers(request.query),
    readBody: () => readAdminBody(request),
    caller,
    circumstances: { actor, requestId },
    nowMs: startMs,
    ifMatch: request.headers.get("if-match") ?? undefined,
    isGone: request.isGone,
    away: exchange.away,
    checkAgain: exchange.checkAgain,
  };
}

async function answerPrepared(
  { body, run }: Prepared,
  { served, path }: Match,
  { request, caller, startMs }: AdminExchange,
  parts: AdminEndpointParts,
): Promise<PreparedAnswer> {
  const work = async () => {
    const { status, body: answered, headers } = await run();
    return { status, text: textOf(answered, served), headers };
  };
  const key = request.headers.get("idempotency-key");
  if (key === null || served.operation.method !== "POST") {
    return { ...(await work()), isRepeated: false };
  }
  const text = JSON.stringify([served.operation.operationId, path, request.query, body]);
  return { headers: {}, ...(await answerOnce({ key, caller, text, nowMs: startMs }, work, parts)) };
}

/** An answer of another media type is text already. */
function textOf(answered: unknown, { operation }: ServedOperation): string {
  if (answered === undefined) {
    return "";
  }
  return operation.mediaTypes !== undefined && typeof answered === "string"
    ? answered
    : JSON.stringify(answered);
}

/** An answer, as it is or was kept, with the headers of one that is not. */
interface PreparedAnswer extends KeepableAnswer {
  readonly isRepeated: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

function responseOf(
  { status, text, isRepeated, headers }: PreparedAnswer,
  method: string,
): PlainResponse {
  return {
    status,
    headers: {
      ...(text === "" ? {} : { "Content-Type": "application/json" }),
      // An answer may show a token, and none shall be taken for the state of later.
      "Cache-Control": "no-store",
      ...headers,
      ...(isRepeated ? { "Idempotency-Replayed": "true" } : {}),
    },
    body: text === "" || method === "HEAD" ? undefined : text,
  };
}
