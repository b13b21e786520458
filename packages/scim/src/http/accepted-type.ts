/** Chooses the media type of a response (RFC 7644 §3.8, RFC 9110 §12.5.1). */
import { ScimError } from "../errors.ts";

/** The two names that the same JSON goes by. */
export type ScimMediaType = "application/scim+json" | "application/json";

/** The media type of everything that nobody asked to be otherwise. */
export const scimMediaType: ScimMediaType = "application/scim+json";

const acceptLengthMax = 4096;

/**
 * The media type for a client that sent this Accept header; undefined when it accepts neither.
 * Labelled `application/json` only for those who do not accept `application/scim+json`.
 */
export function acceptedType(accept: string | null): ScimMediaType | undefined {
  if (accept === null || accept.trim() === "" || accept.length > acceptLengthMax) {
    return scimMediaType;
  }
  const ranges = accept.split(",").map(parseRange);
  return [scimMediaType, "application/json" as const].find((type) => qualityOf(type, ranges) > 0);
}

/** The 406 for a client that accepts neither. */
export function notAcceptable(): ScimError {
  return new ScimError(
    406,
    "Accept allows neither application/scim+json nor application/json, and there is nothing else.",
  );
}

/** A media range with its quality, from 0 to 1. */
interface MediaRange {
  readonly range: string;
  readonly quality: number;
}

function parseRange(text: string): MediaRange {
  const [range = "", ...parameters] = text.split(";").map((part) => part.trim().toLowerCase());
  const quality = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
  const value = quality === undefined ? 1 : Number(quality);
  // java.net.HttpURLConnection sends a lone `*` for `*/*`.
  return { range: range === "*" ? "*/*" : range, quality: Number.isNaN(value) ? 1 : value };
}

/** The quality of the most specific range that fits; 0 when none does. */
function qualityOf(type: ScimMediaType, ranges: readonly MediaRange[]): number {
  for (const wanted of [type, "application/*", "*/*"]) {
    const found = ranges.filter(({ range }) => range === wanted);
    if (found.length > 0) {
      return Math.max(...found.map(({ quality }) => quality));
    }
  }
  return 0;
}
