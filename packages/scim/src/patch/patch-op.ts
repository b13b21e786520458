/** The PatchOp message (RFC 7644 §3.5.2). */
import type { AttributePath } from "../attribute-path/attribute-path.ts";
import { parseAttributePath } from "../attribute-path/parse-attribute-path.ts";
import { ScimError } from "../errors.ts";
import type { Filter } from "../filter/filter.ts";
import { parseValueFilter } from "../filter/parse-filter.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import { isJsonArray, isJsonObject, memberInAnyCase } from "../json.ts";
import { checkMessageSchema } from "../resource/check-message-schema.ts";
import { inOperation } from "./in-operation.ts";
import { splitValuePath } from "./split-value-path.ts";

/** The most operations in one message. */
export const patchOperationsMax: number = 1000;

/** The URI of the message. */
export const patchOpSchema: string = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/** `attrPath / valuePath [subAttr]`. */
export interface PatchPath {
  /** With `subAttribute` undefined when there is a filter. */
  readonly path: AttributePath;
  readonly filter: Filter | undefined;
  /** The sub-attribute behind the brackets. */
  readonly subAttribute: string | undefined;
}

/** One operation. `value` is undefined when the message had none, which is not the same as null. */
export interface PatchOperation {
  readonly op: "add" | "remove" | "replace";
  readonly path: PatchPath | undefined;
  readonly value: JsonValue | undefined;
}

/** How a message is read. */
export interface PatchReading {
  readonly strict: boolean;
  readonly unqualifiedExtensionNames: boolean;
  readonly schemaUris: readonly string[];
}

/** Parses the body of a PATCH request. Throws `invalidSyntax`, `invalidPath`, `invalidFilter` or `invalidValue`. */
export function parsePatchOp(body: JsonObject, reading: PatchReading): readonly PatchOperation[] {
  checkMessageSchema(body, patchOpSchema, reading);
  const operations = memberInAnyCase(body, "Operations");
  if (!isJsonArray(operations)) {
    throw new ScimError("invalidSyntax", "Operations: expected an array of operations");
  }
  if (operations.length > patchOperationsMax) {
    throw new ScimError(
      413,
      `Operations: got ${operations.length} operations; one PATCH takes ${patchOperationsMax} at most`,
    );
  }
  // Interop: Microsoft's validator sends an empty list, which leniently changes nothing (no recorded flow).
  if (operations.length === 0 && reading.strict) {
    throw new ScimError("invalidSyntax", "Operations: expected at least one operation");
  }
  return operations.map((operation, index) =>
    inOperation(index, () => parseOperation(operation, reading)),
  );
}

/** Parses the path of an operation. Throws `invalidPath` or `invalidFilter`. */
export function parsePatchPath(text: string, reading: PatchReading): PatchPath {
  const { attributePath, filter, subAttribute } = splitValuePath(text);
  const path = parseAttributePath(attributePath, reading.schemaUris);
  if (filter === undefined) {
    return { path, filter: undefined, subAttribute: undefined };
  }
  if (path.attribute === undefined || path.subAttribute !== undefined) {
    throw new ScimError("invalidPath", "path: expected an attribute name in front of the brackets");
  }
  return { path, filter: parseValueFilter(filter, reading), subAttribute };
}

function parseOperation(operation: JsonValue, reading: PatchReading): PatchOperation {
  if (!isJsonObject(operation)) {
    throw new ScimError("invalidSyntax", "expected an object with op, path and value");
  }
  const op = parseVerb(memberInAnyCase(operation, "op"));
  const path = parseTarget(memberInAnyCase(operation, "path"), reading);
  const value = memberInAnyCase(operation, "value");
  if (op === "remove") {
    if (path === undefined) {
      throw new ScimError("noTarget", "remove without path; expected a path to what goes away");
    }
  } else if (value === undefined) {
    throw new ScimError("invalidValue", `${op} without value; expected a value`);
  } else if (path === undefined && !isJsonObject(value)) {
    throw new ScimError("invalidValue", `${op} without path; expected an object of attributes`);
  }
  return { op, path, value };
}

/** Interop: Entra sends `Add`, `Replace` and `Remove` (entra-legacy.json). */
function parseVerb(op: JsonValue | undefined): PatchOperation["op"] {
  const lower = typeof op === "string" ? op.toLowerCase() : undefined;
  if (lower === "add" || lower === "remove" || lower === "replace") {
    return lower;
  }
  throw new ScimError("invalidSyntax", "op: expected add, remove or replace");
}

function parseTarget(path: JsonValue | undefined, reading: PatchReading): PatchPath | undefined {
  if (path === undefined || path === null) {
    return undefined;
  }
  if (typeof path !== "string") {
    throw new ScimError("invalidSyntax", "path: expected a string");
  }
  return parsePatchPath(path, reading);
}
