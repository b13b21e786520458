/** Cuts a page out of results (RFC 7644 §3.4.2.4). */

/** The items from `startIndex` on, which counts from 1, `count` at most. */
export function pageOf<T>(
  items: readonly T[],
  { startIndex, count }: { readonly startIndex: number; readonly count: number },
): readonly T[] {
  return items.slice(startIndex - 1, startIndex - 1 + count);
}
