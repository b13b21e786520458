/** Fair shares between tenants: each has so many requests under way, further ones wait their turn, tenant by tenant (RFC 6585 §4). */

/** The most requests of all tenants under way at once, in shares of one tenant. */
const sharesAtOnce = 4;
/** The most requests of one tenant that wait their turn. */
const waitingOfTenantMax = 2_000;
/** The most requests that wait their turn; above it the tenant with the most of them gives one up. */
const waitingMax = 20_000;
/** How long whoever is turned away shall wait, in seconds. */
const retryAfterSeconds = 1;

/** A place among the requests under way, or none. */
export type Place =
  | { readonly kind: "taken"; readonly leave: () => void }
  /** `isFirst`: the first one turned away since the tenant last found a place to wait in, for the log. */
  | { readonly kind: "full"; readonly retryAfterSeconds: number; readonly isFirst: boolean };

/** How many requests there are. */
export interface ShareCounts {
  readonly underWay: number;
  readonly waiting: number;
}

/** Gives out places. */
export interface FairShare {
  /** Takes a place for a tenant, at once or when its turn comes. Who is `isOver` by then gets none. */
  enter(tenant: string, isOver: () => boolean): Place | Promise<Place>;
  counts(): ShareCounts;
}

/** How many places there are; tests have fewer. */
export interface FairShareLimits {
  /** Of one tenant, under way; 0 for no limit. */
  readonly ofTenant: number;
  readonly atOnce?: number;
  readonly waitingOfTenant?: number;
  readonly waiting?: number;
}

/** Of one tenant; there only while it has a request. */
interface Share {
  readonly tenant: string;
  underWay: number;
  isOver: boolean;
  readonly waiting: Waiter[];
}

interface Waiter {
  readonly isOver: () => boolean;
  readonly settle: (place: Place) => void;
}

/** Makes the places. While there are enough of them nobody waits, and it costs a look-up. */
export function createFairShare(limits: FairShareLimits): FairShare {
  const { ofTenant } = limits;
  const most = {
    atOnce: limits.atOnce ?? ofTenant * sharesAtOnce,
    waitingOfTenant: limits.waitingOfTenant ?? waitingOfTenantMax,
    waiting: limits.waiting ?? waitingMax,
  };
  const shares = new Map<string, Share>();
  // In the order of their turns; a tenant that was served goes to the end.
  const turns = new Set<Share>();
  const counts = { underWay: 0, waiting: 0 };

  const mayBegin = (share: Share): boolean =>
    ofTenant === 0 || (counts.underWay < most.atOnce && share.underWay < ofTenant);

  const begin = (share: Share): Place => {
    share.underWay += 1;
    counts.underWay += 1;
    let isHere = true;
    const leave = (): void => {
      // Whoever leaves early leaves again at the end.
      if (isHere) {
        isHere = false;
        share.underWay -= 1;
        counts.underWay -= 1;
        callNext();
        dropIdle(share);
      }
    };
    return { kind: "taken", leave };
  };

  const callNext = (): void => {
    for (const share of turns) {
      if (counts.underWay >= most.atOnce) {
        return;
      }
      dropOver(share);
      if (mayBegin(share)) {
        callOne(share);
      }
    }
  };

  const callOne = (share: Share): void => {
    turns.delete(share);
    const waiter = share.waiting.shift();
    if (waiter !== undefined) {
      counts.waiting -= 1;
      if (share.waiting.length > 0) {
        turns.add(share);
      }
      waiter.settle(begin(share));
    }
  };

  /** Those whose time is up have had their answer. */
  const dropOver = (share: Share): void => {
    while (share.waiting[0]?.isOver() === true) {
      turnAway(share, share.waiting.shift());
    }
    if (share.waiting.length === 0) {
      turns.delete(share);
    }
  };

  const turnAway = (share: Share, waiter: Waiter | undefined): void => {
    if (waiter !== undefined) {
      counts.waiting -= 1;
      waiter.settle(full(share));
    }
  };

  const dropIdle = (share: Share): void => {
    if (share.underWay === 0 && share.waiting.length === 0) {
      shares.delete(share.tenant);
    }
  };

  const wait = (share: Share, isOver: () => boolean): Place | Promise<Place> => {
    dropOver(share);
    if (share.waiting.length >= most.waitingOfTenant) {
      return full(share);
    }
    if (counts.waiting >= most.waiting) {
      const longest = longestOf(turns);
      if (longest === undefined || longest.waiting.length <= share.waiting.length + 1) {
        return full(share);
      }
      turnAway(longest, longest.waiting.pop());
    }
    share.isOver = false;
    counts.waiting += 1;
    turns.add(share);
    return new Promise((settle) => share.waiting.push({ isOver, settle }));
  };

  return {
    enter(tenant, isOver) {
      const share = shares.get(tenant) ?? { tenant, underWay: 0, isOver: false, waiting: [] };
      shares.set(tenant, share);
      const place =
        share.waiting.length === 0 && mayBegin(share) ? begin(share) : wait(share, isOver);
      dropIdle(share);
      return place;
    },
    counts: () => ({ ...counts }),
  };
}

function full(share: Share): Place {
  const isFirst = !share.isOver;
  share.isOver = true;
  return { kind: "full", retryAfterSeconds, isFirst };
}

function longestOf(shares: Iterable<Share>): Share | undefined {
  let longest: Share | undefined;
  for (const share of shares) {
    if (longest === undefined || share.waiting.length > longest.waiting.length) {
      longest = share;
    }
  }
  return longest;
}
