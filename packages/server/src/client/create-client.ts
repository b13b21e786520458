/** A client of the admin API: a function for each operation of the contract, and the event feed to follow. Only fetch. */
import type { Operation } from "../admin-contract/operation.ts";
import type { AdminOperations } from "./admin-operations.ts";
import { adminOperations } from "./admin-operations.ts";
import type { CallOptions } from "./call-options.ts";
import type { FeedOptions } from "./follow-events.ts";
import { followEvents } from "./follow-events.ts";
import { problemErrorOf } from "./problem-error.ts";
import type { RollcallEvent } from "./rollcall-event.ts";

/** Where the server is, and what lets in. */
export interface ClientOptions {
  /** The public URL, such as `https://rollcall.example.com`. */
  readonly url: string;
  /** A token of the admin API, `rollcall_admin_…`. */
  readonly token: string;
  /** Sends requests; the fetch of the platform by default. */
  readonly fetch?: typeof fetch;
}

type OperationId = keyof AdminOperations;
type QueryOf<Id extends OperationId> =
  AdminOperations[Id] extends Operation<infer Query, infer _Body, infer _Answer> ? Query : never;
type BodyOf<Id extends OperationId> =
  AdminOperations[Id] extends Operation<infer _Query, infer Body, infer _Answer> ? Body : never;
type AnswerOf<Id extends OperationId> =
  AdminOperations[Id] extends Operation<infer _Query, infer _Body, infer Answer> ? Answer : never;
type ParametersIn<Path> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParametersIn<Rest>
  : never;

/** What an operation takes: the parameters of its path and of its query by their names, and its body. */
export type InputOf<Id extends OperationId> = CallOptions & {
  readonly [Name in ParametersIn<(typeof adminOperations)[Id]["path"]>]: string;
} & (object extends QueryOf<Id> ? Partial<QueryOf<Id>> : QueryOf<Id>) &
  (BodyOf<Id> extends undefined ? object : { readonly body: BodyOf<Id> });

/** The function of an operation. */
export type CallOf<Id extends OperationId> =
  object extends InputOf<Id>
    ? (input?: InputOf<Id>) => Promise<AnswerOf<Id>>
    : (input: InputOf<Id>) => Promise<AnswerOf<Id>>;

/** A client of the admin API. Whatever the server refuses is thrown as a problem, see `isRollcallProblem`. */
export type RollcallClient = { readonly [Id in OperationId]: CallOf<Id> } & {
  /**
   * Yields the events of a tenant in order, each at least once, and waits for more until the signal aborts. What the
   * server cannot answer is asked again later; what it refuses is thrown, such as a cursor that is too old (410).
   */
  followEvents(options?: FeedOptions): AsyncGenerator<RollcallEvent, void, undefined>;
};

type Input = CallOptions & { readonly body?: unknown } & Readonly<Record<string, unknown>>;

/** Makes a client. */
export function createRollcallClient(options: ClientOptions): RollcallClient {
  const calls = Object.entries(adminOperations).map(([id, place]) => [
    id,
    (input: Input = {}) => send(place, input, options),
  ]);
  const client: Omit<RollcallClient, "followEvents"> = Object.fromEntries(calls);
  return {
    ...client,
    followEvents: (feed = {}) => followEvents(client.readEventFeed, feed),
  };
}

interface OperationPlace {
  readonly method: string;
  readonly path: string;
}

async function send(
  { method, path }: OperationPlace,
  { body, signal, idempotencyKey, ...parameters }: Input,
  { url, token, fetch: sendRequest = fetch }: ClientOptions,
): Promise<unknown> {
  const inPath = new Set([...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name));
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => pathPart(name, parameters[name]));
  const query = new URLSearchParams(
    Object.entries(parameters).flatMap(([name, value]) =>
      inPath.has(name) || value === undefined ? [] : [[name, String(value)]],
    ),
  );
  const response = await sendRequest(
    `${url.replace(/\/+$/, "")}/api/v1${filled}${query.size === 0 ? "" : `?${query}`}`,
    {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
      // A token goes nowhere but where it was meant for.
      redirect: "error",
    },
  );
  const text = await response.text();
  if (!response.ok) {
    throw problemErrorOf(response, text);
  }
  const isJson = /^application\/json\b/.test(response.headers.get("content-type") ?? "");
  // An export is text, and may have nothing in it.
  return isJson ? JSON.parse(text) : response.status === 204 ? undefined : text;
}

function pathPart(name: string, value: unknown): string {
  const text = typeof value === "string" ? value : "";
  if (text === "" || text === "." || text === "..") {
    throw new TypeError(`${name} is part of a path and cannot be "${text}"`);
  }
  return encodeURIComponent(text);
}
