/** Cursors: where a query goes on, for the caller and the query that they were made for (RFC 9865 §2, §5.2). */
import { formatResolvedPath } from "../attribute-path/resolve-attribute-path.ts";
import { ScimError } from "../errors.ts";
import type { ResolvedFilter } from "../filter/resolved-filter.ts";
import type { JsonValue } from "../json.ts";
import type { Projection } from "../resource/projection.ts";
import type { PageWalk, ResourceQuery } from "./resource-query.ts";

/** How long a cursor is good for at least, in seconds (`pagination.cursorTimeout`). */
export const cursorSecondsDefault: number = 3600;

/** What a cursor says: nobody but the service provider can read it, nor make one. */
export interface Cursor {
  readonly way: PageWalk["way"];
  readonly position: string;
  /** The count of the first request of the query. */
  readonly count: number;
  /** Milliseconds since 1970. */
  readonly expiresMs: number;
}

/** Writes what is to be sealed. */
export function formatCursor({ way, position, count, expiresMs }: Cursor): string {
  return JSON.stringify([way, position, count, expiresMs]);
}

/** Reads what was sealed; undefined when it is something else. */
export function parseCursor(text: string): Cursor | undefined {
  const [way, position, count, expiresMs] = valuesIn(text);
  return (way === "forward" || way === "backward") &&
    typeof position === "string" &&
    typeof count === "number" &&
    typeof expiresMs === "number"
    ? { way, position, count, expiresMs }
    : undefined;
}

function valuesIn(text: string): readonly unknown[] {
  try {
    const values: unknown = JSON.parse(text);
    return Array.isArray(values) ? values : [];
  } catch {
    return [];
  }
}

/** The walk that a cursor asks for. Throws `expiredCursor` and `invalidCount`. */
export function walkOfCursor(
  { way, position, count, expiresMs }: Cursor,
  asked: { readonly count: number; readonly nowMs: number },
): PageWalk {
  if (asked.nowMs > expiresMs) {
    throw new ScimError(
      "expiredCursor",
      "The cursor has expired; begin anew with an empty cursor, and ask for the next page sooner.",
    );
  }
  if (asked.count !== count) {
    throw new ScimError(
      "invalidCount",
      "count is not that of the first request of the query; all parameters but the cursor stay the same.",
    );
  }
  return { way, position };
}

/** The refusal of a cursor that was not made for this query of this caller, or not here; never which of them. */
export function invalidCursor(): ScimError {
  return new ScimError(
    "invalidCursor",
    "The cursor is not valid here; begin with an empty one, and keep all other parameters as they are.",
  );
}

/** What a query asks at which endpoint, in one form for whatever it is written like: cursors are for this query alone. */
export function queryTextOf(
  endpoint: string,
  { parts, order }: Pick<ResourceQuery, "parts" | "order">,
  projections: readonly Projection[],
): string {
  return JSON.stringify([
    endpoint,
    order,
    parts.map(({ resourceType, filter, sortBy }, index) => [
      resourceType.name,
      filter === undefined ? null : filterValueOf(filter),
      sortBy === undefined ? null : formatResolvedPath(sortBy),
      projectionValueOf(projections[index]),
    ]),
  ]);
}

function filterValueOf(filter: ResolvedFilter): JsonValue {
  switch (filter.kind) {
    case "and":
    case "or":
      return [filter.kind, ...filter.operands.map(filterValueOf)];
    case "not":
      return ["not", filterValueOf(filter.operand)];
    case "present":
      return ["pr", formatResolvedPath(filter.path)];
    case "comparison":
      return [filter.operator, formatResolvedPath(filter.path), filter.comparable];
    case "any":
      return ["any", formatResolvedPath(filter.path), filterValueOf(filter.filter)];
  }
}

function projectionValueOf(projection: Projection | undefined): JsonValue {
  return projection === undefined || projection.kind === "default"
    ? null
    : [projection.kind, ...projection.paths.map(formatResolvedPath)];
}
