/** Connections. */
import type { JsonValue, ResourceType } from "@rollcall/scim";
import { sameJson } from "@rollcall/scim";
import type { Selectable } from "kysely";
import type { AttributeDifference, Circumstances } from "../../domain/audit-entry.ts";
import type { Connection } from "../../domain/connection.ts";
import type { OutboxEvent } from "../../domain/outbox-event.ts";
import type { Scope, TenantId } from "../../domain/tenant.ts";
import type { ConnectionsTable } from "./database.ts";
import { jsonColumn } from "./json-column.ts";
import type { PathsByType } from "./population-facts.ts";
import { queries } from "./queries.ts";
import type { AdminAction } from "./record-consequences.ts";
import { adminAuditEntry, consequenceRows } from "./record-consequences.ts";
import { bringUpToDate } from "./record-resource-change.ts";
import type { Script, Verdict } from "./script.ts";
import { changesOf, changesOfQuery, rowsOfQuery } from "./script.ts";
import type { SqlContext } from "./sql-context.ts";
import { statement } from "./statement.ts";
import type { ToldAccess } from "./tell-access.ts";
import { nothingTold, withAccess } from "./tell-access.ts";
import { lockTenantFacts } from "./tenant-facts.ts";
import { buildUniqueKeys, dropUniqueKeysExcept, sharedUniqueKey } from "./unique-keys.ts";

/** Which keys of a resource type must hold. */
export interface UniqueKeyRules {
  readonly resourceType: ResourceType;
  readonly paths: readonly string[];
}

/** What became of saving a connection. */
export type Saved =
  | { readonly kind: "saved" }
  | { readonly kind: "duplicates"; readonly path: string; readonly ids: readonly string[] };

/** Makes a connection, unless its name is taken in the tenant. */
export function* createConnection(
  connection: Connection,
  circumstances: Circumstances,
  context: SqlContext,
): Script<Verdict<"created" | "taken">> {
  const { tenantId, connectionId, slug, name, profile, settings, disabled, staged, created } =
    connection;
  const claimed = yield* changesOf(
    statement(
      `INSERT INTO connections
         (tenant_id, connection_id, slug, name, profile, settings, disabled, created_at, index_paths,
          staged)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (tenant_id, slug) DO NOTHING`,
      tenantId,
      connectionId,
      slug,
      name,
      profile,
      JSON.stringify(settings),
      disabled ? 1 : 0,
      created,
      indexPathsText(connection),
      staged ? 1 : 0,
    ),
  );
  if (claimed === 0) {
    return { kind: "undo", result: "taken" };
  }
  const differences = [
    { path: "slug", after: slug },
    ...differencesBetween(undefined, connection),
    ...(staged ? [{ path: "staged", after: true }] : []),
  ];
  const target = { type: "connection", id: connectionId, name: slug };
  const action = { action: "connection.create", target, differences } as const;
  yield* recordConnection(connection, action, circumstances, context);
  return { kind: "keep", result: "created" };
}

/** Lists the connections of a tenant by name. */
export function* listConnections(tenantId: TenantId): Script<readonly Connection[]> {
  const rows = yield* rowsOfQuery(
    queries.selectFrom("connections").selectAll().where("tenant_id", "=", tenantId).orderBy("slug"),
  );
  return rows.map(connectionOf);
}

/** Finds a connection by its name. */
export function* connectionBySlug(
  tenantId: TenantId,
  slug: string,
): Script<Connection | undefined> {
  const [row] = yield* rowsOfQuery(
    queries
      .selectFrom("connections")
      .selectAll()
      .where("tenant_id", "=", tenantId)
      .where("slug", "=", slug),
  );
  return row && connectionOf(row);
}

/** Reads a connection. */
export function* connectionById(scope: Scope): Script<Connection | undefined> {
  const row = yield* connectionRow(scope);
  return row && connectionOf(row);
}

/** Saves a connection and makes its unique keys those that hold from now on; two resources that share one stop it. */
export function* saveConnection(
  connection: Connection,
  rules: readonly UniqueKeyRules[],
  circumstances: Circumstances,
  context: SqlContext,
): Script<Verdict<Saved>> {
  const { tenantId, connectionId } = connection;
  yield lockTenantFacts(tenantId, "alone", context.dialect);
  const row = yield* connectionRow(connection);
  if (row === undefined) {
    throw new TypeError("there is no such connection to save");
  }
  const before = connectionOf(row);
  const paths: PathsByType = Object.fromEntries(
    rules.map(({ resourceType, paths }) => [resourceType.name, paths]),
  );
  const differences = differencesBetween(before, connection);
  const pathsText = JSON.stringify(paths);
  if (differences.length === 0 && row.unique_key_paths === pathsText) {
    return { kind: "undo", result: { kind: "saved" } };
  }
  // While the rules stay the same every write has kept them, and nothing has to be looked through.
  const duplicates =
    row.unique_key_paths === pathsText ? undefined : yield* applyRules(connection, rules, context);
  if (duplicates !== undefined) {
    return { kind: "undo", result: duplicates };
  }
  yield* changesOfQuery(
    queries
      .updateTable("connections")
      .set({
        name: connection.name,
        profile: connection.profile,
        settings: JSON.stringify(connection.settings),
        disabled: connection.disabled ? 1 : 0,
        unique_key_paths: pathsText,
        index_paths: indexPathsText(connection),
      })
      .where("tenant_id", "=", tenantId)
      .where("connection_id", "=", connectionId),
  );
  for (const { resourceType } of row.index_paths === indexPathsText(connection) ? [] : rules) {
    yield* bringUpToDate(connection, resourceType, context);
  }
  // The rules follow from the settings: noting them for the first time is no change that anybody made.
  if (differences.length > 0) {
    const target = { type: "connection", id: connectionId, name: before.slug };
    const action = { action: actionOf(before, connection), target, differences };
    yield* recordConnection({ ...connection, slug: before.slug }, action, circumstances, context);
  }
  return { kind: "keep", result: { kind: "saved" } };
}

