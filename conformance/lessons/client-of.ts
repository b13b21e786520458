/** Clients with a population of their own, and what the lessons ask about groups. */
import type { ClientProfileName } from "@rollcall/scim";
import { freshConnection } from "../fresh-connection.ts";
import type { Representation, ScimClient } from "../scim-client.ts";
import { createScimClient } from "../scim-client.ts";

/** A client with a population of its own. */
export async function clientOf(profile: ClientProfileName = "generic"): Promise<ScimClient> {
  return createScimClient(await freshConnection({ profile }));
}

/** The ids of a group's members, read anew. */
export async function membersOf(
  client: ScimClient,
  { id }: Representation,
): Promise<readonly unknown[]> {
  const { body } = await client.get(`/Groups/${id}`);
  return (body.members ?? []).map(({ value }) => value).toSorted();
}

/** The ids of resources, sorted. */
export function ids(...resources: readonly Representation[]): readonly string[] {
  return resources.map(({ id }) => id).toSorted();
}

/** Resources as values of a members attribute. */
export function valuesOf(...resources: readonly Representation[]): readonly object[] {
  return resources.map(({ id }) => ({ value: id }));
}
