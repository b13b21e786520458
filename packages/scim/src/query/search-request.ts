/** The parameters of a query, as a client sends them in a URL (RFC 7644 §3.4.2, RFC 9865 §2). */
import type { ScimType } from "../errors.ts";
import { ScimError } from "../errors.ts";
import type { ProjectionParameters } from "../resource/parse-projection.ts";

/** How many resources a page has when the client does not say. */
export const pageSizeDefault: number = 100;
/** The most resources on one page; a larger `count` is cut to it (`filter.maxResults`). */
export const pageSizeMax: number = 1000;

/** A SearchRequest: read, not yet resolved against a resource type. */
export interface SearchRequest extends ProjectionParameters {
  readonly filter: string | undefined;
  readonly sortBy: string | undefined;
  readonly sortOrder: "ascending" | "descending";
  /** At least 1. */
  readonly startIndex: number;
  /** From 0 to {@link pageSizeMax}. */
  readonly count: number;
  /** Undefined for pages by index; empty for the first page by cursor. */
  readonly cursor: string | undefined;
}

/** What a client has sent, in whichever form. */
export interface SentSearch extends ProjectionParameters {
  readonly filter: string | undefined;
  readonly sortBy: string | undefined;
  readonly sortOrder: string | undefined;
  readonly startIndex: number | undefined;
  readonly count: number | undefined;
  readonly cursor: string | undefined;
}

/** Reads the query string of a list request; without `cursors` one in it has no effect. */
export function parseSearchRequest(
  parameters: URLSearchParams,
  { cursors }: { readonly cursors: boolean },
): SearchRequest {
  const text = (name: string, scimType?: ScimType) => singleValue(parameters, name, scimType);
  const cursor = cursors ? text("cursor", "invalidCursor") : undefined;
  return completeSearch({
    filter: text("filter", "invalidFilter"),
    sortBy: text("sortBy"),
    sortOrder: text("sortOrder"),
    startIndex: parseInteger(text("startIndex"), "startIndex", "invalidValue"),
    count: parseInteger(text("count"), "count", countErrorFor(cursor)),
    cursor,
    ...projectionParametersOf(parameters),
  });
}

/** Checks what was sent, cuts it to what there is, and adds the defaults. */
export function completeSearch(sent: SentSearch): SearchRequest {
  const { filter, sortBy, sortOrder, startIndex = 1, count = pageSizeDefault, cursor } = sent;
  if (filter?.trim() === "") {
    throw new ScimError("invalidFilter", "filter is empty; leave it out to see every resource.");
  }
  if (cursor !== undefined && sent.startIndex !== undefined) {
    throw new ScimError(
      "invalidValue",
      "startIndex and cursor exclude each other; expected one of them.",
    );
  }
  return {
    attributes: sent.attributes,
    excludedAttributes: sent.excludedAttributes,
    filter,
    sortBy: sortBy?.trim() || undefined,
    sortOrder: parseSortOrder(sortOrder),
    startIndex: Math.max(1, startIndex),
    count: Math.min(pageSizeMax, Math.max(0, count)),
    cursor,
  };
}

/** How a wrong `count` is called: by RFC 9865 §2.1 where there is a cursor. */
export function countErrorFor(cursor: string | undefined): ScimType {
  return cursor === undefined ? "invalidValue" : "invalidCount";
}

/** Reads `attributes` and `excludedAttributes`; given several times they are one list (RFC 7644 §3.4.2.5). */
export function projectionParametersOf(parameters: URLSearchParams): ProjectionParameters {
  return {
    attributes: parameters.getAll("attributes").join(","),
    excludedAttributes: parameters.getAll("excludedAttributes").join(","),
  };
}

function parseSortOrder(text: string | undefined): "ascending" | "descending" {
  const order = text?.trim().toLowerCase() ?? "";
  if (order === "" || order === "ascending") {
    return "ascending";
  }
  if (order === "descending") {
    return order;
  }
  throw new ScimError("invalidValue", "sortOrder is either ascending or descending.");
}

function parseInteger(
  text: string | undefined,
  name: string,
  scimType: ScimType,
): number | undefined {
  const digits = text?.trim() ?? "";
  if (digits === "") {
    return undefined;
  }
  if (!/^-?[0-9]+$/.test(digits)) {
    throw new ScimError(scimType, `${name} is not an integer.`);
  }
  return Math.min(Number(digits), Number.MAX_SAFE_INTEGER);
}

/** Reads a parameter that may stand once: of two filters, neither can be the right one. */
function singleValue(
  parameters: URLSearchParams,
  name: string,
  scimType: ScimType = "invalidValue",
): string | undefined {
  const values = parameters.getAll(name);
  if (values.length > 1) {
    throw new ScimError(scimType, `${name} is given ${values.length} times; expected it once.`);
  }
  return values[0];
}
