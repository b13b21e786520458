/** Reads resources with the relations that were asked for. */
import type {
  FoundResource,
  JsonObject,
  KeyHolder,
  QueryPart,
  RelationValue,
  ResourceType,
  StoredResource,
  UniqueKeyValue,
} from "@rollcall/scim";
import { coreAttributesOf } from "@rollcall/scim";
import type { Scope } from "../../domain/tenant.ts";
import type { PlacedResource, PlaceWish } from "../store.ts";
import { jsonColumn } from "./json-column.ts";
import { derivedValues, relationOf, relationValues } from "./members.ts";
import { readingCostMax, relationsCost } from "./reading-cost.ts";
import type { ResourceRow } from "./resources.ts";
import { resourceById } from "./resources.ts";
import type { Script } from "./script.ts";
import { rowsOf } from "./script.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import { joined, statement } from "./statement.ts";
import { bothOf, together } from "./together.ts";

/** How many resources load their relations in one step. */
const loadedTogether = 50;

/** Reads one live resource, if that takes some milliseconds at most. */
export function* readResourceQuickly(
  scope: Scope,
  resourceType: ResourceType,
  id: string,
  relations: readonly string[],
  dialect: SqlDialect,
): Script<{ readonly stored: StoredResource | undefined } | "long"> {
  const cost = yield* relationsCost(scope, resourceType, [id], relations, dialect);
  return cost > readingCostMax
    ? "long"
    : { stored: yield* readResource(scope, resourceType, id, relations, dialect) };
}

/** Reads one live resource. */
export function* readResource(
  scope: Scope,
  resourceType: ResourceType,
  id: string,
  relations: readonly string[],
  dialect: SqlDialect,
): Script<StoredResource | undefined> {
  // Relations belong to ids, so that one step reads both; of an id that nobody has they are empty.
  const [row, loaded] = yield* bothOf(
    resourceById({ scope, resourceType: resourceType.name, resourceId: id }),
    loadRelations(scope, resourceType, id, relations, dialect),
  );
  return row && resourceOf(row, loaded);
}

/** Finds the live resources that hold any of the keys, in the order of the keys, by one statement. */
export function* readResourcesByKeys(
  { tenantId, connectionId }: Scope,
  { name }: ResourceType,
  keys: readonly UniqueKeyValue[],
  { indexed }: SqlDialect,
): Script<readonly KeyHolder[]> {
  if (keys.length === 0) {
    return [];
  }
  const holders = keys.map(({ path, key }, place) =>
    statement(
      `SELECT ${place} AS place, r.resource_id, r.sequence, r.revision, r.created_at, r.last_modified, r.attributes
       FROM unique_keys AS k
       CROSS JOIN resources AS r
       WHERE k.tenant_id = ? AND k.connection_id = ? AND k.resource_type = ? AND k.path = ? AND k.key = ?
         AND r.tenant_id = ? AND r.connection_id = ? AND r.resource_id = k.resource_id`,
      ...[tenantId, connectionId, name, path, indexed.value(key)],
      ...[tenantId, connectionId],
    ),
  );
  const rows = yield* rowsOf<ResourceRow & { readonly place: number }>(
    joined(holders, " UNION ALL "),
  );
  return [...rows]
    .sort((one, other) => one.place - other.place)
    .map((row) => ({ path: keys[row.place]?.path ?? "", resource: resourceOf(row, {}) }));
}

/** Reads live resources in the order of creation, behind a place and without their relations. */
export function* resourcesBehind(
  { tenantId, connectionId }: Scope,
  { name }: ResourceType,
  { after, limit }: PlaceWish,
): Script<readonly PlacedResource[]> {
  const rows = yield* rowsOf<ResourceRow>(
    statement(
      `SELECT resource_id, sequence, revision, created_at, last_modified, attributes FROM resources
       WHERE tenant_id = ? AND connection_id = ? AND resource_type = ? AND sequence > ?
       ORDER BY sequence LIMIT ?`,
      ...[tenantId, connectionId, name, after, limit],
    ),
  );
  return rows.map((row) => ({ place: row.sequence, resource: resourceOf(row, {}) }));
}

/** A row that answers a part of a query. */
export interface PartRow {
  readonly part: number;
  readonly row: ResourceRow;
}

/** Makes resources of the rows of a page, loading what each part asks for, that of some resources together. */
export function* foundResources(
  scope: Scope,
  parts: readonly QueryPart[],
  rows: readonly PartRow[],
  dialect: SqlDialect,
): Script<readonly FoundResource[]> {
  const resources: FoundResource[] = [];
  for (let start = 0; start < rows.length; start += loadedTogether) {
    const some = rows.slice(start, start + loadedTogether);
    const loading = some.map(({ part, row }) =>
      foundResource(scope, parts[part], { part, row }, dialect),
    );
    resources.push(...(yield* together(loading)));
  }
  return resources;
}

function* foundResource(
  scope: Scope,
  asked: QueryPart | undefined,
  { part, row }: PartRow,
  dialect: SqlDialect,
): Script<FoundResource> {
  const loaded =
    asked === undefined
      ? {}
      : yield* loadRelations(scope, asked.resourceType, row.resource_id, asked.relations, dialect);
  // Into the same object, whose attributes are not parsed by that.
  return Object.assign(resourceOf(row, loaded), { part });
}

function resourceOf(row: ResourceRow, relations: StoredResource["relations"]): StoredResource {
  let parsed: JsonObject | undefined;
  return {
    id: row.resource_id,
    // Most answers are written from the text, and nobody reads what it says.
    get attributes() {
      parsed ??= jsonColumn<JsonObject>(row.attributes);
      return parsed;
    },
    attributesText: row.attributes,
    created: row.created_at,
    lastModified: row.last_modified,
    revision: row.revision,
    relations,
  };
}

function* loadRelations(
  scope: Scope,
  resourceType: ResourceType,
  resourceId: string,
  names: readonly string[],
  dialect: SqlDialect,
): Script<Readonly<Record<string, readonly RelationValue[]>>> {
  const loaded: Record<string, readonly RelationValue[]> = {};
  if (names.length === 0) {
    return loaded;
  }
  for (const { name, stored, reverseOf } of coreAttributesOf(resourceType)) {
    if (names.includes(name)) {
      if (stored === "relation") {
        const relation = relationOf(resourceType.name, name);
        loaded[name] = yield* relationValues({ scope, resourceId, relation });
      } else if (stored === "derived" && reverseOf !== undefined) {
        const relation = relationOf(reverseOf.resourceType, reverseOf.attribute);
        loaded[name] = yield* derivedValues({ scope, resourceId, relation }, dialect);
      }
    }
  }
  return loaded;
}
