/** Reads over the admin API which Users and Groups a connection has provisioned. */
import type { JsonObject, ResourceType, StoredResource } from "@rollcall/scim";
import { projectResource } from "@rollcall/scim";
import type { PageQuery } from "../../admin-contract/operation.ts";
import type {
  GroupJson,
  GroupMemberJson,
  UserJson,
} from "../../admin-contract/users-and-groups.ts";
import {
  listGroupMembers,
  listGroups,
  listUsers,
  readGroup,
  readUser,
} from "../../admin-contract/users-and-groups.ts";
import type { Link } from "../../domain/account.ts";
import { scopeOf } from "../../domain/connection.ts";
import { personOf, personType } from "../../domain/person.ts";
import type { Scope, Tenant } from "../../domain/tenant.ts";
import type { PlacedResource, PlacedValue } from "../../store/store.ts";
import { scimRoot } from "../scim-endpoint.ts";
import { connectionOf } from "./connections.ts";
import { limitOf, numberPositionOf, pageOfRead } from "./cursor.ts";
import { notFound } from "./problem.ts";
import type { AdminParts, ServedOperation } from "./served-operation.ts";
import { servedInTenant } from "./served-operation.ts";

const groupType = "Group";

/** The operations. */
export const servedResources: readonly ServedOperation[] = [
  servedInTenant(listUsers, async (call, parts) => {
    const place = await placeOf(call, personType, parts);
    const found = await resourcesOf("users", call.query, place, parts);
    const ids = found.map(({ resource }) => resource.id);
    const links = await parts.store.memberships.linksOf(place.scope, ids);
    const shown = ({ resource }: PlacedResource): UserJson =>
      userJsonOf(resource, links.get(resource.id), place, parts);
    return { body: pageOfRead(found, call.query, { list: "users", keyOf, shown }) };
  }),
  servedInTenant(readUser, async (call, parts) => {
    const place = await placeOf(call, personType, parts);
    const user = await resourceOf("user", call, place, parts);
    const links = await parts.store.memberships.linksOf(place.scope, [user.id]);
    return { body: userJsonOf(user, links.get(user.id), place, parts) };
  }),
  servedInTenant(listGroups, async (call, parts) => {
    const place = await placeOf(call, groupType, parts);
    const found = await resourcesOf("groups", call.query, place, parts);
    const shown = ({ resource }: PlacedResource): GroupJson => groupJsonOf(resource, place, parts);
    return { body: pageOfRead(found, call.query, { list: "groups", keyOf, shown }) };
  }),
  servedInTenant(readGroup, async (call, parts) => {
    const place = await placeOf(call, groupType, parts);
    return { body: groupJsonOf(await resourceOf("group", call, place, parts), place, parts) };
  }),
  servedInTenant(listGroupMembers, async (call, parts) => {
    const { scope, resourceType } = await placeOf(call, groupType, parts);
    const { id } = await resourceOf("group", call, { scope, resourceType }, parts);
    const members = await parts.store.resources.relationPage(
      scope,
      { resourceType, id, attribute: "members" },
      pageWishOf("group-members", call.query),
    );
    const forms = { list: "group-members", keyOf, shown: memberJsonOf };
    return { body: pageOfRead(members, call.query, forms) };
  }),
];

/** One resource type of one connection. */
interface Place {
  readonly scope: Scope;
  readonly resourceType: ResourceType;
}

type Path = Readonly<Record<string, string>>;

async function placeOf(
  { tenant, path }: { readonly tenant: Tenant; readonly path: Path },
  typeName: string,
  parts: AdminParts,
): Promise<Place> {
  const connection = await connectionOf(tenant, path, parts);
  const resourceType = parts.registry.named(typeName);
  if (resourceType === undefined) {
    throw new TypeError(`the registry has no resource type ${typeName}`);
  }
  return { scope: scopeOf(connection), resourceType };
}

function pageWishOf(list: string, query: PageQuery) {
  return { after: numberPositionOf(list, query) ?? 0, limit: limitOf(query) + 1 };
}

function resourcesOf(
  list: string,
  query: PageQuery,
  { scope, resourceType }: Place,
  { store }: Pick<AdminParts, "store">,
): Promise<readonly PlacedResource[]> {
  return store.resources.page(scope, resourceType, pageWishOf(list, query));
}

async function resourceOf(
  noun: "user" | "group",
  { path }: { readonly path: Path },
  { scope, resourceType }: Place,
  { store }: Pick<AdminParts, "store">,
): Promise<StoredResource> {
  const found = await store.resources.read(scope, resourceType, path[noun] ?? "", []);
  if (found === undefined) {
    throw notFound(noun);
  }
  return found;
}

function keyOf({ place }: PlacedResource | PlacedValue): number {
  return place;
}

type Showing = Pick<AdminParts, "registry" | "site">;

function userJsonOf(
  user: StoredResource,
  link: Pick<Link, "accountId" | "state"> | undefined,
  place: Place,
  showing: Showing,
): UserJson {
  const { attributes } = user;
  return {
    ...commonJsonOf(user, place, showing),
    userName: textIn(attributes, "userName") ?? "",
    active: personOf(attributes).active,
    link: link?.state ?? "none",
    accountId: link?.accountId ?? null,
  };
}

function groupJsonOf(group: StoredResource, place: Place, showing: Showing): GroupJson {
  const displayName = textIn(group.attributes, "displayName") ?? "";
  return { ...commonJsonOf(group, place, showing), displayName };
}

function commonJsonOf(stored: StoredResource, { resourceType }: Place, showing: Showing) {
  const { id, revision, created, lastModified, attributes } = stored;
  const externalId = textIn(attributes, "externalId") ?? null;
  const shown = shownAttributes(stored, resourceType, showing);
  return { id, externalId, revision, created, lastModified, attributes: shown };
}

/** What a client is shown that asks for nothing in particular: what must not be returned is left out. */
function shownAttributes(
  stored: StoredResource,
  resourceType: ResourceType,
  { registry, site }: Showing,
): JsonObject {
  const place = { registry, baseUrl: `${site().url}${scimRoot}` };
  const shown = projectResource(stored, resourceType, { kind: "default" }, place);
  const { id, meta, schemas, ...attributes } = shown;
  return attributes;
}

function memberJsonOf({ value: { value, resourceType, display } }: PlacedValue): GroupMemberJson {
  return { id: value, resourceType, display: display ?? null };
}

function textIn(attributes: JsonObject, name: string): string | undefined {
  const value = attributes[name];
  return typeof value === "string" ? value : undefined;
}
