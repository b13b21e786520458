/** The 404 of an id that no live resource of the type has (RFC 7644 §3.12). */
import { ScimError } from "../errors.ts";
import type { StoredResource } from "../resource/resource.ts";
import type { ResourceType } from "../schema/resource-type.ts";

/** Hands the resource through, or throws 404. */
export function foundResource(
  stored: StoredResource | undefined,
  { resourceType }: { readonly resourceType: ResourceType },
): StoredResource {
  if (stored === undefined) {
    throw new ScimError(404, `There is no ${resourceType.name} with this id.`);
  }
  return stored;
}
