/** The BulkRequest message (RFC 7644 §3.7, §3.7.4). */
import { ScimError } from "../errors.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import { isJsonArray, isJsonObject, memberInAnyCase } from "../json.ts";
import { checkMessageSchema } from "../resource/check-message-schema.ts";

/** The most operations in one job (`bulk.maxOperations`). */
export const bulkOperationsMax: number = 1000;
/** The longest job, in bytes (`bulk.maxPayloadSize`). */
export const bulkPayloadMax: number = 4_194_304;

const bulkRequestSchema = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";

/** The methods of operations. */
export type BulkMethod = "POST" | "PUT" | "PATCH" | "DELETE";

/** One operation that can be carried out. */
export interface BulkOperation {
  readonly method: BulkMethod;
  /** Of a POST always; otherwise it is there to be given back. */
  readonly bulkId: string | undefined;
  /** Relative to the base URL, as it was written. */
  readonly path: string;
  /** The version the resource must have, as If-Match has it. */
  readonly version: string | undefined;
  /** Undefined for DELETE. */
  readonly data: JsonObject | undefined;
}

/** One operation of a job: what it says, or why it is refused before anything is done, with what is to be given back. */
export type BulkEntry =
  | { readonly kind: "operation"; readonly operation: BulkOperation }
  | {
      readonly kind: "refused";
      readonly method: string | undefined;
      readonly bulkId: string | undefined;
      readonly path: string | undefined;
      readonly error: ScimError;
    };

/** A job. */
export interface BulkJob {
  /** After how many errors nothing else is begun; undefined for never. */
  readonly failOnErrors: number | undefined;
  readonly entries: readonly BulkEntry[];
}

/**
 * Reads a job. What is wrong with one operation refuses that one alone; throws 413 for too many of them, and
 * `invalidSyntax` for a message that is no job.
 */
export function parseBulkRequest(
  message: JsonObject,
  reading: { readonly strict: boolean },
): BulkJob {
  checkMessageSchema(message, bulkRequestSchema, reading);
  const operations = memberInAnyCase(message, "Operations");
  if (!isJsonArray(operations) || operations.length === 0) {
    throw new ScimError("invalidSyntax", "Operations: expected an array of operations, not empty");
  }
  if (operations.length > bulkOperationsMax) {
    throw new ScimError(
      413,
      `Operations: got ${operations.length}; one job takes ${bulkOperationsMax} at most (maxOperations).`,
    );
  }
  const failOnErrors = readFailOnErrors(memberInAnyCase(message, "failOnErrors"));
  const created = new Set<string>();
  return { failOnErrors, entries: operations.map((one) => readEntry(one, created)) };
}

/** No error at all to be accepted cannot be meant: 0 is as good as 1. */
function readFailOnErrors(value: JsonValue | undefined): number | undefined {
  if (value === undefined || value === null) {
    return undefined;
  }
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0) {
    throw new ScimError("invalidSyntax", "failOnErrors: expected an integer, not negative");
  }
  return Math.max(1, value);
}

function readEntry(value: JsonValue, created: Set<string>): BulkEntry {
  if (!isJsonObject(value)) {
    throw new ScimError(
      "invalidSyntax",
      "Operations: expected objects with method, path and, but for DELETE, data",
    );
  }
  const textOf = (name: string): string | undefined => {
    const text = memberInAnyCase(value, name);
    return typeof text === "string" ? text : undefined;
  };
  const method = textOf("method")?.toUpperCase();
  const bulkId = textOf("bulkId");
  const path = textOf("path");
  try {
    const operation = {
      method: checkedMethod(method),
      bulkId,
      path: checkedPath(path),
      version: readVersion(memberInAnyCase(value, "version")),
      data: memberInAnyCase(value, "data"),
    };
    checkBulkId(operation, created);
    return { kind: "operation", operation: { ...operation, data: checkedData(operation) } };
  } catch (error) {
    if (error instanceof ScimError) {
      return { kind: "refused", method, bulkId, path, error };
    }
    throw error;
  }
}

const methods: readonly BulkMethod[] = ["POST", "PUT", "PATCH", "DELETE"];

function checkedMethod(method: string | undefined): BulkMethod {
  const known = methods.find((one) => one === method);
  if (known === undefined) {
    throw new ScimError("invalidSyntax", "method: expected POST, PUT, PATCH or DELETE");
  }
  return known;
}

function checkedPath(path: string | undefined): string {
  if (path === undefined || path === "") {
    throw new ScimError(
      "invalidSyntax",
      "path: expected the endpoint of a resource type, or the path of one resource",
    );
  }
  return path;
}

function readVersion(value: JsonValue | undefined): string | undefined {
  if (value === undefined || value === null) {
    return undefined;
  }
  if (typeof value !== "string") {
    throw new ScimError("invalidSyntax", 'version: expected a string such as W/"1"');
  }
  return value;
}

function checkBulkId(
  { method, bulkId }: Pick<BulkOperation, "method" | "bulkId">,
  created: Set<string>,
): void {
  if (method !== "POST") {
    return;
  }
  if (bulkId === undefined || bulkId === "") {
    throw new ScimError("invalidSyntax", "bulkId: expected one on every POST");
  }
  if (created.has(bulkId)) {
    throw new ScimError("invalidValue", "bulkId: an earlier POST of the job has the same");
  }
  created.add(bulkId);
}

function checkedData({
  method,
  data,
}: {
  readonly method: BulkMethod;
  readonly data: JsonValue | undefined;
}): JsonObject | undefined {
  if (method === "DELETE") {
    return undefined;
  }
  if (!isJsonObject(data)) {
    const what = method === "PATCH" ? "a PatchOp message" : "a resource";
    throw new ScimError("invalidSyntax", `data: expected ${what}`);
  }
  return data;
}
