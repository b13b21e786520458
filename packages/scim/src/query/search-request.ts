/** The parameters of a query, as a client sends them (RFC 7644 §3.4.2, §3.4.3). */
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
}

/** Reads the query string of a list request. */
export function parseSearchRequest(parameters: URLSearchParams): SearchRequest {
  const filter = singleValue(parameters, "filter", "invalidFilter");
  if (filter?.trim() === "") {
    throw new ScimError("invalidFilter", "filter is empty; leave it out to see every resource.");
  }
  return {
    filter,
    sortBy: singleValue(parameters, "sortBy")?.trim() || undefined,
    sortOrder: parseSortOrder(singleValue(parameters, "sortOrder")),
    startIndex: Math.max(1, parseInteger(parameters, "startIndex") ?? 1),
    count: Math.min(pageSizeMax, Math.max(0, parseInteger(parameters, "count") ?? pageSizeDefault)),
    ...projectionParametersOf(parameters),
  };
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

function parseInteger(parameters: URLSearchParams, name: string): number | undefined {
  const text = singleValue(parameters, name)?.trim();
  if (text === undefined || text === "") {
    return undefined;
  }
  if (!/^-?[0-9]+$/.test(text)) {
    throw new ScimError("invalidValue", `${name} is not an integer.`);
  }
  return Math.min(Number(text), Number.MAX_SAFE_INTEGER);
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
