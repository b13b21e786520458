/** The matches of a search as they are found: how many, and those that can still be on the page (RFC 7644 §3.4.2.4, RFC 9865 §2). */
import type { PagePlace, ResourceQuery, WalkedPage } from "@rollcall/scim";
import { comparePlaces, parsePosition, walkedPage, walkedPlace } from "@rollcall/scim";

/** One match. */
export interface Match extends PagePlace {
  readonly id: string;
}

/** What is kept of the matches. */
export interface Matches {
  readonly total: number;
  /** Whether more matches can be on the page; otherwise their number is enough. */
  readonly wanted: boolean;
  add(matches: readonly Match[]): void;
  count(more: number): void;
  page(): WalkedPage<Match>;
}

type PageWish = Pick<ResourceQuery, "startIndex" | "count" | "order" | "walk">;

/** Makes an empty collection for matches that come in the order of creation, or in any. */
export function createMatches(wish: PageWish, coming: "in order" | "in any order"): Matches {
  const isInOrder = coming === "in order" && wish.order === "created";
  if (wish.walk !== undefined) {
    return createMatchesToWalk(wish, isInOrder && wish.walk.way === "forward");
  }
  return isInOrder ? createMatchesInOrder(wish) : createMatchesToSort(wish);
}

/** What comes in the order of the page needs no keeping but on it. */
function createMatchesInOrder({ startIndex, count }: PageWish): Matches {
  const start = startIndex - 1;
  const end = count === 0 ? 0 : start + count;
  const places: Match[] = [];
  let total = 0;
  return {
    get total() {
      return total;
    },
    get wanted() {
      return total < end;
    },
    add: (matches) => {
      places.push(...matches.slice(Math.max(0, start - total), Math.max(0, end - total)));
      total += matches.length;
    },
    count: (more) => {
      total += more;
    },
    page: () => ({ places, next: undefined, previous: undefined }),
  };
}

function createMatchesToSort({ startIndex, count, order }: PageWish): Matches {
  const start = startIndex - 1;
  const end = count === 0 ? 0 : start + count;
  const kept = createFirstFew<Match>(end, (left, right) => comparePlaces(left, right, order));
  let total = 0;
  return {
    get total() {
      return total;
    },
    wanted: end > 0,
    add: (matches) => {
      total += matches.length;
      kept.add(matches);
    },
    count: (more) => {
      total += more;
    },
    page: () => ({ places: kept.list().slice(start), next: undefined, previous: undefined }),
  };
}

/**
 * Keeps those that follow on the position of the walk, in its way; the others are passed and counted. When they come as
 * they follow, their number is enough as soon as there is one too many.
 */
function createMatchesToWalk({ count, order, walk }: PageWish, isFollowing: boolean): Matches {
  const sign = walk?.way === "backward" ? -1 : 1;
  const from = walk?.position === undefined ? undefined : parsePosition(walk.position);
  const compare = (left: PagePlace, right: PagePlace): number =>
    sign * comparePlaces(left, right, order);
  const kept = createFirstFew<Match>(count, compare);
  let total = 0;
  let passed = 0;
  let beyond = 0;
  return {
    get total() {
      return total;
    },
    get wanted() {
      return count > 0 && !(isFollowing && beyond > count);
    },
    add: (matches) => {
      total += matches.length;
      const following = matches
        .map(walkedPlace)
        .filter((match) => from === undefined || compare(match, from) > 0);
      beyond += following.length;
      passed += matches.length - following.length;
      kept.add(following);
    },
    count: (more) => {
      total += more;
    },
    page: () => {
      const places = kept.list();
      const [hasMore, hasPassed] = [places.length < beyond, passed > 0];
      return sign === 1
        ? walkedPage(places, { isMoreBehind: hasMore, isMoreBefore: hasPassed })
        : walkedPage(places.toReversed(), { isMoreBehind: hasPassed, isMoreBefore: hasMore });
    },
  };
}

/** Keeps the first so many, by an order. */
function createFirstFew<Item>(most: number, compare: (left: Item, right: Item) => number) {
  let kept: Item[] = [];
  const keepFirst = (): void => {
    kept = kept.sort(compare).slice(0, most);
  };
  return {
    add: (items: readonly Item[]): void => {
      for (const item of items) {
        kept.push(item);
      }
      // Sorting only when as many have come again costs little for each of them.
      if (kept.length > 2 * most + 1000) {
        keepFirst();
      }
    },
    list: (): readonly Item[] => {
      keepFirst();
      return kept;
    },
  };
}
