import { expect, test } from "vitest";
import type { Backlog, EndingCredentials } from "../domain/instance-figures.ts";
import type { WebhookDelivery } from "../domain/webhook.ts";
import type { Store, WebhookQueue } from "../store/store.ts";
import type { MetricRow } from "./metric-rows.ts";
import { metricRows } from "./metric-rows.ts";
import type { Metrics } from "./metrics.ts";
import { createMetrics } from "./metrics.ts";

const backlog: Backlog = {
  tenants: 3,
  events: 70,
  unnumberedEvents: 2,
  oldestUnnumbered: "2025-06-15T12:00:00.000Z",
  mails: { waiting: 4, givenUp: 1 },
  webhooks: { enabled: 3, disabled: 1, waiting: 12, dead: 2, oldest: "2025-06-15T11:59:30.000Z" },
  locks: { admin: 2, scim: 5 },
};
const ending: EndingCredentials = { scim: [0, 1, 2, 3], admin: [0, 0, 0, 1] };
const nowMs = Date.UTC(2025, 5, 15, 12, 0, 30);

/** Metrics of a store that answers what the test says. */
function site(
  answers: {
    backlog?: () => Promise<Backlog>;
    database?: Store["figures"]["database"];
    nowMs?: () => number;
  } = {},
) {
  const asked = { credentials: 0 };
  const store: Parameters<typeof createMetrics>[0]["store"] = {
    figures: {
      backlog: answers.backlog ?? (async () => backlog),
      endingCredentials: async () => {
        asked.credentials += 1;
        return ending;
      },
      database:
        answers.database ??
        (() => ({ database: "sqlite", bytes: { database: 100, log: 20, requestLog: 3 } })),
    },
    auditLog: { countUnchained: async () => 9 } as unknown as Store["auditLog"],
  };
  const metrics = createMetrics({
    store,
    fairShare: { counts: () => ({ underWay: 6, waiting: 7 }) },
    version: "1.2.3",
    now: answers.nowMs ?? (() => nowMs),
  });
  return { metrics, asked };
}

async function linesOf(metrics: Metrics): Promise<readonly string[]> {
  return (await metrics.text()).split("\n");
}

test("figures of the store are written as they are", async () => {
  const { metrics } = site();
  expect(await linesOf(metrics)).toEqual(
    expect.arrayContaining([
      `rollcall_build{version="1.2.3",node="${process.versions.node}"} 1`,
      "rollcall_http_requests_under_way 6",
      "rollcall_http_requests_waiting 7",
      "rollcall_database_up 1",
      "rollcall_tenants 3",
      "rollcall_outbox_events_total 70",
      "rollcall_outbox_unnumbered_events 2",
      "rollcall_outbox_unnumbered_age_seconds 30",
      'rollcall_mails{state="waiting"} 4',
      'rollcall_mails{state="given_up"} 1',
      'rollcall_webhooks{state="disabled"} 1',
      'rollcall_webhook_queue_deliveries{state="waiting"} 12',
      'rollcall_webhook_queue_deliveries{state="dead"} 2',
      "rollcall_webhook_queue_age_seconds 60",
      'rollcall_webhook_deliveries_total{outcome="delivered"} 0',
      'rollcall_locks{source="admin"} 2',
      'rollcall_locks{source="scim"} 5',
      'rollcall_credentials_ending{kind="scim",within_days="30"} 3',
      'rollcall_credentials_ending{kind="admin",within_days="7"} 0',
      "rollcall_audit_unchained_entries 9",
      'rollcall_database_bytes{file="rollcall.db"} 100',
      'rollcall_database_bytes{file="rollcall.db-wal"} 20',
    ]),
  );
  metrics.close();
});

test("the connections of a pool are told where there is one", async () => {
  const connections = { max: 16, open: 5, idle: 4, waiting: 0 };
  const { metrics } = site({ database: () => ({ database: "postgres", connections }) });
  const lines = await linesOf(metrics);
  expect(lines).toContain('rollcall_database_connections{state="max"} 16');
  expect(lines).toContain('rollcall_database_connections{state="idle"} 4');
  expect(lines.some((line) => line.startsWith("rollcall_database_bytes{"))).toBe(false);
  metrics.close();
});

