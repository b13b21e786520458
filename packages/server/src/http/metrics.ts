/** Counts requests, and gathers figures when somebody asks: the metrics of one server, in a registry of their own. */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { endingDays } from "../domain/instance-figures.ts";
import type { Store, WebhookQueue } from "../store/store.ts";
import type { FairShare } from "./fair-share.ts";
import type { MetricRow } from "./metric-rows.ts";
import { metricRows } from "./metric-rows.ts";

/** A request that was answered. */
export interface AnsweredRequest {
  readonly method: string;
  /** The template of its path, of which there are few. */
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
}

/** The metrics of a server. */
export interface Metrics {
  /** Counts a request. */
  noteRequest(request: AnsweredRequest): void;
  /** The same queue, counting what comes of the deliveries taken from it. */
  countingQueue(queue: WebhookQueue): WebhookQueue;
  /** Gathers figures and writes everything in the text format of Prometheus. */
  text(): Promise<string>;
  readonly contentType: string;
  /** Stops to watch the event loop. */
  close(): void;
}

/** What is measured. */
export interface MetricsParts {
  readonly store: Pick<Store, "figures" | "auditLog">;
  readonly fairShare: Pick<FairShare, "counts">;
  readonly version: string;
  readonly now: () => number;
}

/** How long what is known of credentials is good enough. */
const credentialsAgeMs = 300_000;
/** The most series of requests; the templates in the code make far fewer. */
const seriesMax = 2_000;
/** How often the event loop is looked at. */
const loopResolutionMs = 20;

const methods: ReadonlySet<string> = new Set([
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
]);

const bucketSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25];

/** Makes the metrics. */
export function createMetrics(parts: MetricsParts): Metrics {
  const registry = new Registry();
  const requests = createRequestCounts(registry);
  const deliveries = new Counter(optionsOf(metricRows.deliveries, registry));
  for (const outcome of ["delivered", "retried", "dead"]) {
    deliveries.inc({ outcome }, 0);
  }
  const loop = monitorEventLoopDelay({ resolution: loopResolutionMs });
  loop.enable();
  const gather = createGathering(registry, parts);
  const noteProcess = createProcessFigures(registry, loop);
  gaugeOf(registry, metricRows.program).set(
    { version: parts.version, node: process.versions.node },
    1,
  );
  let underWay: Promise<string> | undefined;
  const text = async (): Promise<string> => {
    await gather();
    noteProcess();
    return await registry.metrics();
  };
  return {
    noteRequest: requests,
    countingQueue: (queue) => ({
      ...queue,
      markDelivered: (delivery, success) => {
        deliveries.inc({ outcome: "delivered" });
        return queue.markDelivered(delivery, success);
      },
      markFailed: (delivery, failure) => {
        deliveries.inc({ outcome: failure.retryAt === undefined ? "dead" : "retried" });
        return queue.markFailed(delivery, failure);
      },
    }),
    // Whoever asks at the same time gets the same answer.
    text: () => {
      underWay ??= text().finally(() => {
        underWay = undefined;
      });
      return underWay;
    },
    contentType: registry.contentType,
    close: () => loop.disable(),
  };
}

/** Finding the series of a request by its labels costs more than counting, so each is found once. */
function createRequestCounts(registry: Registry): Metrics["noteRequest"] {
  const requests = new Counter(optionsOf(metricRows.requests, registry));
  const durations = new Histogram({
    ...optionsOf(metricRows.durations, registry),
    buckets: bucketSeconds,
  });
  const known = new Map<string, (seconds: number) => void>();
  const seriesOf = (method: string, route: string, status: string) => {
    const count = requests.labels({ method, route, status });
    const duration = durations.labels({ method, route });
    return (seconds: number): void => {
      count.inc();
      duration.observe(seconds);
    };
  };
  return ({ method, route, status, seconds }) => {
    // A client can call its method anything; whatever it is called, there is one series for it.
    const named = methods.has(method) ? method : "other";
    const key = `${named} ${status} ${route}`;
    let note = known.get(key);
    if (note === undefined) {
      const isRoom = known.size < seriesMax;
      note = seriesOf(named, isRoom ? route : "other", String(status));
      if (isRoom) {
        known.set(key, note);
      }
    }
    note(seconds);
  };
}

