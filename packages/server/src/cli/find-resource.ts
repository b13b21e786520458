/** Finds what an operator names: a User or a Group of a connection, by its id or its name. */
import type { ResourceQuery, ResourceType, StoredResource } from "@rollcall/scim";
import { parseFilter, relationsShown, resolveFilter } from "@rollcall/scim";
import type { Instance } from "../compose.ts";
import { connectionSettingsOf, scopeOf } from "../domain/connection.ts";
import { refusal } from "../domain/refusal.ts";
import type { NamedConnection } from "./find-connection.ts";

/** Finds a resource by its id, else by its name as it stands, whatever the letter case. */
export async function findResource(
  instance: Instance,
  found: NamedConnection,
  resourceType: ResourceType,
  id: string,
): Promise<StoredResource | undefined> {
  const scope = scopeOf(found.connection);
  const { resources } = instance.store;
  const relations = relationsShown(resourceType, { kind: "default" });
  const byId = await resources.read(scope, resourceType, id, relations);
  const namePath = resourceType.uniqueKeys.find(({ role }) => role === "name")?.path;
  if (byId !== undefined || namePath === undefined) {
    return byId;
  }
  const filter = `${namePath} eq ${JSON.stringify(id)}`;
  const query = resourceQueryOf(instance, found, resourceType, filter);
  const parts = query.parts.map((part) => ({ ...part, relations }));
  const page = await resources.query(scope, { ...query, parts, count: 2 });
  if (page.totalResults > 1) {
    throw refusal(`${page.totalResults} are called ${id}: give the id`);
  }
  return page.resources[0];
}

/** A query of one type for the first resource, as the settings of the connection read its filter. */
export function resourceQueryOf(
  { registry, scimUrl }: Instance,
  { connection }: NamedConnection,
  resourceType: ResourceType,
  filter: string | undefined,
): ResourceQuery {
  const { unqualifiedExtensionNames } = connectionSettingsOf(connection);
  const reading = { strict: false, schemaUris: registry.schemaUris, unqualifiedExtensionNames };
  const resolved =
    filter === undefined
      ? undefined
      : resolveFilter(parseFilter(filter, reading), resourceType, reading);
  return {
    parts: [{ resourceType, filter: resolved, sortBy: undefined, relations: [] }],
    order: "created",
    startIndex: 1,
    count: 1,
    baseUrl: scimUrl(),
  };
}

/** The resource type of that name. */
export function typeNamed({ registry }: Instance, name: string): ResourceType {
  const resourceType = registry.named(name);
  if (resourceType === undefined) {
    throw new TypeError(`the registry has no resource type ${name}`);
  }
  return resourceType;
}
