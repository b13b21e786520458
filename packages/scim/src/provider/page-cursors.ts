/** From cursors to walks and back (RFC 9865 §2, §2.3, §2.4, §5.2, §5.3): nothing is kept of a cursor, all of it is in its own text. */
import type { Cursor } from "../query/cursor.ts";
import {
  cursorSecondsDefault,
  formatCursor,
  invalidCursor,
  parseCursor,
  walkOfCursor,
} from "../query/cursor.ts";
import type { ListPlace } from "../query/list-response.ts";
import type { PageWalk, ResourcePage } from "../query/resource-query.ts";
import type { SearchRequest } from "../query/search-request.ts";
import type { ScimContext } from "./scim-context.ts";

/** The walk that a search asks for; undefined for pages by index. Throws `invalidCursor`, `expiredCursor`, `invalidCount`. */
export async function walkOf(
  { cursor, count }: SearchRequest,
  queryText: string,
  { cursors, now }: ScimContext,
): Promise<PageWalk | undefined> {
  if (cursor === undefined || cursors === undefined) {
    return undefined;
  }
  if (cursor === "") {
    return { way: "forward", position: undefined };
  }
  const text = await cursors.open(cursor, queryText);
  const opened = text === undefined ? undefined : parseCursor(text);
  if (opened === undefined) {
    throw invalidCursor();
  }
  return walkOfCursor(opened, { count, nowMs: now() });
}

/** What a page says about its place among all: where it starts, or the cursors to its neighbours. */
export async function placeOfPage(
  { startIndex, count, cursor }: SearchRequest,
  { next, previous }: Pick<ResourcePage, "next" | "previous">,
  queryText: string,
  { cursors, now }: ScimContext,
): Promise<ListPlace> {
  if (cursor === undefined || cursors === undefined) {
    return { startIndex };
  }
  const expiresMs = now() + cursorSecondsDefault * 1000;
  const sealed = (way: Cursor["way"], position: string | undefined) =>
    position === undefined
      ? undefined
      : cursors.seal(formatCursor({ way, position, count, expiresMs }), queryText);
  return {
    nextCursor: await sealed("forward", next),
    previousCursor: await sealed("backward", previous),
  };
}
