/** Counts refused requests by address, so that guessing tokens and filling the log cost more than they bring (RFC 7644 §7.7). */
import { parseIpAddress } from "../domain/cidr.ts";

/** What one more failure of an address is. */
type FailureVerdict = "within" | "first-over" | "over";

/** Counts failures; good requests are never counted and never refused. */
export interface FailureLimit {
  /** Counts one failure. */
  note(address: string, nowMs: number): FailureVerdict;
  /** Seconds until the address may fail again. */
  retryAfterSeconds(nowMs: number): number;
}

/** The window failures are counted in. */
const windowMs = 60_000;
/** The most addresses kept; above it all are forgotten, which favours the client. */
const addressesMax = 50_000;

/** Makes a limit of so many failures a minute and address; 0 for none. */
export function createFailureLimit(limit: number): FailureLimit {
  const counts = new Map<string, number>();
  let window = 0;
  return {
    note(address, nowMs) {
      const current = Math.floor(nowMs / windowMs);
      if (current !== window || counts.size > addressesMax) {
        counts.clear();
        window = current;
      }
      const key = networkOf(address);
      const count = (counts.get(key) ?? 0) + 1;
      counts.set(key, count);
      if (limit === 0 || count <= limit) {
        return "within";
      }
      return count === limit + 1 ? "first-over" : "over";
    },
    retryAfterSeconds: (nowMs) => Math.ceil((windowMs - (nowMs % windowMs)) / 1000),
  };
}

/** Whoever has one IPv6 address has a whole /64 of them. */
function networkOf(address: string): string {
  const parsed = parseIpAddress(address);
  return parsed?.bits === 128 ? String(parsed.value >> 64n) : address;
}