function* applyRules(
  scope: Scope,
  rules: readonly UniqueKeyRules[],
  { dialect }: SqlContext,
): Script<Extract<Saved, { kind: "duplicates" }> | undefined> {
  for (const { resourceType, paths } of rules) {
    yield* dropUniqueKeysExcept(scope, resourceType.name, paths, dialect.listTable);
    for (const path of paths) {
      yield* buildUniqueKeys(scope, resourceType, path, dialect);
      const ids = yield* sharedUniqueKey(scope, resourceType, path, dialect);
      if (ids.length > 0) {
        return { kind: "duplicates", path, ids };
      }
    }
  }
  return undefined;
}

function* connectionRow({
  tenantId,
  connectionId,
}: Scope): Script<Selectable<ConnectionsTable> | undefined> {
  const [row] = yield* rowsOfQuery(
    queries
      .selectFrom("connections")
      .selectAll()
      .where("tenant_id", "=", tenantId)
      .where("connection_id", "=", connectionId),
  );
  return row;
}

function connectionOf(row: Selectable<ConnectionsTable>): Connection {
  return {
    tenantId: row.tenant_id,
    connectionId: row.connection_id,
    slug: row.slug,
    name: row.name,
    profile: row.profile,
    settings: jsonColumn(row.settings),
    disabled: row.disabled === 1,
    staged: row.staged === 1,
    created: row.created_at,
    ...(row.index_paths === null ? {} : { indexPaths: jsonColumn(row.index_paths) }),
  };
}

function indexPathsText({ indexPaths }: Connection): string | null {
  return indexPaths === undefined ? null : JSON.stringify(indexPaths);
}

/** What is done to connections. */
export type ConnectionAction = AdminAction & { readonly action: keyof typeof eventTypesByAction };

/** Writes what was done to a connection into the audit log, and what the application is told of it. */
export function* recordConnection(
  connection: Connection,
  action: ConnectionAction,
  circumstances: Circumstances,
  context: SqlContext,
  told: ToldAccess = nothingTold,
): Script<void> {
  const auditEntry = withAccess(adminAuditEntry(action, circumstances, context), told);
  const { connectionId: id, slug, name, profile, disabled, staged } = connection;
  const revision = context.newSequence();
  const event: OutboxEvent = {
    eventId: context.newId(),
    type: eventTypesByAction[action.action],
    at: auditEntry.at,
    resourceType: "Connection",
    resourceId: id,
    revision,
    data: { id, resourceType: "Connection", revision, slug, name, profile, disabled, staged },
  };
  yield yield* consequenceRows(connection.tenantId, { auditEntry, outboxEvents: [event] }, context);
}

const eventTypesByAction = {
  "connection.create": "connection.created",
  "connection.update": "connection.updated",
  "connection.disable": "connection.disabled",
  "connection.enable": "connection.enabled",
  "connection.stage": "connection.updated",
  "connection.activate": "connection.updated",
  "connection.delete": "connection.deleted",
} as const;

function actionOf(
  before: Connection,
  after: Connection,
): "connection.update" | "connection.disable" | "connection.enable" {
  if (before.disabled === after.disabled) {
    return "connection.update";
  }
  return after.disabled ? "connection.disable" : "connection.enable";
}

function differencesBetween(
  before: Connection | undefined,
  after: Connection,
): readonly AttributeDifference[] {
  const old = before === undefined ? {} : valuesOf(before);
  return Object.entries(valuesOf(after)).flatMap(([path, value]) => {
    const was = Object.hasOwn(old, path) ? old[path] : undefined;
    return sameJson(was, value)
      ? []
      : [{ path, ...(was === undefined ? {} : { before: was }), after: value }];
  });
}

function valuesOf(connection: Connection): Record<string, JsonValue> {
  const { name, profile, settings, disabled, indexPaths } = connection;
  return {
    name,
    profile,
    settings: { ...settings },
    disabled,
    ...(indexPaths === undefined ? {} : { indexPaths: { ...indexPaths } }),
  };
}
