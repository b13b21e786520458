/** The SearchRequest message: a query that comes in the body of a POST (RFC 7644 §3.4.3, RFC 9865 §3). */
import type { ScimType } from "../errors.ts";
import { ScimError } from "../errors.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import { isJsonArray, memberInAnyCase } from "../json.ts";
import { checkMessageSchema } from "../resource/check-message-schema.ts";
import type { SearchRequest } from "./search-request.ts";
import { completeSearch, countErrorFor } from "./search-request.ts";

const searchRequestSchema = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

/** How a message is read. */
export interface SearchMessageReading {
  readonly strict: boolean;
  /** Whether there are pages by cursor; otherwise one has no effect. */
  readonly cursors: boolean;
}

/** Reads the message. Members that are null count as absent, those that it does not have are ignored. */
export function parseSearchMessage(
  message: JsonObject,
  { strict, cursors }: SearchMessageReading,
): SearchRequest {
  checkMessageSchema(message, searchRequestSchema, { strict });
  const cursor = cursors ? textIn(message, "cursor", "invalidCursor") : undefined;
  return completeSearch({
    filter: textIn(message, "filter", "invalidFilter"),
    sortBy: textIn(message, "sortBy"),
    sortOrder: textIn(message, "sortOrder"),
    startIndex: integerIn(message, "startIndex", "invalidValue"),
    count: integerIn(message, "count", countErrorFor(cursor)),
    cursor,
    attributes: namesIn(message, "attributes"),
    excludedAttributes: namesIn(message, "excludedAttributes"),
  });
}

function partIn(message: JsonObject, name: string): JsonValue | undefined {
  return memberInAnyCase(message, name) ?? undefined;
}

function textIn(
  message: JsonObject,
  name: string,
  scimType: ScimType = "invalidValue",
): string | undefined {
  const value = partIn(message, name);
  if (value !== undefined && typeof value !== "string") {
    throw new ScimError(scimType, `${name}: expected a string`);
  }
  return value;
}

function integerIn(message: JsonObject, name: string, scimType: ScimType): number | undefined {
  const value = partIn(message, name);
  if (value !== undefined && (typeof value !== "number" || !Number.isInteger(value))) {
    throw new ScimError(scimType, `${name}: expected an integer`);
  }
  return value;
}

/** A list of names, joined as in a URL. */
function namesIn(message: JsonObject, name: string): string {
  const value = partIn(message, name);
  const names = value === undefined || isJsonArray(value) ? (value ?? []) : [value];
  return names
    .map((one) => {
      if (typeof one !== "string") {
        throw new ScimError("invalidValue", `${name}: expected an array of strings`);
      }
      return one;
    })
    .join(",");
}
