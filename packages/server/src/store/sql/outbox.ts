/** The outbox: what the application is told, in the order of the tenant. */
import type { OutboxEvent } from "../../domain/outbox-event.ts";
import type { TenantId } from "../../domain/tenant.ts";
import type { OutboxBounds } from "../store.ts";
import type { Place } from "./audit-log.ts";
import { insertRows } from "./insert-rows.ts";
import { jsonColumn } from "./json-column.ts";
import { queries } from "./queries.ts";
import type { Script } from "./script.ts";
import { firstRowOf, rowsIn, rowsOfQuery } from "./script.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import type { Statement } from "./statement.ts";
import { statement } from "./statement.ts";

/** Adds an event; without a position it gets one after commit. */
export function insertOutboxEvent(
  tenantId: TenantId,
  event: OutboxEvent,
  { number, writtenAs = 0 }: Place,
): Statement {
  const [column, value] = number === undefined ? ["written_as", writtenAs] : ["position", number];
  return statement(
    `INSERT INTO outbox_events (tenant_id, event_id, type, at, resource_type,
       resource_id, revision, data, ${column})
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    tenantId,
    event.eventId,
    event.type,
    event.at,
    event.resourceType,
    event.resourceId,
    event.revision,
    JSON.stringify(event.data),
    value,
  );
}

/** How many events one statement adds: with nine values each, as many as SQLite takes parameters for. */
const eventsAtOnceMax = 3600;

/** Adds many events; the place of each is its position, or a number in the order of time where it gets one after commit. */
export function insertOutboxEvents(
  tenantId: TenantId,
  events: readonly OutboxEvent[],
  placeOf: (index: number) => number,
  { writers }: SqlDialect,
): readonly Statement[] {
  return insertRows({
    into: `outbox_events (tenant_id, event_id, type, at, resource_type,
       resource_id, revision, data, ${writers === "many" ? "written_as" : "position"})`,
    shared: [tenantId],
    rows: events.map((event, index) => [
      event.eventId,
      event.type,
      event.at,
      event.resourceType,
      event.resourceId,
      event.revision,
      JSON.stringify(event.data),
      placeOf(index),
    ]),
    atOnceMax: eventsAtOnceMax,
  });
}

/** Lists the events behind a position. */
export function* outboxEvents(
  tenantId: TenantId,
  { after, limit }: { readonly after: number; readonly limit: number },
): Script<readonly (OutboxEvent & { readonly position: number })[]> {
  const rows = yield* rowsOfQuery(
    queries
      .selectFrom("outbox_events")
      .selectAll()
      .where("tenant_id", "=", tenantId)
      .where("position", ">", after)
      .orderBy("position")
      .limit(limit),
  );
  return rows.map((row) => ({
    position: row.position,
    eventId: row.event_id,
    type: row.type,
    at: row.at,
    resourceType: row.resource_type,
    resourceId: row.resource_id,
    revision: row.revision,
    data: jsonColumn(row.data),
  }));
}

/** Finds the position of an event. */
export function* outboxPosition(tenantId: TenantId, eventId: string): Script<number | undefined> {
  const row = yield* firstRowOf<{ position: number | null }>(
    statement(
      `SELECT position FROM outbox_events WHERE tenant_id = ? AND event_id = ?`,
      tenantId,
      eventId,
    ),
  );
  return row?.position ?? undefined;
}

/** Reads where the events of a tenant begin and end. */
export function* outboxBounds(tenantId: TenantId): Script<OutboxBounds | undefined> {
  const [tenants, oldest] = yield [
    statement(`SELECT last_outbox_position FROM tenants WHERE tenant_id = ?`, tenantId),
    statement(
      `SELECT position FROM outbox_events WHERE tenant_id = ? AND position > 0
       ORDER BY position LIMIT 1`,
      tenantId,
    ),
  ];
  const [tenant] = rowsIn<{ last_outbox_position: number }>(tenants);
  const [first] = rowsIn<{ position: number }>(oldest);
  return tenant && { first: first?.position, last: tenant.last_outbox_position };
}

/** Counts the events of a tenant. */
export function* countOutboxEvents(tenantId: TenantId): Script<number> {
  const rows = yield* rowsOfQuery(
    queries
      .selectFrom("outbox_events")
      .select(({ fn }) => fn.countAll<number>().as("events"))
      .where("tenant_id", "=", tenantId),
  );
  return rows[0]?.events ?? 0;
}
