/** The ListResponse message (RFC 7644 §3.4.2). */
import type { JsonObject } from "../json.ts";

const listResponseUri = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/** What a list answers with. */
export interface ListContent {
  /** All matches, not only those on the page. */
  readonly totalResults: number;
  readonly startIndex: number;
  readonly resources: readonly JsonObject[];
}

/** Builds the message; `Resources` is always there, clients fail without it. */
export function listResponse({ totalResults, startIndex, resources }: ListContent): JsonObject {
  return {
    schemas: [listResponseUri],
    totalResults,
    startIndex,
    itemsPerPage: resources.length,
    Resources: resources,
  };
}
