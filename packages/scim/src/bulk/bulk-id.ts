/** References to what a bulk job creates: `bulkId:qwerty` stands for an id that is not there yet (RFC 7644 §3.7.2). */
import type { JsonObject, JsonValue } from "../json.ts";
import { isJsonArray, isJsonObject } from "../json.ts";
import type { BulkOperation } from "./bulk-request.ts";

/** What an operation says, as far as references can stand in it. */
type Referring = Pick<BulkOperation, "method" | "path" | "data">;

/** The id of what a bulkId has become. */
export type IdOfBulkId = (bulkId: string) => string;

const prefix = "bulkId:";

/** The bulkIds that an operation refers to, each once. */
export function bulkIdsIn(operation: Referring): readonly string[] {
  const found = new Set<string>();
  const keep = (bulkId: string): string => {
    found.add(bulkId);
    return "";
  };
  withIds(operation, keep);
  return [...found];
}

/** The operation with ids in the place of all references. */
export function withIds<Operation extends Referring>(
  operation: Operation,
  idOf: IdOfBulkId,
): Operation {
  const { path, data } = operation;
  return {
    ...operation,
    path: endReplaced(path, (bulkId) => encodeURIComponent(idOf(bulkId))),
    data: data && allReplaced(data, idOf),
  };
}

/**
 * Takes the attributes, and the values of multi-valued ones, that refer to some bulkIds out of a resource: what is left,
 * and what was taken, as a path-less PATCH would add it.
 */
export function withoutReferences(
  data: JsonObject,
  bulkIds: ReadonlySet<string>,
): { readonly kept: JsonObject; readonly taken: JsonObject } {
  const refers = (value: JsonValue): boolean => refersTo(value, bulkIds);
  const kept: [string, JsonValue][] = [];
  const taken: [string, JsonValue][] = [];
  for (const [name, value] of Object.entries(data)) {
    if (!refers(value)) {
      kept.push([name, value]);
    } else if (isJsonArray(value)) {
      kept.push([name, value.filter((element) => !refers(element))]);
      taken.push([name, value.filter(refers)]);
    } else if (isJsonObject(value) && name.includes(":")) {
      // Under the URI of a schema stand attributes again.
      const inside = withoutReferences(value, bulkIds);
      kept.push([name, inside.kept]);
      taken.push([name, inside.taken]);
    } else {
      taken.push([name, value]);
    }
  }
  // fromEntries defines instead of assigning, so that a name like __proto__ stays data.
  return { kept: Object.fromEntries(kept), taken: Object.fromEntries(taken) };
}

function refersTo(value: JsonValue, bulkIds: ReadonlySet<string>): boolean {
  let refers = false;
  replaced(value, "", (bulkId) => {
    refers ||= bulkIds.has(bulkId);
    return "";
  });
  return refers;
}

function allReplaced(object: JsonObject, idOf: IdOfBulkId): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => [name, replaced(value, name, idOf)]),
  );
}

function replaced(value: JsonValue, name: string, idOf: IdOfBulkId): JsonValue {
  if (typeof value === "string") {
    return textReplaced(value, name.toLowerCase(), idOf);
  }
  if (isJsonArray(value)) {
    return value.map((element) => replaced(element, name, idOf));
  }
  return isJsonObject(value) ? allReplaced(value, idOf) : value;
}

/** Every alternative begins with another character, and a string without an end goes to the end: it never backtracks. */
const quotedReference = /"bulkId:(?:[^"\\]|\\.)*"?/gs;

/** A reference is the whole of a value, the end of a `$ref`, or a string in the filter of a path. */
function textReplaced(text: string, name: string, idOf: IdOfBulkId): string {
  if (!text.includes(prefix)) {
    return text;
  }
  if (text.startsWith(prefix)) {
    return idOf(text.slice(prefix.length));
  }
  switch (name) {
    case "$ref":
      return endReplaced(text, idOf);
    case "path":
      return text.replace(quotedReference, (quoted) => {
        const literal = parsedLiteral(quoted);
        return literal === undefined ? quoted : JSON.stringify(idOf(literal.slice(prefix.length)));
      });
    default:
      return text;
  }
}

/** Replaces a reference that is the last segment of a path. */
function endReplaced(path: string, idOf: IdOfBulkId): string {
  const start = path.lastIndexOf(`/${prefix}`) + 1;
  return start === 0
    ? path
    : path.slice(0, start) + idOf(path.slice(start + prefix.length).replace(/\/$/, ""));
}

function parsedLiteral(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}
