/** Numbers in the order of time that several processes can give without asking one another. */

/** 2020-01-01, so that the numbers stay safe integers until 2089. */
const epochMs = Date.UTC(2020, 0, 1);
const numbersPerMs = 4096;

/**
 * Makes numbers that grow, whatever the clock does: milliseconds, and within one a random place. Two processes give the
 * same number once in a long while; a unique index finds out, and the transaction is tried again.
 */
export function createTimeSequence(
  nowMs: () => number,
  random: () => number = Math.random,
): () => number {
  let last = 0;
  return () => {
    const first = (Math.trunc(nowMs()) - epochMs) * numbersPerMs;
    last = Math.max(last + 1, first + Math.trunc(random() * (numbersPerMs / 2)));
    return last;
  };
}
