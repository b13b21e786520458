/** Every metric as a row: name, kind, labels, sentence. `/metrics` and the documentation are made from it. */

/** A metric. */
export interface MetricRow {
  readonly name: string;
  readonly kind: "counter" | "gauge" | "histogram";
  /** What tells its series apart; the values of each are few and known. */
  readonly labels: readonly string[];
  readonly sentence: string;
}

const counter = (name: string, labels: readonly string[], sentence: string): MetricRow => ({
  name,
  kind: "counter",
  labels,
  sentence,
});
const gauge = (name: string, labels: readonly string[], sentence: string): MetricRow => ({
  name,
  kind: "gauge",
  labels,
  sentence,
});

/** What the code calls the metrics. */
export type MetricKey =
  | "program"
  | "requests"
  | "durations"
  | "underWay"
  | "waiting"
  | "databaseUp"
  | "tenants"
  | "events"
  | "unnumbered"
  | "unnumberedAge"
  | "deliveries"
  | "webhooks"
  | "queued"
  | "queueAge"
  | "mails"
  | "locks"
  | "ending"
  | "unchained"
  | "databaseBytes"
  | "connections"
  | "loopDelay"
  | "memory"
  | "heap"
  | "cpu"
  | "started";

/** The metrics, by what the code calls them. */
export const metricRows: Readonly<Record<MetricKey, MetricRow>> = {
  program: gauge("rollcall_build", ["version", "node"], "Always 1; says what runs"),
  requests: counter(
    "rollcall_http_requests_total",
    ["method", "route", "status"],
    "Requests answered, by the template of their path",
  ),
  durations: {
    name: "rollcall_http_request_duration_seconds",
    kind: "histogram",
    labels: ["method", "route"],
    sentence: "How long answers took, waiting for a turn included",
  },
  underWay: gauge("rollcall_http_requests_under_way", [], "Requests being worked on"),
  waiting: gauge(
    "rollcall_http_requests_waiting",
    [],
    "Requests waiting for the turn of their tenant",
  ),
  databaseUp: gauge("rollcall_database_up", [], "1 when the database answered this scrape"),
  tenants: gauge("rollcall_tenants", [], "Tenants"),
  events: counter("rollcall_outbox_events_total", [], "Events that were ever put in the outboxes"),
  unnumbered: gauge(
    "rollcall_outbox_unnumbered_events",
    [],
    "Events that are committed and not given to readers yet; PostgreSQL only, counted up to 20,000",
  ),
  unnumberedAge: gauge(
    "rollcall_outbox_unnumbered_age_seconds",
    [],
    "How long the oldest of them has waited",
  ),
  deliveries: counter(
    "rollcall_webhook_deliveries_total",
    ["outcome"],
    "Attempts to deliver an event to a webhook, by what came of them",
  ),
  webhooks: gauge("rollcall_webhooks", ["state"], "Webhooks: enabled and disabled"),
  queued: gauge(
    "rollcall_webhook_queue_deliveries",
    ["state"],
    "Deliveries to webhooks: waiting, or dead letters; counted up to 20,000",
  ),
  queueAge: gauge(
    "rollcall_webhook_queue_age_seconds",
    [],
    "How long ago the oldest event happened that waits to be delivered",
  ),
  mails: gauge(
    "rollcall_mails",
    ["state"],
    "Mails that have not been sent: waiting, or given up; counted up to 20,000",
  ),
  locks: gauge("rollcall_locks", ["source"], "Locks of members, by source, counted up to 20,000"),
  ending: gauge(
    "rollcall_credentials_ending",
    ["kind", "within_days"],
    "Live credentials that end within so many days, looked at every five minutes",
  ),
  unchained: gauge(
    "rollcall_audit_unchained_entries",
    [],
    "Audit entries that are not chained yet",
  ),
  databaseBytes: gauge("rollcall_database_bytes", ["file"], "Size of the files; SQLite only"),
  connections: gauge(
    "rollcall_database_connections",
    ["state"],
    "Connections of the pool: max, open, idle; waiting: requests without one; PostgreSQL only",
  ),
  loopDelay: gauge(
    "rollcall_event_loop_delay_seconds",
    ["quantile"],
    "How late the event loop was since the last scrape: 0.5, 0.99 and 1",
  ),
  memory: gauge("process_resident_memory_bytes", [], "Memory of the process"),
  heap: gauge("nodejs_heap_used_bytes", [], "Memory of the JavaScript heap in use"),
  cpu: counter("process_cpu_seconds_total", [], "Processor time of the process"),
  started: gauge("process_start_time_seconds", [], "When the process started, since 1970"),
};
