/** How many requests a credential may send: a bucket that fills steadily and holds two seconds' worth (RFC 6585 §4). */

/** What is left in a bucket. */
export interface RateLeft {
  /** The most there can be. */
  readonly quota: number;
  readonly left: number;
  /** Until the bucket is full again; for a request that was refused until the next one may come. */
  readonly seconds: number;
}

/** What one more request is. Without `rate` there is no limit. */
export type RateVerdict =
  | { readonly kind: "within"; readonly rate: RateLeft | undefined }
  /** `isFirst`: the first one refused since the last that was not, for the log. */
  | { readonly kind: "over"; readonly rate: RateLeft; readonly isFirst: boolean };

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
/** Makes a limit of so many requests a second and credential; 0 for none. */
export function createRateLimit(perSecond: number): RateLimit {
  const buckets = createBuckets(perSecond * burstSeconds);
  const size = perSecond * burstSeconds;

  const leftAt = ({ left, atMs }: Bucket, nowMs: number): number =>
    // A clock that was set back adds nothing.
    Math.min(size, left + (Math.max(0, nowMs - atMs) * perSecond) / 1000);

  return {
    take(credentialId, nowMs) {
      if (perSecond === 0) {
        return unlimited;
      }
      const bucket = buckets.of(credentialId, nowMs);
      bucket.left = leftAt(bucket, nowMs);
      bucket.atMs = nowMs;
      if (bucket.left >= 1) {
        bucket.left -= 1;
        bucket.isOver = false;
        const left = Math.floor(bucket.left);
        return {
          kind: "within",
          rate: { quota: size, left, seconds: secondsFor(size - bucket.left, perSecond) },
        };
      }
      const isFirst = !bucket.isOver;
      bucket.isOver = true;
      const seconds = secondsFor(1 - bucket.left, perSecond);
      return { kind: "over", rate: { quota: size, left: 0, seconds }, isFirst };
    },
  };
}

/**
 * The buckets that are not full: those of one time span, and those of the one before. Who was not there in a whole span
 * has a full bucket again, so that the older ones are dropped all at once and nobody looks through them.
 */
function createBuckets(size: number): { of(credentialId: string, nowMs: number): Bucket } {
  const spanMs = burstSeconds * 1000;
  let current = new Map<string, Bucket>();
  let before = new Map<string, Bucket>();
  let beganMs = Number.NEGATIVE_INFINITY;
  return {
    of(credentialId, nowMs) {
      // Of a clock that was set back a span begins anew.
      if (nowMs - beganMs >= spanMs || nowMs < beganMs) {
        before = nowMs - beganMs >= 2 * spanMs ? new Map() : current;
        current = new Map();
        beganMs = nowMs;
      }
      const known = current.get(credentialId);
      if (known !== undefined) {
        return known;
      }
      const bucket = before.get(credentialId) ?? { left: size, atMs: nowMs, isOver: false };
      current.set(credentialId, bucket);
      return bucket;
    },
  };
}

const unlimited: RateVerdict = { kind: "within", rate: undefined };

function secondsFor(requests: number, perSecond: number): number {
  return Math.max(1, Math.ceil(requests / perSecond));
}

/**
 * Writes what is left into the headers of an answer: `RateLimit-Policy` and `RateLimit`
 * (draft-ietf-httpapi-ratelimit-headers-11 §3, §4), and the older `X-RateLimit-*`, whose reset is in seconds since 1970.
 */
export function writeRateFields(
  headers: Record<string, string>,
  { quota, left, seconds }: RateLeft,
  nowMs: number,
): void {
  headers["RateLimit-Policy"] = `"token";q=${quota};w=${burstSeconds}`;
  headers["RateLimit"] = `"token";r=${left};t=${seconds}`;
  headers["X-RateLimit-Limit"] = String(quota);
  headers["X-RateLimit-Remaining"] = String(left);
  headers["X-RateLimit-Reset"] = String(Math.ceil(nowMs / 1000) + seconds);
}
