/** The events as an application reads them, each type with its data. */
import type { EventDataByType } from "../admin-contract/event-data.ts";
import type { FeedEvent } from "../admin-contract/event-feed.ts";
import type { EventType } from "../domain/event-types.ts";

/** The message of an event by its type; the cursor is there where the feed has told it. */
export type EventOf<Type extends EventType> = Omit<FeedEvent, "type" | "data" | "cursor"> & {
  readonly type: Type;
  readonly data: EventDataByType[Type];
};

/** An event that a webhook has brought. Types that are not known yet may come too: ignore them. */
export type WebhookEvent = { [Type in EventType]: EventOf<Type> }[EventType];

/** An event of the feed. Types that are not known yet may come too: ignore them, and keep the cursor. */
export type RollcallEvent = WebhookEvent & Pick<FeedEvent, "cursor">;
