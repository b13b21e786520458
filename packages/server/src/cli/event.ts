/** `rollcall event`: shows the outbox, which is what the application is told, and what each type of event looks like. */
import { eventJsonSchema, ownTypeJsonSchema } from "../admin-contract/event-schema.ts";
import { isNamed } from "../domain/audit-search.ts";
import { eventTypes, isEventType } from "../domain/event-types.ts";
import type { OutboxEvent } from "../domain/outbox-event.ts";
import { refusal } from "../domain/refusal.ts";
import { safeJson } from "../domain/safe-json.ts";
import type { TenantId } from "../domain/tenant.ts";
import type { Store } from "../store/store.ts";
import type { Call, Command } from "./command.ts";
import { findTenant } from "./find-connection.ts";
import { formatTable } from "./format-table.ts";
import { wholeNumberOption } from "./whole-number-option.ts";

/** How many events are read at once. */
const pageLength = 500;
const limitDefault = 10_000;
const limitMax = 100_000;

/** The commands. */
export const eventCommands: readonly Command[] = [
  {
    usage: "event list <tenant>",
    summary: "show the events of a tenant in the order in which the application is told of them",
    options: [
      ["--after <cursor>", "those behind an event, by its id or its position in the order"],
      ["--type <type>", "one type, such as user.created, or user. for all of users"],
      ["--limit <count>", `how many at most (default: ${limitDefault})`],
    ],
    usedBy: "all",
    folder: "need",
    run: listEvents,
  },
  {
    usage: "event schema <type>",
    summary: "print the JSON Schema of a type of event, such as user.created, with an example",
    options: [],
    usedBy: "all",
    folder: "make",
    run: showSchema,
  },
];

async function showSchema(call: Call): Promise<number> {
  const type = call.args[0] ?? "";
  const schema = isEventType(type) ? eventJsonSchema(type) : ownTypeJsonSchema(type);
  if (schema === undefined) {
    throw refusal(
      `${type} is no type of event: give one of ${Object.keys(eventTypes).join(", ")}, or one of a resource type of your own, such as device.created`,
    );
  }
  call.answer(schema, [safeJson(schema, 2)]);
  return 0;
}

async function listEvents(call: Call): Promise<number> {
  const { store } = await call.open();
  const { tenantId, slug } = await findTenant(store, call.args[0] ?? "");
  const limit = wholeNumberOption(call, "limit", limitDefault, 0, limitMax);
  const after = await positionOption(call, store, tenantId);
  const events = await readEvents(store, tenantId, { after, limit, type: call.text("type") });
  call.answer(
    events.map(({ eventId, type, at, data }) => ({
      id: eventId,
      type,
      tenant: slug,
      time: at,
      data,
    })),
    formatTable(
      ["ID", "TIME", "TYPE", "DATA"],
      events.map(({ eventId, at, type, data }) => [eventId, at, type, safeJson(data)]),
    ),
  );
  return 0;
}

/** The position behind which to begin: given as it is, or that of the event with the id. */
async function positionOption(call: Call, { outbox }: Store, tenantId: TenantId): Promise<number> {
  const cursor = call.text("after") ?? "0";
  const position = /^\d{1,15}$/.test(cursor)
    ? Number(cursor)
    : await outbox.positionOf(tenantId, cursor);
  if (position === undefined) {
    throw refusal(`--after ${cursor}: the tenant has no such event`);
  }
  return position;
}

async function readEvents(
  { outbox }: Store,
  tenantId: TenantId,
  wish: { readonly after: number; readonly limit: number; readonly type: string | undefined },
): Promise<readonly OutboxEvent[]> {
  const events: OutboxEvent[] = [];
  let after: number | undefined = wish.after;
  while (after !== undefined && events.length < wish.limit) {
    const page = await outbox.list(tenantId, { after, limit: pageLength });
    events.push(...page.filter(({ type }) => wish.type === undefined || isNamed(type, wish.type)));
    after = page.at(-1)?.position;
  }
  return events.slice(0, wish.limit);
}
