/** Answers the event feed: a page of what is behind a cursor, or the wait for it; a cursor that misses something is refused. */
import type { EventFeed, EventFeedQuery } from "../../admin-contract/event-feed.ts";
import { feedEnd, readEventFeed } from "../../admin-contract/event-feed.ts";
import { adminPageSizeDefault } from "../../admin-contract/operation.ts";
import { problemTypes } from "../../admin-contract/problem.ts";
import type { OutboxEvent } from "../../domain/outbox-event.ts";
import { eventMessageOf } from "../../domain/outbox-event.ts";
import type { Tenant } from "../../domain/tenant.ts";
import { eventDays } from "../../provisioning/prune-old-records.ts";
import type { OutboxBounds, OutboxTable } from "../../store/store.ts";
import type { FeedPlace } from "./feed-cursor.ts";
import { markOf } from "./feed-cursor.ts";
import { invalidRequest, notFound, problem } from "./problem.ts";
import type { AdminCall, AdminParts, ServedOperation } from "./served-operation.ts";
import { served } from "./served-operation.ts";

/** The longest that an answer is waited for: well below the time that any answer may take. */
const feedWaitMsMax = 20_000;
const secondMs = 1000;

type FeedCall = AdminCall<EventFeedQuery, undefined>;
type FeedParts = Pick<AdminParts, "store" | "feedCursors" | "eventWaiting">;

/** The operation. */
export const servedEventFeed: readonly ServedOperation[] = [
  served(readEventFeed, async (call, parts) => {
    const tenant = await tenantOf(call, parts);
    return { body: await feedOf(tenant, call, parts) };
  }),
];

/** Another tenant is answered like one that does not exist. */
async function tenantOf(
  { query, caller }: Pick<FeedCall, "query" | "caller">,
  { store: { tenants } }: FeedParts,
): Promise<Tenant> {
  if (query.tenant === undefined && caller.tenantId === undefined) {
    const detail = "a credential of the instance names the tenant whose events it wants";
    throw invalidRequest([{ path: "tenant", detail }]);
  }
  const tenant =
    query.tenant === undefined
      ? caller.tenantId && (await tenants.byId(caller.tenantId))
      : await tenants.bySlug(query.tenant);
  if (
    tenant === undefined ||
    (caller.tenantId !== undefined && caller.tenantId !== tenant.tenantId)
  ) {
    throw notFound("tenant");
  }
  return tenant;
}

async function feedOf(
  tenant: Tenant,
  { query, isGone, away, checkAgain }: Pick<FeedCall, "query" | "isGone" | "away" | "checkAgain">,
  parts: FeedParts,
): Promise<EventFeed> {
  const { tenantId } = tenant;
  const place = await placeOf(tenant, query, parts);
  const limit = query.limit ?? adminPageSizeDefault;
  const untilMs = performance.now() + Math.min((query.wait ?? 0) * secondMs, feedWaitMsMax);
  for (;;) {
    const events = await eventsBehind(tenant, place, limit, parts);
    const waitMs = untilMs - performance.now();
    // Whoever asks where the feed ends is told at once.
    if (events.length > 0 || query.after === feedEnd || waitMs <= 0) {
      return shown(tenant, events, place, parts);
    }
    const wish = { after: place.position, waitMs, isGone };
    const outcome = await away(() => parts.eventWaiting.until(tenantId, wish));
    // The token may have been revoked while its holder waited.
    await checkAgain();
    switch (outcome) {
      case "look-again":
        break;
      case "over":
        return shown(tenant, [], place, parts);
      case "full":
        throw problem(429, "Too many clients wait for the events of this tenant.", {
          headers: { "Retry-After": "5" },
        });
    }
  }
}

/** Where the request wants to begin. */
async function placeOf(
  tenant: Tenant,
  { after }: EventFeedQuery,
  { store: { outbox }, feedCursors }: FeedParts,
): Promise<FeedPlace> {
  const { tenantId } = tenant;
  if (after === undefined) {
    return oldestPlace(await boundsOf(tenant, outbox));
  }
  if (after === feedEnd) {
    const { last } = await boundsOf(tenant, outbox);
    const [event] = await outbox.list(tenantId, { after: last - 1, limit: 1 });
    return { position: last, mark: event?.position === last ? markOf(event) : "" };
  }
  const place = feedCursors.parse(tenantId, after);
  if (place === undefined) {
    const detail = `expected the cursor of an event of this tenant, a nextCursor, or ${feedEnd}`;
    throw invalidRequest([{ path: "after", detail }]);
  }
  return place;
}

async function boundsOf(
  { tenantId }: Tenant,
  outbox: Pick<OutboxTable, "bounds">,
): Promise<OutboxBounds> {
  const bounds = await outbox.bounds(tenantId);
  if (bounds === undefined) {
    throw notFound("tenant");
  }
  return bounds;
}

/** Before the oldest event that is kept. */
function oldestPlace({ first, last }: OutboxBounds): FeedPlace {
  return { position: first === undefined ? last : first - 1, mark: "" };
}

type PlacedEvent = OutboxEvent & { readonly position: number };

/** The events behind a place, after making sure that none between has gone. */
async function eventsBehind(
  tenant: Tenant,
  { position, mark }: FeedPlace,
  limit: number,
  parts: FeedParts,
): Promise<readonly PlacedEvent[]> {
  const { outbox } = parts.store;
  // The event of the cursor is read too, where it is kept: it has to be the one that the cursor was made of.
  const found = await outbox.list(tenant.tenantId, { after: position - 1, limit: limit + 1 });
  const [first] = found;
  if (first?.position === position) {
    if (mark !== "" && markOf(first) !== mark) {
      throw cursorGone(tenant, givenUp, await boundsOf(tenant, outbox), parts);
    }
    return found.slice(1);
  }
  if (first?.position === position + 1) {
    return found.slice(0, limit);
  }
  const bounds = await boundsOf(tenant, outbox);
  if (first === undefined && bounds.last === position) {
    return [];
  }
  throw cursorGone(tenant, bounds.last < position ? givenUp : tooOld, bounds, parts);
}

const givenUp = "is of a state of the database that was given up";
const tooOld = `is older than the ${eventDays} days that events are kept`;

function cursorGone(
  { tenantId }: Tenant,
  reason: string,
  bounds: OutboxBounds,
  { feedCursors }: FeedParts,
): Error {
  return problem(410, `The cursor ${reason}: load everything anew and go on from oldestCursor.`, {
    type: problemTypes.cursorGone,
    oldestCursor: feedCursors.format(tenantId, oldestPlace(bounds)),
  });
}

function shown(
  tenant: Tenant,
  events: readonly PlacedEvent[],
  place: FeedPlace,
  { feedCursors }: FeedParts,
): EventFeed {
  const cursorOf = (at: FeedPlace): string => feedCursors.format(tenant.tenantId, at);
  const items = events.map((event) => ({
    id: event.eventId,
    cursor: cursorOf({ position: event.position, mark: markOf(event) }),
    ...eventMessageOf(event, tenant),
  }));
  return { items, nextCursor: items.at(-1)?.cursor ?? cursorOf(place) };
}
