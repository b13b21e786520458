/** How many requests a credential may send: a bucket that fills steadily and holds two seconds' worth (RFC 6585 §4). */

/** What one more request is. */
export type RateVerdict =
  | { readonly kind: "within" }
  /** `isFirst`: the first one refused since the last that was not, for the log. */
  | { readonly kind: "over"; readonly retryAfterSeconds: number; readonly isFirst: boolean };

/** Counts requests. */
export interface RateLimit {
  /** Takes one request out of the bucket of a credential. */
  take(credentialId: string, nowMs: number): RateVerdict;
}

interface Bucket {
  left: number;
  atMs: number;
  isOver: boolean;
}

/** How many seconds' worth of requests may come at once. */
const burstSeconds = 2;
/** The most buckets kept; above it the full ones, which say nothing, are dropped. */
const bucketsMax = 10_000;

/** Makes a limit of so many requests a second and credential; 0 for none. */
export function createRateLimit(perSecond: number): RateLimit {
  const buckets = new Map<string, Bucket>();
  const size = perSecond * burstSeconds;

  const leftAt = ({ left, atMs }: Bucket, nowMs: number): number =>
    // A clock that was set back adds nothing.
    Math.min(size, left + (Math.max(0, nowMs - atMs) * perSecond) / 1000);

  const dropFull = (nowMs: number): void => {
    for (const [id, bucket] of buckets) {
      if (leftAt(bucket, nowMs) >= size) {
        buckets.delete(id);
      }
    }
  };

  return {
    take(credentialId, nowMs) {
      if (perSecond === 0) {
        return { kind: "within" };
      }
      const bucket = buckets.get(credentialId) ?? { left: size, atMs: nowMs, isOver: false };
      if (buckets.size >= bucketsMax) {
        dropFull(nowMs);
      }
      buckets.set(credentialId, bucket);
      bucket.left = leftAt(bucket, nowMs);
      bucket.atMs = nowMs;
      if (bucket.left >= 1) {
        bucket.left -= 1;
        bucket.isOver = false;
        return { kind: "within" };
      }
      const isFirst = !bucket.isOver;
      bucket.isOver = true;
      const retryAfterSeconds = Math.max(1, Math.ceil((1 - bucket.left) / perSecond));
      return { kind: "over", retryAfterSeconds, isFirst };
    },
  };
}
