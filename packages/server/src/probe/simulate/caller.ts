/** Sends the requests of a simulated client: tries again when it is told to wait, and keeps count of everything. */
import type { Patience } from "../patience.ts";
import { untilTaken } from "../patience.ts";
import type { Answer, Target } from "../target.ts";
import { memberAt, send, silenceOf } from "../target.ts";
import type { ClientHabits } from "./scim-client-habits.ts";

/** An answer that the client cannot take. */
export interface ClientFailure {
  /** Such as `PATCH /Users/{id}`. */
  readonly request: string;
  /** 0 when there was no answer. */
  readonly status: number;
  readonly scimType: string | undefined;
  readonly detail: string;
  /** What the client does about it. */
  readonly reaction: string;
  readonly count: number;
}

/** Sends requests and counts. */
export interface Caller {
  /** Answers with what the client accepts; undefined after a failure, which is noted. */
  ask(method: string, path: string, wanted: AskWish): Promise<Answer | undefined>;
  /** How often each status came; `none` for no answer. */
  readonly statuses: ReadonlyMap<string, number>;
  readonly requests: () => number;
  /** How often something was sent again. */
  readonly retries: () => number;
  failures(): readonly ClientFailure[];
}

/** What goes along with a request, and what the client accepts. */
interface AskWish {
  readonly body?: unknown;
  readonly accepts: readonly number[];
  /** It cannot go on with an empty answer. */
  readonly needsBody?: boolean;
}

/** Whose requests it sends, and where to. */
interface CallerWish {
  readonly target: Target;
  readonly habits: ClientHabits;
  readonly patience: Patience;
}

/** What clients do in general. */
const usualReactions: readonly (readonly [RegExp, string])[] = [
  [/ (401|403)$/, "nothing is provisioned until the token is replaced"],
  [/^GET .*filter 4/, "the object cannot be matched, and is left out"],
  [/^POST .* 409/, "the object stays unlinked, and is tried again with each sync"],
  [/^(PUT|PATCH) .* 404/, "the link is dropped, and the object created again"],
  [/ (5\d\d|429|0)$/, "it is tried again with the next sync"],
];
const lastReaction = "the change is lost until the object changes again";

/** Makes a caller. */
export function createCaller({ target, habits, patience }: CallerWish): Caller {
  const statuses = new Map<string, number>();
  const failures = new Map<string, ClientFailure>();
  const counts = { requests: 0, retries: 0 };

  const attempt = async (method: string, path: string, body: unknown) => {
    counts.requests += 1;
    const headers = headersOf(habits, target, body !== undefined);
    const text = body === undefined ? undefined : JSON.stringify(body);
    const answer = await send(target, { method, path, headers, body: text }).catch(silenceOf);
    const status = typeof answer === "string" ? "none" : String(answer.status);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    return answer;
  };

  const untilAnswered = (method: string, path: string, body: unknown) =>
    untilTaken(
      () => attempt(method, path, body),
      patience,
      () => {
        counts.retries += 1;
      },
    );

  const note = (request: string, answer: Answer | string, why?: string): undefined => {
    const status = typeof answer === "string" ? 0 : answer.status;
    const scimType = typeof answer === "string" ? undefined : memberAt(answer.body, "scimType");
    const said = typeof answer === "string" ? answer : memberAt(answer.body, "detail");
    const failure = {
      request,
      status,
      scimType: typeof scimType === "string" ? scimType : undefined,
      detail: why ?? String(said ?? "no detail").slice(0, 300),
      reaction: reactionTo(`${request} ${status}`, habits),
    };
    const key = JSON.stringify(failure);
    failures.set(key, { ...failure, count: (failures.get(key)?.count ?? 0) + 1 });
    return undefined;
  };

  return {
    statuses,
    requests: () => counts.requests,
    retries: () => counts.retries,
    failures: () => [...failures.values()].toSorted((one, other) => other.count - one.count),
    async ask(method, path, { body, accepts, needsBody = false }) {
      const answer = await untilAnswered(method, path, body);
      const request = `${method} ${shapeOf(path)}`;
      if (typeof answer === "string" || !accepts.includes(answer.status)) {
        return note(request, answer);
      }
      if (needsBody && (typeof answer.body !== "object" || answer.body === null)) {
        return note(request, answer, "the answer has no JSON in it");
      }
      return answer;
    },
  };
}

function headersOf(
  { headers, contentType, alwaysContentType = false }: ClientHabits,
  { token }: Target,
  hasBody: boolean,
): Readonly<Record<string, string>> {
  return {
    ...headers,
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(hasBody || alwaysContentType ? { "content-type": contentType } : {}),
  };
}

/** The same for all requests of one kind: ids and values are left out. */
function shapeOf(path: string): string {
  const [place = "", query = ""] = path.split("?");
  const [, endpoint = "", id] = place.split("/");
  const isFilter = query.includes("filter=");
  return `/${endpoint}${id === undefined ? "" : "/{id}"}${isFilter ? "?filter" : ""}`;
}

function reactionTo(request: string, { reactions = [] }: ClientHabits): string {
  const [, reaction] =
    [...reactions, ...usualReactions].find(([pattern]) => pattern.test(request)) ?? [];
  return reaction ?? lastReaction;
}
