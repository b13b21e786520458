/** Does what the admin API does to connections. */
import type { ClientSettings } from "@rollcall/scim";
import { parseClientSetting } from "@rollcall/scim";
import type { ConnectionChange, ConnectionJson } from "../../admin-contract/connections.ts";
import {
  changeConnection,
  connectionJsonOf,
  createConnection,
  listConnections,
  readConnection,
} from "../../admin-contract/connections.ts";
import type { Connection } from "../../domain/connection.ts";
import { connectionSettingsOf, uniqueKeyPathsOf } from "../../domain/connection.ts";
import { parseIndexPaths } from "../../domain/index-path.ts";
import type { Tenant } from "../../domain/tenant.ts";
import { createConnection as makeConnection } from "../../provisioning/create-connection.ts";
import { scimRoot } from "../scim-endpoint.ts";
import { pageOfAll } from "./cursor.ts";
import { checkedPart, notFound, problem } from "./problem.ts";
import type { AdminParts, ServedOperation } from "./served-operation.ts";
import { servedInTenant } from "./served-operation.ts";

/** The operations. */
export const servedConnections: readonly ServedOperation[] = [
  servedInTenant(listConnections, async ({ tenant, query }, parts) => ({
    body: pageOfAll(await parts.store.connections.list(tenant.tenantId), query, {
      list: "connections",
      keyOf: ({ slug }) => slug,
      shown: (connection) => shownConnection(connection, tenant, parts),
    }),
  })),
  servedInTenant(createConnection, async ({ tenant, body, circumstances, nowMs }, parts) => {
    const { profile = "generic", slug, name, staged = false } = body;
    const wish = { tenant, profile, slug, name, staged };
    const connection = await makeConnection(parts.store, wish, { ...circumstances, nowMs });
    return { body: shownConnection(connection, tenant, parts) };
  }),
  servedInTenant(readConnection, async ({ tenant, path }, parts) => ({
    body: shownConnection(await connectionOf(tenant, path, parts), tenant, parts),
  })),
  servedInTenant(changeConnection, async ({ tenant, path, body, circumstances }, parts) => {
    const { store, registry } = parts;
    const connection = changed(await connectionOf(tenant, path, parts), body, parts);
    const outcome = await store.connections.save(
      connection,
      uniqueKeyPathsOf(connectionSettingsOf(connection), registry),
      circumstances,
    );
    if (outcome.kind === "duplicates") {
      throw problem(
        409,
        `Nothing was changed: ${outcome.path} cannot be unique while these share a value: ${outcome.ids.join(", ")}.`,
      );
    }
    return { body: shownConnection(connection, tenant, parts) };
  }),
];

/** Finds the connection that a path names. */
export async function connectionOf(
  { tenantId }: Tenant,
  path: Readonly<Record<string, string>>,
  { store }: Pick<AdminParts, "store">,
): Promise<Connection> {
  const connection = await store.connections.bySlug(tenantId, path["connection"] ?? "");
  if (connection === undefined) {
    throw notFound("connection");
  }
  return connection;
}

/** Shows a connection. */
export function shownConnection(
  connection: Connection,
  { slug }: Tenant,
  { site }: Pick<AdminParts, "site">,
): ConnectionJson {
  return connectionJsonOf(connection, { tenant: slug, scimUrl: `${site().url}${scimRoot}` });
}

function changed(
  connection: Connection,
  { name, profile, disabled, settings = {}, indexes }: ConnectionChange,
  { registry }: Pick<AdminParts, "registry">,
): Connection {
  return {
    ...connection,
    name: name ?? connection.name,
    profile: profile ?? connection.profile,
    disabled: disabled ?? connection.disabled,
    settings: changedSettings(connection.settings, settings),
    ...(indexes === undefined
      ? {}
      : { indexPaths: checkedPart("indexes", () => parseIndexPaths(indexes, registry)) }),
  };
}

function changedSettings(
  own: Partial<ClientSettings>,
  changes: NonNullable<ConnectionChange["settings"]>,
): Partial<ClientSettings> {
  const kept = Object.entries(own).filter(([key]) => !Object.hasOwn(changes, key));
  const set = Object.entries(changes).flatMap(([key, value]) =>
    value === null
      ? []
      : Object.entries(
          checkedPart(`settings.${key}`, () => parseClientSetting(key, String(value))),
        ),
  );
  return Object.fromEntries([...kept, ...set]);
}
