/** How long the other side asks us to wait (RFC 9110 §10.2.3). */

const dayMs = 86_400_000;
const datePattern = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** Reads a Retry-After header, seconds or a date; undefined for what is neither. Longer than a day nobody waits. */
export function retryAfterMsOf(text: string | undefined, nowMs: number): number | undefined {
  const trimmed = (text ?? "").trim();
  const waitMs = /^\d{1,12}$/.test(trimmed)
    ? Number(trimmed) * 1000
    : datePattern.test(trimmed)
      ? Date.parse(trimmed) - nowMs
      : Number.NaN;
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(waitMs, 0), dayMs);
}
