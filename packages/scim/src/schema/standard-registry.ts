/** The registry of a service provider that has nothing but what RFC 7643 §4 defines. */
import { groupResourceType } from "./group.ts";
import type { ResourceTypeRegistry } from "./resource-type.ts";
import { createResourceTypeRegistry } from "./resource-type.ts";
import { userResourceType } from "./user.ts";

/** Makes the registry of users, with the Enterprise User extension, and groups. */
export function createStandardRegistry(): ResourceTypeRegistry {
  return createResourceTypeRegistry([userResourceType, groupResourceType]);
}
