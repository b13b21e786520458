/** The matches of a search as they are found: how many, and those that can still be on the page (RFC 7644 §3.4.2.4). */
import type { ResourceQuery } from "@rollcall/scim";
import { compareSortKeys } from "@rollcall/scim";
import type { SortKey } from "./sort-key.ts";

/** One match. */
export interface Match {
  readonly id: string;
  readonly sequence: number;
  readonly key: SortKey;
}

/** What is kept of the matches. */
export interface Matches {
  readonly total: number;
  /** Whether more matches can be on the page; otherwise their number is enough. */
  readonly wanted: boolean;
  add(matches: readonly Match[]): void;
  count(more: number): void;
  /** The ids on the page. */
  page(): readonly string[];
}

type PageWish = Pick<ResourceQuery, "startIndex" | "count" | "sort">;

/** Makes an empty collection for matches that come in the order of creation, or in any. */
export function createMatches(wish: PageWish, coming: "in order" | "in any order"): Matches {
  return coming === "in order" && wish.sort === undefined
    ? createMatchesInOrder(wish)
    : createMatchesToSort(wish);
}

/** What comes in the order of the page needs no keeping but on it. */
function createMatchesInOrder({ startIndex, count }: PageWish): Matches {
  const start = startIndex - 1;
  const end = count === 0 ? 0 : start + count;
  const ids: string[] = [];
  let total = 0;
  return {
    get total() {
      return total;
    },
    get wanted() {
      return total < end;
    },
    add: (matches) => {
      for (const { id } of matches.slice(Math.max(0, start - total), Math.max(0, end - total))) {
        ids.push(id);
      }
      total += matches.length;
    },
    count: (more) => {
      total += more;
    },
    page: () => ids,
  };
}

function createMatchesToSort({ startIndex, count, sort }: PageWish): Matches {
  const start = startIndex - 1;
  const end = count === 0 ? 0 : start + count;
  const compare = (left: Match, right: Match) =>
    (sort === undefined ? 0 : compareSortKeys(left.key, right.key, sort)) ||
    left.sequence - right.sequence;
  let kept: Match[] = [];
  let total = 0;
  const keepFirst = (): void => {
    kept = kept.sort(compare).slice(0, end);
  };
  return {
    get total() {
      return total;
    },
    wanted: end > 0,
    add: (matches) => {
      total += matches.length;
      for (const match of matches) {
        kept.push(match);
      }
      // Sorting only when as many have come again costs little for each of them.
      if (kept.length > 2 * end + 1000) {
        keepFirst();
      }
    },
    count: (more) => {
      total += more;
    },
    page: () => {
      keepFirst();
      return kept.slice(start).map(({ id }) => id);
    },
  };
}
