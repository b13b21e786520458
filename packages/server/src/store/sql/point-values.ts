/** The index of point attributes: which resource has which value. */
import type { ResourceType } from "@rollcall/scim";
import type { Scope } from "../../domain/tenant.ts";
import { insertRows } from "./insert-rows.ts";
import type { ResourceKey } from "./resources.ts";
import type { Script } from "./script.ts";
import { changesOf } from "./script.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import type { Statement } from "./statement.ts";
import { compose, statement } from "./statement.ts";
import type { PointPath, PointValue } from "./stored-form.ts";

/** Adds values. */
export function insertPointValues(
  { scope, resourceType, resourceId }: ResourceKey,
  values: readonly PointValue[],
  { indexed }: SqlDialect,
): readonly Statement[] {
  return insertRows({
    into: "point_values (tenant_id, connection_id, resource_type, path, value, resource_id)",
    shared: [scope.tenantId, scope.connectionId, resourceType],
    rows: values.map(({ path, value }) => [path, indexed.value(value), resourceId]),
  });
}

/** Removes values. */
export function deletePointValues(
  { scope, resourceType, resourceId }: ResourceKey,
  values: readonly PointValue[],
  { indexed }: SqlDialect,
): readonly Statement[] {
  return values.map(({ path, value }) =>
    statement(
      `DELETE FROM point_values WHERE tenant_id = ? AND connection_id = ? AND resource_type = ?
         AND path = ? AND value = ? AND resource_id = ?`,
      scope.tenantId,
      scope.connectionId,
      resourceType,
      path,
      indexed.value(value),
      resourceId,
    ),
  );
}

/** Makes the index of a type anew, after its point attributes have changed. */
export function* rebuildPointValues(
  { tenantId, connectionId }: Scope,
  resourceType: ResourceType,
  points: readonly PointPath[],
  dialect: SqlDialect,
): Script<void> {
  yield* changesOf(
    statement(
      `DELETE FROM point_values WHERE tenant_id = ? AND connection_id = ? AND resource_type = ?`,
      tenantId,
      connectionId,
      resourceType.name,
    ),
  );
  for (const { text, path } of points) {
    const { from, value } = readingOf(path, dialect);
    yield* changesOf(
      compose`INSERT INTO point_values (tenant_id, connection_id, resource_type, path, value, resource_id)
        SELECT DISTINCT r.tenant_id, r.connection_id, r.resource_type, ${text}, ${dialect.indexed.part(value)}, r.resource_id
        FROM resources AS r${from}
        WHERE r.tenant_id = ${tenantId} AND r.connection_id = ${connectionId}
          AND r.resource_type = ${resourceType.name} AND ${value} IS NOT NULL`,
    );
  }
}

function readingOf(
  { extension, attribute, subAttribute }: PointPath["path"],
  dialect: SqlDialect,
): { readonly from: Statement; readonly value: Statement } {
  const names = [extension, attribute?.name].filter((name) => name !== undefined);
  const subNames = subAttribute === undefined ? [] : [subAttribute.name];
  const folded = statement("r.folded");
  if (attribute?.multiValued !== true) {
    return { from: statement(""), value: dialect.textAt(folded, [...names, ...subNames]) };
  }
  const value =
    subAttribute === undefined
      ? dialect.element.text("e")
      : dialect.textAt(dialect.element.document("e"), subNames);
  return { from: compose`, ${dialect.elementsAt(folded, names, "e")}`, value };
}
