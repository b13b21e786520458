/** The ListResponse message (RFC 7644 §3.4.2, RFC 9865 §2). */
import type { JsonObject } from "../json.ts";

const listResponseUri = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/** Which part of all matches a page is. */
export interface ListPlace {
  /** Of a page by index. */
  readonly startIndex?: number | undefined;
  /** Of a page by cursor that is not the last one. */
  readonly nextCursor?: string | undefined;
  /** Of a page by cursor that is not the first one. */
  readonly previousCursor?: string | undefined;
}

/** What a list answers with. */
export interface ListContent extends ListPlace {
  /** All matches, not only those on the page. */
  readonly totalResults: number;
  readonly resources: readonly JsonObject[];
}

/** Builds the message; `Resources` is always there and the last, clients fail without it. */
export function listResponse({
  totalResults,
  startIndex,
  nextCursor,
  previousCursor,
  resources,
}: ListContent): JsonObject {
  return {
    schemas: [listResponseUri],
    totalResults,
    ...(startIndex === undefined ? {} : { startIndex }),
    itemsPerPage: resources.length,
    ...(previousCursor === undefined ? {} : { previousCursor }),
    ...(nextCursor === undefined ? {} : { nextCursor }),
    Resources: resources,
  };
}
