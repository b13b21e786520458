/**
 * Cursors of the event feed. A cursor is good for one tenant, only this instance can make it (RFC 2104), and it tells
 * which event it is behind: after a restore of the database another one may have that position.
 */
import { timingSafeEqual } from "node:crypto";
import type { TenantId } from "../../domain/tenant.ts";

/** A place in the feed of a tenant: behind an event. */
export interface FeedPlace {
  /** 0 for before the first one. */
  readonly position: number;
  /** What tells the event from others; empty where there is none, or it is not kept. */
  readonly mark: string;
}

/** Makes and reads cursors. */
export interface FeedCursors {
  format(tenantId: TenantId, place: FeedPlace): string;
  /** Reads a cursor; undefined for one that was not made here for this tenant. */
  parse(tenantId: TenantId, text: string): FeedPlace | undefined;
}

/** How many characters of the id of an event are its mark. */
const markLength = 12;
/** Bytes of the code in a cursor: 96 bit. */
const codeLength = 12;

/** The mark of an event. */
export function markOf({ eventId }: { readonly eventId: string }): string {
  return eventId.slice(-markLength);
}

/** Makes the cursors of an instance; `keyedHash` answers in hexadecimal. */
export function createFeedCursors(keyedHash: (text: string) => string): FeedCursors {
  const codeOf = (tenantId: TenantId, payload: string): Buffer =>
    Buffer.from(keyedHash(`${tenantId} ${payload}`), "hex").subarray(0, codeLength);
  const format: FeedCursors["format"] = (tenantId, { position, mark }) => {
    const payload = `${position} ${mark}`;
    return Buffer.concat([codeOf(tenantId, payload), Buffer.from(payload)]).toString("base64url");
  };
  return {
    format,
    parse(tenantId, text) {
      const bytes = Buffer.from(text, "base64url");
      const code = bytes.subarray(0, codeLength);
      const payload = bytes.subarray(codeLength).toString();
      const expected = codeOf(tenantId, payload);
      // Base64url has several spellings of one value; a cursor has one.
      const isOurs =
        code.length === expected.length &&
        timingSafeEqual(code, expected) &&
        bytes.toString("base64url") === text;
      const [position = "", mark = ""] = payload.split(" ");
      return isOurs ? { position: Number(position), mark } : undefined;
    },
  };
}
