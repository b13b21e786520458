/** Our store as the library's ResourceStore: one population, everything recorded in the name of one request (RFC 7644 §6). */
import type { ResourceStore } from "@rollcall/scim";
import type { Circumstances } from "../domain/audit-entry.ts";
import type { Scope } from "../domain/tenant.ts";
import type { Store } from "../store/store.ts";

/** Scopes the store to one connection. */
export function connectionResourceStore(
  { resources }: Store,
  scope: Scope,
  circumstances: Circumstances,
): ResourceStore {
  return {
    read: (resourceType, id, relations) => resources.read(scope, resourceType, id, relations),
    readByKeys: (resourceType, keys) => resources.readByKeys(scope, resourceType, keys),
    query: (query) => resources.query(scope, query),
    commit: (change, options) => resources.record(scope, change, options, circumstances),
  };
}
