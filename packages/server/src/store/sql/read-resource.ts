/** Reads resources with the relations that were asked for. */
import type {
  KeyHolder,
  RelationValue,
  ResourceType,
  StoredResource,
  UniqueKeyValue,
} from "@rollcall/scim";
import { coreAttributesOf } from "@rollcall/scim";
import type { Scope } from "../../domain/tenant.ts";
import { jsonColumn } from "./json-column.ts";
import { derivedValues, relationOf, relationValues } from "./members.ts";
import type { ResourceRow } from "./resources.ts";
import { resourceById } from "./resources.ts";
import type { Script } from "./script.ts";
import { uniqueKeyHolder } from "./unique-keys.ts";

/** Reads one live resource. */
export function* readResource(
  scope: Scope,
  resourceType: ResourceType,
  id: string,
  relations: readonly string[],
): Script<StoredResource | undefined> {
  const row = yield* resourceById({ scope, resourceType: resourceType.name, resourceId: id });
  return row && (yield* storedResource(scope, resourceType, row, relations));
}

/** Finds the live resources that hold any of the keys, in the order of the keys. */
export function* readResourcesByKeys(
  scope: Scope,
  resourceType: ResourceType,
  keys: readonly UniqueKeyValue[],
): Script<readonly KeyHolder[]> {
  const holders: KeyHolder[] = [];
  for (const key of keys) {
    const id = yield* uniqueKeyHolder(scope, resourceType.name, key);
    const resource =
      id === undefined ? undefined : yield* readResource(scope, resourceType, id, []);
    if (resource !== undefined) {
      holders.push({ path: key.path, resource });
    }
  }
  return holders;
}

/** Makes a stored resource of its row, loading the relations named. */
export function* storedResource(
  scope: Scope,
  resourceType: ResourceType,
  row: ResourceRow,
  relations: readonly string[],
): Script<StoredResource> {
  return {
    id: row.resource_id,
    attributes: jsonColumn(row.attributes),
    created: row.created_at,
    lastModified: row.last_modified,
    revision: row.revision,
    relations: yield* loadRelations(scope, resourceType, row.resource_id, relations),
  };
}

function* loadRelations(
  scope: Scope,
  resourceType: ResourceType,
  resourceId: string,
  names: readonly string[],
): Script<Readonly<Record<string, readonly RelationValue[]>>> {
  const loaded: Record<string, readonly RelationValue[]> = {};
  if (names.length === 0) {
    return loaded;
  }
  for (const { name, stored, reverseOf } of coreAttributesOf(resourceType)) {
    if (names.includes(name)) {
      if (stored === "relation") {
        const relation = relationOf(resourceType.name, name);
        loaded[name] = yield* relationValues({ scope, resourceId, relation });
      } else if (stored === "derived" && reverseOf !== undefined) {
        const relation = relationOf(reverseOf.resourceType, reverseOf.attribute);
        loaded[name] = yield* derivedValues({ scope, resourceId, relation });
      }
    }
  }
  return loaded;
}
