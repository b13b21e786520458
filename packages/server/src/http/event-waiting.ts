/**
 * Clients that wait for the next event of a tenant. However many wait, one look at the end of the feed is under way at a
 * time for each tenant: at once when this process has written something, once a second for what others write.
 */
import type { TenantId } from "../domain/tenant.ts";
import type { OutboxTable } from "../store/store.ts";

/** A client's wish to wait. */
export interface WaitWish {
  /** The position behind which it wants events. */
  readonly after: number;
  readonly waitMs: number;
  readonly isGone: () => boolean;
}

/** What waiting came to: `over` when the time is up, the client is gone or the server stops, `full` when too many wait. */
export type WaitOutcome = "look-again" | "over" | "full";

/** Lets clients wait. */
export interface EventWaiting {
  /** Settles when the feed of the tenant ends elsewhere than at the position, or when there is no more waiting. */
  until(tenantId: TenantId, wish: WaitWish): Promise<WaitOutcome>;
  /** Says that a tenant may have new events; never waits. */
  note(tenantId: TenantId): void;
  /** How many wait. */
  count(): number;
  /** Lets everybody go, and nobody wait any more. */
  stop(): void;
  /** Whether nobody may wait any more. */
  isStopped(): boolean;
}

/** How many clients may wait for one tenant at once. */
export const waitingClientsMax: number = 100;
/** How often to look for what other processes have written. */
const lookMs = 1000;

interface Waiter extends Pick<WaitWish, "after" | "isGone"> {
  readonly settle: (outcome: WaitOutcome) => void;
}

/** Those who wait for one tenant. */
interface Waiters {
  readonly all: Set<Waiter>;
  look: "none" | "under-way" | "wanted-again";
}

/** Makes it. */
export function createEventWaiting({ bounds }: Pick<OutboxTable, "bounds">): EventWaiting {
  const tenants = new Map<TenantId, Waiters>();
  const state: { timer?: ReturnType<typeof setInterval>; isStopped: boolean } = {
    isStopped: false,
  };

  const look = async (tenantId: TenantId, waiters: Waiters): Promise<void> => {
    if (waiters.look !== "none") {
      waiters.look = "wanted-again";
      return;
    }
    do {
      waiters.look = "under-way";
      const last = await lastOf(tenantId, bounds);
      letGo(waiters, "look-again", ({ after }) => last === undefined || last !== after);
    } while (isWantedAgain(waiters));
    waiters.look = "none";
  };
  const lookAround = (): void => {
    for (const [tenantId, waiters] of tenants) {
      letGo(waiters, "over", ({ isGone }) => isGone());
      if (waiters.all.size > 0) {
        void look(tenantId, waiters);
      }
    }
  };
  const enter = (tenantId: TenantId): Waiters => {
    const waiters = tenants.get(tenantId) ?? { all: new Set(), look: "none" };
    tenants.set(tenantId, waiters);
    state.timer ??= setInterval(lookAround, lookMs).unref();
    return waiters;
  };
  const leave = (tenantId: TenantId, waiters: Waiters): void => {
    if (waiters.all.size === 0) {
      tenants.delete(tenantId);
    }
    if (tenants.size === 0) {
      clearInterval(state.timer);
      delete state.timer;
    }
  };

  return {
    until: async (tenantId, { after, waitMs, isGone }) => {
      if (state.isStopped) {
        return "over";
      }
      if ((tenants.get(tenantId)?.all.size ?? 0) >= waitingClientsMax) {
        return "full";
      }
      const waiters = enter(tenantId);
      const outcome = await new Promise<WaitOutcome>((settle) => {
        const timer = setTimeout(() => waiter.settle("over"), waitMs).unref();
        const waiter: Waiter = {
          after,
          isGone,
          settle: (settled) => {
            clearTimeout(timer);
            waiters.all.delete(waiter);
            settle(settled);
          },
        };
        waiters.all.add(waiter);
        // What was written since the client's page was read would not be told of any more.
        void look(tenantId, waiters);
      });
      leave(tenantId, waiters);
      return outcome;
    },
    note: (tenantId) => {
      const waiters = tenants.get(tenantId);
      if (waiters !== undefined) {
        void look(tenantId, waiters);
      }
    },
    count: () => [...tenants.values()].reduce((sum, { all }) => sum + all.size, 0),
    stop: () => {
      state.isStopped = true;
      for (const waiters of tenants.values()) {
        letGo(waiters, "over", () => true);
      }
    },
    isStopped: () => state.isStopped,
  };
}

/** The last position of a tenant; undefined where it cannot be told, which whoever waits finds out by reading. */
function lastOf(tenantId: TenantId, bounds: OutboxTable["bounds"]): Promise<number | undefined> {
  return bounds(tenantId).then(
    (found) => found?.last,
    () => undefined,
  );
}

function letGo({ all }: Waiters, outcome: WaitOutcome, isMeant: (waiter: Waiter) => boolean): void {
  for (const waiter of [...all].filter(isMeant)) {
    waiter.settle(outcome);
  }
}

function isWantedAgain({ look, all }: Waiters): boolean {
  return look === "wanted-again" && all.size > 0;
}
