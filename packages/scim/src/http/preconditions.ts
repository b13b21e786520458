/** Reads conditional request headers (RFC 7644 §3.14, RFC 9110 §13.1). */
import type { VersionCondition } from "../provider/version-condition.ts";

/** One entity tag and the comma behind it; sticky, so that reading a list takes linear time. */
const tagPattern = /[ \t]*(?:(W\/)?("[^"]*"))?[ \t]*(?:,|$)/y;

/**
 * Reads the value of If-Match or If-None-Match: undefined without header, the tags without `W/` otherwise.
 * What is no entity tag matches nothing (ETAG-08).
 */
export function parsePreconditions(header: string | null): VersionCondition | undefined {
  if (header === null) {
    return undefined;
  }
  if (header.trim() === "*") {
    return { kind: "any" };
  }
  const tags: string[] = [];
  tagPattern.lastIndex = 0;
  while (tagPattern.lastIndex < header.length) {
    const match = tagPattern.exec(header);
    if (match === null) {
      return { kind: "oneOf", tags: [] };
    }
    if (match[2] !== undefined) {
      tags.push(match[2]);
    }
  }
  return { kind: "oneOf", tags };
}
