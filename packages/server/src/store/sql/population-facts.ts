/** What holds for all resources of one type of a population: how many there are, and which keys and indexes they have. */
import type { ClientProfileName, ResourceType } from "@rollcall/scim";
import type { Connection } from "../../domain/connection.ts";
import { connectionSettingsOf, uniqueKeyPathsOf } from "../../domain/connection.ts";
import type { Scope } from "../../domain/tenant.ts";
import { jsonColumn } from "./json-column.ts";
import type { Script } from "./script.ts";
import { changesOf, firstRowOf } from "./script.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import type { Statement } from "./statement.ts";
import { statement } from "./statement.ts";
import type { PointPath } from "./stored-form.ts";
import { pointPathsOf } from "./stored-form.ts";

/** The facts of one type of a population. */
export interface PopulationFacts {
  /** Undefined until the connection was saved with its rules: until then the writer decides. */
  readonly uniqueKeyPaths: readonly string[] | undefined;
  /** The unique keys that hold, whoever decides: what is not unique tells nobody from anybody else. */
  readonly identifyingPaths: readonly string[];
  /** Live resources. */
  readonly live: number;
  /** The point attributes that have index rows for every resource. */
  readonly pointPaths: ReadonlySet<string>;
  /** The point attributes that are to have them: those of the type and those that the operator named. */
  readonly wantedPoints: readonly PointPath[];
  /** Whether index and endpoint are those of the resource type and the connection as they are now. */
  readonly upToDate: boolean;
  readonly tenantName: string;
  readonly connectionName: string;
  /** Whether nobody gets anything by the connection yet. */
  readonly isStaged: boolean;
  /** JSON: where the tenant differs from the defaults. */
  readonly tenantSettings: string;
}

/** Attribute paths of a connection, by resource type. */
export type PathsByType = Readonly<Record<string, readonly string[]>>;

/** A row of {@link factsStatement}. */
export interface FactsRow {
  readonly unique_key_paths: string | null;
  readonly profile: ClientProfileName;
  /** JSON. */
  readonly connection_settings: string;
  readonly index_paths: string | null;
  readonly live: number | null;
  readonly endpoint: string | null;
  readonly point_paths: string | null;
  readonly tenant_name: string;
  readonly connection_name: string;
  readonly staged: number;
  readonly tenant_settings: string;
}

/** Reads the facts; undefined when there is no such connection. */
export function* populationFacts(
  scope: Scope,
  resourceType: ResourceType,
  dialect: SqlDialect,
): Script<PopulationFacts | undefined> {
  const reading = { total: "exact", dialect } as const;
  const row = yield* firstRowOf<FactsRow>(factsStatement(scope, resourceType.name, reading));
  return row && factsOf(row, resourceType);
}

/** How facts are read: a write needs no exact total. */
export interface FactsReading {
  readonly total: "exact" | "any";
  readonly dialect: SqlDialect;
}

/** The statement that reads the facts; the exact total is the sum of what has been folded and what has not. */
export function factsStatement(
  { tenantId, connectionId }: Scope,
  resourceType: string,
  { total, dialect }: FactsReading,
): Statement {
  const unfolded = `(
    SELECT COALESCE(SUM(d.live), 0) FROM resource_total_deltas AS d
    WHERE d.tenant_id = t.tenant_id AND d.connection_id = t.connection_id
      AND d.resource_type = t.resource_type)`;
  const isFolded = total === "any" || dialect.writers === "one";
  const live = isFolded ? "t.live" : `CAST(t.live + ${unfolded} AS BIGINT)`;
  return statement(
    `SELECT c.unique_key_paths, c.profile, c.settings AS connection_settings, c.index_paths, ${live} AS live, t.endpoint, t.point_paths,
       n.name AS tenant_name, c.name AS connection_name, c.staged, n.settings AS tenant_settings
     FROM connections AS c
     JOIN tenants AS n ON n.tenant_id = c.tenant_id
     LEFT JOIN resource_totals AS t ON t.tenant_id = c.tenant_id
       AND t.connection_id = c.connection_id AND t.resource_type = ?
     WHERE c.tenant_id = ? AND c.connection_id = ?`,
    resourceType,
    tenantId,
    connectionId,
  );
}

/** Makes the facts of a row. */
export function factsOf(row: FactsRow, resourceType: ResourceType): PopulationFacts {
  const wantedPoints = pointPathsOf(
    resourceType,
    pathsIn(row.index_paths, resourceType.name) ?? [],
  );
  const uniqueKeyPaths = pathsIn(row.unique_key_paths, resourceType.name);
  return {
    uniqueKeyPaths,
    identifyingPaths: uniqueKeyPaths ?? uniqueKeysOfConnection(row, resourceType),
    live: row.live ?? 0,
    pointPaths: new Set(jsonColumn<readonly string[]>(row.point_paths ?? "[]")),
    wantedPoints,
    upToDate:
      row.live !== null &&
      row.endpoint === resourceType.endpoint &&
      row.point_paths === textOf(wantedPoints),
    tenantName: row.tenant_name,
    connectionName: row.connection_name,
    isStaged: row.staged === 1,
    tenantSettings: row.tenant_settings,
  };
}

/** What the writer goes by while nothing is saved: the settings that the connection began with. */
function uniqueKeysOfConnection(
  { profile, connection_settings }: FactsRow,
  resourceType: ResourceType,
): readonly string[] {
  const settings = jsonColumn<Connection["settings"]>(connection_settings);
  const registry = { resourceTypes: [resourceType] };
  const rules = uniqueKeyPathsOf(connectionSettingsOf({ profile, settings }), registry);
  return rules.flatMap(({ paths }) => paths);
}

/** Makes the facts of a type that has none, or brings endpoint and index paths up to date. */
export function* saveFacts(
  { tenantId, connectionId }: Scope,
  resourceType: ResourceType,
  points: readonly PointPath[],
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
      textOf(points),
    ),
  );
}

/** Paths of a column that has them by resource type. */
export function pathsIn(text: string | null, resourceType: string): readonly string[] | undefined {
  const byType = jsonColumn<PathsByType>(text ?? "{}");
  return Object.hasOwn(byType, resourceType) ? byType[resourceType] : undefined;
}

function textOf(points: readonly PointPath[]): string {
  return JSON.stringify(points.map(({ text }) => text));
}
