/** What the access extension says of Users, for the library: read only for answers that ask for it. */
import type { ComputeExtensions } from "@rollcall/scim";
import { accessExtension, accessOfUser } from "../domain/access-extension.ts";
import type { Scope } from "../domain/tenant.ts";
import type { Store } from "../store/store.ts";

/** Makes the values for the Users of one connection, in one statement for each answer. */
export function accessOfUsers(
  { memberships }: Pick<Store, "memberships">,
  scope: Scope,
): ComputeExtensions {
  return async ({ resources }) => {
    const locked = await memberships.lockSources(
      scope,
      resources.map(({ id }) => id),
    );
    return resources.map(({ id, attributes }) => ({
      [accessExtension.id]: accessOfUser(attributes, locked.get(id) ?? []),
    }));
  };
}
