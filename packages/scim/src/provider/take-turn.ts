/** Turns: writes that have met a conflict on one resource go on one after another instead of all at once. */

/** Runs `work` when everybody who came earlier with the same key is done. */
export type TakeTurn = <Result>(key: string, work: () => Promise<Result>) => Promise<Result>;

/** Makes the turns of one process; one is enough for all populations, if the keys tell them apart. */
export function createTakeTurn(): TakeTurn {
  const lastInLine = new Map<string, Promise<void>>();
  return async (key, work) => {
    const before = lastInLine.get(key);
    let leave = () => {};
    const mine = new Promise<void>((resolve) => {
      leave = resolve;
    });
    lastInLine.set(key, mine);
    try {
      await before;
      return await work();
    } finally {
      if (lastInLine.get(key) === mine) {
        lastInLine.delete(key);
      }
      leave();
    }
  };
}
