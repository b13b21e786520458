/** The BulkResponse message (RFC 7644 §3.7, §3.7.3). */
import type { JsonObject } from "../json.ts";

const bulkResponseSchema = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";

/** What came of one operation. */
export interface BulkResult {
  /** Undefined where the operation had none. */
  readonly method: string | undefined;
  readonly bulkId: string | undefined;
  readonly location: string | undefined;
  readonly version: string | undefined;
  /** The HTTP status that the operation would have had as a request of its own. */
  readonly status: number;
  /** The Error message of one that failed. */
  readonly response: JsonObject | undefined;
}

/** Builds the message; `status` is a string, as in the text of RFC 7644 §3.7.3. */
export function bulkResponse(results: readonly BulkResult[]): JsonObject {
  return { schemas: [bulkResponseSchema], Operations: results.map(operationOf) };
}

function operationOf(result: BulkResult): JsonObject {
  const { method, bulkId, location, version, status, response } = result;
  return {
    ...(location === undefined ? {} : { location }),
    ...(method === undefined ? {} : { method }),
    ...(bulkId === undefined ? {} : { bulkId }),
    ...(version === undefined ? {} : { version }),
    status: String(status),
    ...(response === undefined ? {} : { response }),
  };
}