/** Makes the function that asks the store; without an answer the other metrics are written all the same. */
function createGathering(registry: Registry, { store, fairShare, now }: MetricsParts) {
  const gauges = {
    up: gaugeOf(registry, metricRows.databaseUp),
    underWay: gaugeOf(registry, metricRows.underWay),
    waiting: gaugeOf(registry, metricRows.waiting),
    ending: gaugeOf(registry, metricRows.ending),
    unchained: gaugeOf(registry, metricRows.unchained),
    bytes: gaugeOf(registry, metricRows.databaseBytes),
    connections: gaugeOf(registry, metricRows.connections),
  };
  const noteBacklog = createBacklogFigures(registry, store, now);
  let credentialsMs = Number.NEGATIVE_INFINITY;

  const noteCredentials = async (): Promise<void> => {
    const nowMs = now();
    if (Math.abs(nowMs - credentialsMs) < credentialsAgeMs) {
      return;
    }
    const counts = await store.figures.endingCredentials(nowMs);
    credentialsMs = nowMs;
    for (const kind of ["scim", "admin"] as const) {
      for (const [index, days] of endingDays.entries()) {
        gauges.ending.set({ kind, within_days: String(days) }, counts[kind][index] ?? 0);
      }
    }
  };

  const noteDatabase = (): void => {
    const figures = store.figures.database();
    if (figures.database === "sqlite") {
      const { database, log, requestLog } = figures.bytes;
      gauges.bytes.set({ file: "rollcall.db" }, database);
      gauges.bytes.set({ file: "rollcall.db-wal" }, log);
      gauges.bytes.set({ file: "request-log.db" }, requestLog);
      return;
    }
    for (const [state, count] of Object.entries(figures.connections)) {
      gauges.connections.set({ state }, count);
    }
  };

  return async (): Promise<void> => {
    const { underWay, waiting } = fairShare.counts();
    gauges.underWay.set(underWay);
    gauges.waiting.set(waiting);
    noteDatabase();
    try {
      await noteBacklog();
      gauges.unchained.set(await store.auditLog.countUnchained());
      await noteCredentials();
      gauges.up.set(1);
    } catch {
      // Why it does not answer is in the log of whatever else has asked it; here it is a figure.
      gauges.up.set(0);
    }
  };
}

function createBacklogFigures(
  registry: Registry,
  { figures }: Pick<Store, "figures">,
  now: () => number,
) {
  const tenants = gaugeOf(registry, metricRows.tenants);
  const events = new Counter(optionsOf(metricRows.events, registry));
  const unnumbered = gaugeOf(registry, metricRows.unnumbered);
  const unnumberedAge = gaugeOf(registry, metricRows.unnumberedAge);
  const mails = gaugeOf(registry, metricRows.mails);
  const locks = gaugeOf(registry, metricRows.locks);
  const webhooks = gaugeOf(registry, metricRows.webhooks);
  const queued = gaugeOf(registry, metricRows.queued);
  const queueAge = gaugeOf(registry, metricRows.queueAge);
  return async (): Promise<void> => {
    const backlog = await figures.backlog();
    tenants.set(backlog.tenants);
    events.reset();
    events.inc(backlog.events);
    unnumbered.set(backlog.unnumberedEvents);
    unnumberedAge.set(ageSeconds(backlog.oldestUnnumbered, now()));
    mails.set({ state: "waiting" }, backlog.mails.waiting);
    mails.set({ state: "given_up" }, backlog.mails.givenUp);
    webhooks.set({ state: "enabled" }, backlog.webhooks.enabled);
    webhooks.set({ state: "disabled" }, backlog.webhooks.disabled);
    queued.set({ state: "waiting" }, backlog.webhooks.waiting);
    queued.set({ state: "dead" }, backlog.webhooks.dead);
    queueAge.set(ageSeconds(backlog.webhooks.oldest, now()));
    locks.reset();
    for (const [source, count] of Object.entries(backlog.locks)) {
      locks.set({ source }, count);
    }
  };
}

function ageSeconds(at: string | undefined, nowMs: number): number {
  return at === undefined ? 0 : Math.max(0, (nowMs - Date.parse(at)) / 1000);
}

function createProcessFigures(
  registry: Registry,
  loop: ReturnType<typeof monitorEventLoopDelay>,
): () => void {
  const delay = gaugeOf(registry, metricRows.loopDelay);
  const memory = gaugeOf(registry, metricRows.memory);
  const heap = gaugeOf(registry, metricRows.heap);
  const cpu = new Counter(optionsOf(metricRows.cpu, registry));
  gaugeOf(registry, metricRows.started).set(performance.timeOrigin / 1000);
  return () => {
    // What is measured is the whole time between two looks.
    const late = (nanoseconds: number): number =>
      Math.max(0, nanoseconds / 1e9 - loopResolutionMs / 1000);
    const isMeasured = loop.count > 0;
    delay.set({ quantile: "0.5" }, isMeasured ? late(loop.percentile(50)) : 0);
    delay.set({ quantile: "0.99" }, isMeasured ? late(loop.percentile(99)) : 0);
    delay.set({ quantile: "1" }, isMeasured ? late(loop.max) : 0);
    loop.reset();
    const { rss, heapUsed } = process.memoryUsage();
    memory.set(rss);
    heap.set(heapUsed);
    const { user, system } = process.cpuUsage();
    cpu.reset();
    cpu.inc((user + system) / 1e6);
  };
}

function gaugeOf(registry: Registry, row: MetricRow): Gauge {
  return new Gauge(optionsOf(row, registry));
}

function optionsOf({ name, sentence, labels }: MetricRow, registry: Registry) {
  return { name, help: `${sentence}.`, labelNames: [...labels], registers: [registry] };
}