test("requests are counted by method, route and status, and measured", async () => {
  const { metrics } = site();
  const request = { method: "GET", route: "/scim/v2/Users/{id}", status: 200, seconds: 0.004 };
  metrics.noteRequest(request);
  metrics.noteRequest(request);
  metrics.noteRequest({ ...request, status: 404 });
  const lines = await linesOf(metrics);
  const labels = 'method="GET",route="/scim/v2/Users/{id}"';
  expect(lines).toContain(`rollcall_http_requests_total{${labels},status="200"} 2`);
  expect(lines).toContain(`rollcall_http_requests_total{${labels},status="404"} 1`);
  expect(lines).toContain(
    'rollcall_http_request_duration_seconds_bucket{le="0.0025",method="GET",route="/scim/v2/Users/{id}"} 0',
  );
  expect(lines).toContain(
    'rollcall_http_request_duration_seconds_bucket{le="0.005",method="GET",route="/scim/v2/Users/{id}"} 3',
  );
  metrics.close();
});

test("whatever a client calls its method, there is one more series and no other", async () => {
  const { metrics } = site();
  for (let index = 0; index < 5_000; index += 1) {
    metrics.noteRequest({ method: `M${index}`, route: "/*", status: 405, seconds: 0 });
    metrics.noteRequest({ method: "GET", route: `/r${index}`, status: 200, seconds: 0 });
  }
  const lines = await linesOf(metrics);
  const series = lines.filter((line) => line.startsWith("rollcall_http_requests_total{"));
  expect(series.length).toBe(2_001);
  expect(lines).toContain(
    'rollcall_http_requests_total{method="other",route="/*",status="405"} 5000',
  );
  expect(lines).toContain(
    'rollcall_http_requests_total{method="GET",route="other",status="200"} 3001',
  );
  metrics.close();
});

test("deliveries to webhooks are counted by what came of them, and the queue does what it did", async () => {
  const { metrics } = site();
  const marked: string[] = [];
  const queue = metrics.countingQueue({
    markDelivered: async () => void marked.push("delivered"),
    markFailed: async () => void marked.push("failed"),
    release: async () => void marked.push("released"),
  } as unknown as WebhookQueue);
  const delivery = {} as WebhookDelivery;
  const at = "2025-06-15T12:00:00.000Z";
  await queue.markDelivered(delivery, { at, status: 200, durationMs: 1 });
  await queue.markFailed(delivery, { at, error: "x", retryAt: at });
  await queue.markFailed(delivery, { at, error: "x", retryAt: undefined });
  await queue.release(delivery);
  expect(marked).toEqual(["delivered", "failed", "failed", "released"]);
  const lines = await linesOf(metrics);
  for (const outcome of ["delivered", "retried", "dead"]) {
    expect(lines).toContain(`rollcall_webhook_deliveries_total{outcome="${outcome}"} 1`);
  }
  metrics.close();
});

test("a database that does not answer is a figure, and the others are there all the same", async () => {
  const { metrics } = site({ backlog: () => Promise.reject(new Error("away")) });
  metrics.noteRequest({ method: "GET", route: "/r", status: 503, seconds: 1 });
  const lines = await linesOf(metrics);
  expect(lines).toContain("rollcall_database_up 0");
  expect(lines).toContain('rollcall_http_requests_total{method="GET",route="/r",status="503"} 1');
  metrics.close();
});

test("all credentials are looked at every five minutes, whoever asks how often", async () => {
  let ms = nowMs;
  const { metrics, asked } = site({ nowMs: () => ms });
  await Promise.all([metrics.text(), metrics.text()]);
  ms += 299_999;
  await metrics.text();
  expect(asked.credentials).toBe(1);
  ms += 1;
  expect(await linesOf(metrics)).toContain(
    'rollcall_credentials_ending{kind="scim",within_days="7"} 1',
  );
  expect(asked.credentials).toBe(2);
  // A clock that was set back is no reason to believe old figures for hours.
  ms -= 3_600_000;
  await metrics.text();
  expect(asked.credentials).toBe(3);
  metrics.close();
});

test("every metric is written with the kind and the sentence of its row, and no other is", async () => {
  const { metrics } = site();
  const text = await metrics.text();
  const written = [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(
    ([, name, kind]) => `${name} ${kind}`,
  );
  const rows: readonly MetricRow[] = Object.values(metricRows);
  expect(written.toSorted()).toEqual(rows.map(({ name, kind }) => `${name} ${kind}`).toSorted());
  for (const { name, sentence } of rows) {
    expect(text).toContain(`# HELP ${name} ${sentence}.`);
  }
  metrics.close();
});
