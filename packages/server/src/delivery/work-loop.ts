/** Work in the background: what is due is taken on time, when woken, and whenever something is done; what takes long holds up nothing else. */

/** What a loop does. */
export interface WorkLoopParts<Work> {
  /** How much may be under way at once. */
  readonly placesMax: number;
  /** How often to look when nobody says that there is something. */
  readonly pollMs: number;
  /** Takes what is due, as much as there are places at most. `found`: whether to look again at once. */
  readonly take: (
    places: number,
  ) => Promise<{ readonly taken: readonly Work[]; readonly found: boolean }>;
  /** Does one piece of work; it never throws. */
  readonly work: (taken: Work) => Promise<void>;
  /** Waits between two looks. */
  readonly pause?: (found: boolean) => Promise<void>;
  /** Told when nothing can be taken: once, until something can again. */
  readonly onTrouble: (error: unknown) => void;
}

/** A loop that has been started. */
export interface WorkLoop {
  /** Says that there may be something to do. */
  wake(): void;
  /** Takes nothing new any more; settles when what was being taken has begun. */
  halt(): Promise<void>;
  /** Settles when what is under way is done. */
  settled(): Promise<void>;
}

/** Starts a loop. */
export function startWorkLoop<Work>(parts: WorkLoopParts<Work>): WorkLoop {
  const { placesMax, pollMs, take, work, pause, onTrouble } = parts;
  const state = { halted: false, woken: false, failing: false };
  const underWay = new Set<Promise<void>>();
  let running: Promise<void> | undefined;
  const begin = (taken: Work): void => {
    const doing = work(taken).then(() => {
      underWay.delete(doing);
      wake();
    });
    underWay.add(doing);
  };
  const isWanted = (): boolean => state.woken && !state.halted && underWay.size < placesMax;
  const run = async (): Promise<void> => {
    while (isWanted()) {
      state.woken = false;
      const { taken, found } = await take(placesMax - underWay.size);
      state.failing = false;
      taken.forEach(begin);
      state.woken ||= found;
      await pause?.(found);
    }
  };
  const wake = (): void => {
    state.woken = true;
    running ??= run()
      .catch((error: unknown) => {
        // A database that is away comes back, and is told of once.
        state.woken = false;
        if (!state.failing) {
          onTrouble(error);
        }
        state.failing = true;
      })
      .finally(() => {
        running = undefined;
        // Somebody may have called between the last look and here.
        if (isWanted()) {
          wake();
        }
      });
  };
  const timer = setInterval(wake, pollMs).unref();
  wake();
  return {
    wake,
    halt: async () => {
      state.halted = true;
      clearInterval(timer);
      await running;
    },
    settled: async () => {
      await Promise.all(underWay);
    },
  };
}
