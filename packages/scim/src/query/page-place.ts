/** Places in the order of results, and the positions that walks go on from (RFC 9865 §2, §2.2). */
import type { Comparable } from "../filter/resolved-filter.ts";
import type { PageWalk, QueryOrder } from "./resource-query.ts";
import { compareSortKeys } from "./sort-key.ts";

/** The place of one match among all. */
export interface PagePlace {
  readonly part: number;
  /** Where it stands in the order of creation among the resources of its type; never changes. */
  readonly sequence: number;
  /** What it is sorted by; undefined in the order of creation. */
  readonly key: Comparable | undefined;
}

/** How many characters of a text a walk sorts by: positions stay short enough for a URL. */
const walkedKeyLengthMax = 500;

/** The place by which walks go: of a text that is very long the beginning counts. */
export function walkedPlace<Place extends PagePlace>(place: Place): Place {
  const { key } = place;
  return typeof key === "string" && key.length > walkedKeyLengthMax
    ? { ...place, key: key.slice(0, walkedKeyLengthMax) }
    : place;
}

/** Compares two places by the order of results. */
export function comparePlaces(left: PagePlace, right: PagePlace, order: QueryOrder): number {
  const descending = order === "descending";
  return (
    (order === "created" ? 0 : compareSortKeys(left.key, right.key, { descending })) ||
    left.part - right.part ||
    left.sequence - right.sequence
  );
}

/** Writes the position of a place; stores hand it out and nobody else reads it. */
export function formatPosition({ part, sequence, key }: PagePlace): string {
  return JSON.stringify(key === undefined ? [part, sequence] : [part, sequence, key]);
}

/** Reads a position that {@link formatPosition} wrote. */
export function parsePosition(text: string): PagePlace {
  const values: unknown = JSON.parse(text);
  const [part, sequence, key] = Array.isArray(values) ? values : [];
  if (typeof part !== "number" || typeof sequence !== "number") {
    throw new TypeError("this position was not written by a store");
  }
  const isKey = typeof key === "string" || typeof key === "number" || typeof key === "boolean";
  return { part, sequence, key: isKey ? key : undefined };
}

/** The part of a page that a walk asks for. */
export interface WalkedPage<Place> {
  readonly places: readonly Place[];
  readonly next: string | undefined;
  readonly previous: string | undefined;
}

/** Tells the positions around a page of `places`, of which there is more on either side or not. */
export function walkedPage<Place extends PagePlace>(
  places: readonly Place[],
  beyond: { readonly isMoreBehind: boolean; readonly isMoreBefore: boolean },
): WalkedPage<Place> {
  const first = places[0];
  const last = places.at(-1);
  return {
    places,
    next: last !== undefined && beyond.isMoreBehind ? formatPosition(last) : undefined,
    previous: first !== undefined && beyond.isMoreBefore ? formatPosition(first) : undefined,
  };
}

/** Cuts the page of a walk out of all places, which are in order. */
export function pageOfWalk<Place extends PagePlace>(
  places: readonly Place[],
  { way, position }: PageWalk,
  { count, order }: { readonly count: number; readonly order: QueryOrder },
): WalkedPage<Place> {
  const from = position === undefined ? undefined : parsePosition(position);
  const isBeyond = (place: Place): boolean => {
    const side = from === undefined ? 1 : comparePlaces(place, from, order);
    return way === "forward" ? side > 0 : side < 0;
  };
  const beyond = places.filter(isBeyond);
  const page =
    way === "forward" ? beyond.slice(0, count) : beyond.slice(Math.max(0, beyond.length - count));
  const hasMore = page.length < beyond.length;
  const hasPassed = beyond.length < places.length;
  return walkedPage(page, {
    isMoreBehind: way === "forward" ? hasMore : hasPassed,
    isMoreBefore: way === "forward" ? hasPassed : hasMore,
  });
}
