/** What holds for all resources of one type of a population: how many there are, and which keys and indexes they have. */
import type { ResourceType } from "@rollcall/scim";
import type { Scope } from "../../domain/tenant.ts";
import { jsonColumn } from "./json-column.ts";
import type { Script } from "./script.ts";
import { changesOf, firstRowOf } from "./script.ts";
import { statement } from "./statement.ts";
import { pointPathsOf } from "./stored-form.ts";

/** The facts of one type of a population. */
export interface PopulationFacts {
  /** Undefined until the connection was saved with its rules: until then the writer decides. */
  readonly uniqueKeyPaths: readonly string[] | undefined;
  /** Live resources. */
  readonly live: number;
  /** The highest sequence ever given. */
  readonly lastSequence: number;
  /** The point attributes that have index rows for every resource. */
  readonly pointPaths: ReadonlySet<string>;
  /** Whether index and endpoint are those of the resource type as it is now. */
  readonly upToDate: boolean;
}

/** The unique keys of a connection that are on, by resource type. */
export type UniqueKeyPaths = Readonly<Record<string, readonly string[]>>;

interface FactsRow {
  readonly unique_key_paths: string | null;
  readonly live: number | null;
  readonly last_sequence: number | null;
  readonly endpoint: string | null;
  readonly point_paths: string | null;
}

/** Reads the facts; undefined when there is no such connection. */
export function* populationFacts(
  { tenantId, connectionId }: Scope,
  resourceType: ResourceType,
): Script<PopulationFacts | undefined> {
  const row = yield* firstRowOf<FactsRow>(
    statement(
      `SELECT c.unique_key_paths, t.live, t.last_sequence, t.endpoint, t.point_paths
       FROM connections AS c
       LEFT JOIN resource_totals AS t ON t.tenant_id = c.tenant_id
         AND t.connection_id = c.connection_id AND t.resource_type = ?
       WHERE c.tenant_id = ? AND c.connection_id = ?`,
      resourceType.name,
      tenantId,
      connectionId,
    ),
  );
  return (
    row && {
      uniqueKeyPaths: pathsOf(row.unique_key_paths, resourceType.name),
      live: row.live ?? 0,
      lastSequence: row.last_sequence ?? 0,
      pointPaths: new Set(jsonColumn<readonly string[]>(row.point_paths ?? "[]")),
      upToDate:
        row.live !== null &&
        row.endpoint === resourceType.endpoint &&
        row.point_paths === pointPathsTextOf(resourceType),
    }
  );
}

/** The point attributes as the facts keep them. */
export function pointPathsTextOf(resourceType: ResourceType): string {
  return JSON.stringify(pointPathsOf(resourceType).map(({ text }) => text));
}

/** Makes the facts of a type that has none, or brings endpoint and index paths up to date. */
export function* saveFacts(
  { tenantId, connectionId }: Scope,
  resourceType: ResourceType,
): Script<void> {
  yield* changesOf(
    statement(
      `INSERT INTO resource_totals
         (tenant_id, connection_id, resource_type, live, last_sequence, endpoint, point_paths)
       VALUES (?, ?, ?, 0, 0, ?, ?)
       ON CONFLICT (tenant_id, connection_id, resource_type)
       DO UPDATE SET endpoint = excluded.endpoint, point_paths = excluded.point_paths`,
      tenantId,
      connectionId,
      resourceType.name,
      resourceType.endpoint,
      pointPathsTextOf(resourceType),
    ),
  );
}

/** Counts a new resource in and gives its sequence. */
export function* countIn({ tenantId, connectionId }: Scope, resourceType: string): Script<number> {
  const row = yield* firstRowOf<{ last_sequence: number }>(
    statement(
      `UPDATE resource_totals SET live = live + 1, last_sequence = last_sequence + 1
       WHERE tenant_id = ? AND connection_id = ? AND resource_type = ?
       RETURNING last_sequence`,
      tenantId,
      connectionId,
      resourceType,
    ),
  );
  if (row === undefined) {
    throw new TypeError("the population has no totals");
  }
  return row.last_sequence;
}

/** Counts a deleted resource out. */
export function* countResourceOut(
  { tenantId, connectionId }: Scope,
  resourceType: string,
): Script<void> {
  yield* changesOf(
    statement(
      `UPDATE resource_totals SET live = live - 1
       WHERE tenant_id = ? AND connection_id = ? AND resource_type = ?`,
      tenantId,
      connectionId,
      resourceType,
    ),
  );
}

function pathsOf(text: string | null, resourceType: string): readonly string[] | undefined {
  const byType = jsonColumn<UniqueKeyPaths>(text ?? "{}");
  return Object.hasOwn(byType, resourceType) ? byType[resourceType] : undefined;
}
