/** Commits a change of a resource and shows what it has become (RFC 7644 §3.5). */
import type { JsonObject } from "../json.ts";
import { relationsShown } from "../resource/project-resource.ts";
import type { Projection } from "../resource/projection.ts";
import type { RelationDelta } from "../resource/relation-delta.ts";
import type { StoredResource } from "../resource/resource.ts";
import type { UpdateChange } from "../resource/resource-change.ts";
import { sameJson } from "../resource/same-json.ts";
import { uniqueKeysOf } from "../resource/unique-keys.ts";
import type { ResourceType } from "../schema/resource-type.ts";
import type { Committed } from "./commit-change.ts";
import { commitChange } from "./commit-change.ts";
import type { Conflict } from "./decide-again.ts";
import { relationAttributesOf } from "./relation-attributes.ts";
import type { ScimContext } from "./scim-context.ts";

/** A change that was decided on `before`. */
export interface Update {
  readonly cause: UpdateChange["cause"];
  readonly resourceType: ResourceType;
  readonly before: StoredResource;
  readonly after: JsonObject;
  readonly relations: readonly RelationDelta[];
  /** Whether it is right on any revision as long as the attributes stay as they are. */
  readonly anyRevision: boolean;
}

/** What became of an update. */
export interface Updated {
  readonly kind: "updated";
  /** The resource afterwards; relations as far as `before` had them and they were not touched. */
  readonly stored: StoredResource;
  /** Whether `stored` has to be read again: somebody else has changed the resource since `before`. */
  readonly moved: boolean;
  readonly relationCounts: Committed["relationCounts"];
}

/** Commits the update. */
export async function commitUpdate(
  { anyRevision, ...update }: Update,
  context: ScimContext,
): Promise<Updated | Conflict> {
  const { before, after, resourceType } = update;
  const uniqueKeys = uniqueKeysOf(resourceType, after, { ...context.settings });
  const unguarded = anyRevision && sameJson(before.attributes, after);
  const outcome = await commitChange(
    { kind: "update", id: before.id, ...update, uniqueKeys },
    unguarded ? undefined : before.revision,
    context,
  );
  if (outcome.kind !== "committed") {
    return outcome;
  }
  const { revision, created, lastModified, relationCounts } = outcome;
  const { id, relations } = before;
  return {
    kind: "updated",
    // Not all of `before`: the text of its attributes is not that of `after`.
    stored: { id, attributes: after, revision, created, lastModified, relations },
    moved: revision !== before.revision + (outcome.changed ? 1 : 0),
    relationCounts,
  };
}

/** Names of the derived attributes to read before a write: it leaves them alone, and the answer shows them. */
export function derivedShown(
  resourceType: ResourceType,
  projection: Projection,
): readonly string[] {
  const relations = relationAttributesOf(resourceType);
  return relationsShown(resourceType, projection).filter((name) => !relations.includes(name));
}

/** The resource as the answer shows it; read once more only if it shows relations or has moved on. */
export async function readUpdated(
  { stored, moved }: Updated,
  resourceType: ResourceType,
  projection: Projection,
  { store }: ScimContext,
): Promise<StoredResource> {
  const shown = relationsShown(resourceType, projection);
  if (!moved && shown.length === derivedShown(resourceType, projection).length) {
    return stored;
  }
  // The resource may have been deleted since; what was acknowledged is then all there is to show.
  return (await store.read(resourceType, stored.id, shown)) ?? stored;
}
