/** Traces for OpenTelemetry: a span for each request and each call of the store in it. Loaded only where traces are wanted. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Attributes, Context, Span } from "@opentelemetry/api";
import {
  createTraceState,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import type { SpanExporter } from "@opentelemetry/sdk-trace-node";
import { BatchSpanProcessor, NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import { parseTraceparent } from "../domain/traceparent.ts";
import type { Store } from "../store/store.ts";
import type { Answer, Exchange } from "./exchange.ts";
import type { JsonLog } from "./json-log.ts";

/** Makes spans. */
export interface Tracing {
  /** Begins the span of a request, as a part of the trace that its `traceparent` names. */
  begin(exchange: Pick<Exchange, "request" | "requestId">): RequestTrace;
  /** The same store, in which each call within a request is a span. */
  tracedStore(store: Store): Store;
  /** The same function, each call of which is a span with what comes of it. */
  traced<Arguments extends readonly unknown[], Result>(
    name: string,
    call: (...given: Arguments) => Promise<Result>,
    attributesOf: (...given: Arguments) => (result: Result) => Attributes,
  ): (...given: Arguments) => Promise<Result>;
  /** Sends what there is left. */
  close(): Promise<void>;
}

/** The span of one request. */
export interface RequestTrace {
  /** Does the work of the request; spans within are parts of this one. */
  run<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Ends it with what was answered. */
  end(answer: Answer): void;
}

/** What traces are made with. */
export interface TracingParts {
  /** Where they are sent. */
  readonly url: string;
  readonly version: string;
  readonly log: Pick<JsonLog, "warn">;
}

/** How long sending may take. */
const sendTimeoutMs = 5_000;
/** The longest `tracestate` that is passed on, in characters (W3C Trace Context §3.3.1.5). */
const traceStateLengthMax = 512;

/** Starts to make traces. */
export function startTracing({ url, version, log }: TracingParts): Tracing {
  const exporter = new OTLPTraceExporter({ url, timeoutMillis: sendTimeoutMs });
  const sending = noteSending(log);
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ "service.name": "rollcall", "service.version": version }),
    spanProcessors: [new BatchSpanProcessor(notingExporter(exporter, sending))],
  });
  const tracer = provider.getTracer("rollcall", version);
  // Our own and not the one of the process, which embedders may have set.
  const contexts = new AsyncLocalStorage<Context>();

  /** Calls within a span, which ends with the call, or with the promise it answers with. */
  const inSpan = <Result>(
    name: string,
    call: () => Result,
    attributesOf: (result: Awaited<Result>) => Attributes,
  ): Result => {
    const parent = contexts.getStore() ?? ROOT_CONTEXT;
    const span = tracer.startSpan(name, { kind: SpanKind.CLIENT }, parent);
    const fail = (error: unknown): never => {
      // What went wrong may name what a client sent: the log tells it.
      span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
      throw error;
    };
    const end = (result: Awaited<Result>): void => {
      span.setAttributes(attributesOf(result));
      span.end();
    };
    return settled(() => contexts.run(trace.setSpan(parent, span), call), end, fail);
  };

  return {
    begin: ({ request, requestId }) => {
      const parent = parentOf(request.headers);
      const span = tracer.startSpan(methodOf(request), { kind: SpanKind.SERVER }, parent);
      span.setAttribute("rollcall.request_id", requestId);
      const context = trace.setSpan(parent, span);
      return {
        run: (work) => contexts.run(context, work),
        end: (answer) => endSpan(span, methodOf(request), answer),
      };
    },
    tracedStore: (store) => {
      const system = store.figures.database().database === "sqlite" ? "sqlite" : "postgresql";
      const attributes = { "db.system.name": system };
      // What is done in the background belongs to no request, and is much.
      return tracedTables(store, (name, call) =>
        contexts.getStore() === undefined ? call() : inSpan(name, call, () => attributes),
      );
    },
    traced:
      (name, call, attributesOf) =>
      (...given) =>
        inSpan(name, () => call(...given), attributesOf(...given)),
    close: () =>
      provider.shutdown().catch((error: unknown) => {
        sending.note(error instanceof Error ? error : new Error(String(error)));
      }),
  };
}

function endSpan(span: Span, method: string, { response, report, caller }: Answer): void {
  span.updateName(`${method} ${report.pathTemplate}`);
  span.setAttributes({
    "http.request.method": method,
    "http.route": report.pathTemplate,
    "http.response.status_code": response.status,
    ...(caller?.tenantId === undefined ? {} : { "rollcall.tenant_id": caller.tenantId }),
    ...(caller?.connectionId === undefined
      ? {}
      : { "rollcall.connection_id": caller.connectionId }),
  });
  if (response.status >= 500) {
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end();
}

/** A client can call its method anything. */
function methodOf({ method }: Pick<Exchange["request"], "method">): string {
  return /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$/.test(method) ? method : "_OTHER";
}

function parentOf(headers: Exchange["request"]["headers"]): Context {
  const parent = parseTraceparent(headers.get("traceparent"));
  if (parent === undefined) {
    return ROOT_CONTEXT;
  }
  const { traceId, spanId, flags } = parent;
  const state = headers.get("tracestate") ?? "";
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: flags,
    isRemote: true,
    ...(state === "" || state.length > traceStateLengthMax
      ? {}
      : { traceState: createTraceState(state) }),
  });
}

/** Calls, and tells the result or the failure when it is there, which is later for promises. */
function settled<Result>(
  call: () => Result,
  end: (result: Awaited<Result>) => void,
  fail: (error: unknown) => never,
): Result {
  let result: Result;
  try {
    result = call();
  } catch (error) {
    return fail(error);
  }
  if (result instanceof Promise) {
    // The same promise in all but identity.
    return result.then((value) => {
      end(value);
      return value;
    }, fail) as Result;
  }
  end(result as Awaited<Result>);
  return result;
}

type Around = (name: string, call: () => unknown) => unknown;

/** Every function of every table is wrapped, but for those that only queue or end. */
function tracedTables(store: Store, around: Around): Store {
  const untraced: readonly string[] = ["close", "append", "database"];
  const wrapped = (value: unknown, name: string): unknown => {
    if (typeof value === "function") {
      return (...given: readonly unknown[]) =>
        around(`store ${name}`, () => Reflect.apply(value, undefined, given));
    }
    return typeof value === "object" && value !== null
      ? Object.fromEntries(
          Object.entries(value).map(([key, inner]) => [
            key,
            untraced.includes(key) ? inner : wrapped(inner, name === "" ? key : `${name}.${key}`),
          ]),
        )
      : value;
  };
  // Every function has been put back under its name, with the arguments and the result it had.
  return wrapped(store, "") as Store;
}

interface Sending {
  /** Notes that spans were sent, or why not. */
  note(error: Error | undefined): void;
}

/** A collector that is away is told of once, and again after it has been there. */
function noteSending(log: Pick<JsonLog, "warn">): Sending {
  let isFailing = false;
  return {
    note: (error) => {
      if (error !== undefined && !isFailing) {
        log.warn("traces could not be sent", { reason: error.message });
      }
      isFailing = error !== undefined;
    },
  };
}

function notingExporter(exporter: SpanExporter, sending: Sending): SpanExporter {
  return {
    export: (spans, settle) =>
      exporter.export(spans, (result) => {
        const { code, error = new Error("no reason was given") } = result;
        sending.note(code === 0 ? undefined : error);
        settle(result);
      }),
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}
