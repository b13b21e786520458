/** Tries Users again that wait for an account, part by part, so that no transaction is long. */
import type { JsonObject, ResourceType, ResourceTypeRegistry } from "@rollcall/scim";
import type { Circumstances } from "../domain/audit-entry.ts";
import { personType } from "../domain/person.ts";
import type { Scope } from "../domain/tenant.ts";
import type { TriedUser, WaitingReason } from "../domain/tried-user.ts";
import type { Store, TriedBatch } from "../store/store.ts";

/** How many Users one transaction tries. */
const triedAtOnceMax = 200;

/** Which Users are tried, and how. */
export interface Trying {
  readonly scopes: readonly Scope[];
  readonly reason: WaitingReason;
  /** Whether it is only asked about. */
  readonly preview?: { readonly settings: JsonObject | undefined } | undefined;
  /** Tells whether time is up: those who are left wait on. */
  readonly isOver: () => boolean;
}

/** Tries them, and gives each part away as it is done; nobody is left unless time is up. */
export async function tryWaiting(
  {
    store,
    registry,
  }: { readonly store: Pick<Store, "connections">; readonly registry: ResourceTypeRegistry },
  { scopes, reason, preview, isOver }: Trying,
  circumstances: Circumstances,
  take: (users: readonly TriedUser[]) => void,
): Promise<void> {
  const resourceType = personTypeIn(registry);
  for (const scope of scopes) {
    const wish = { scope, resourceType, reason, preview, limit: triedAtOnceMax };
    let after: string | undefined = "";
    while (after !== undefined && !isOver()) {
      const batch: TriedBatch = await store.connections.attachWaiting(
        { ...wish, after },
        circumstances,
      );
      take(batch.users);
      after = batch.last;
    }
  }
}

/** The type of Users. */
export function personTypeIn(registry: ResourceTypeRegistry): ResourceType {
  const resourceType = registry.named(personType);
  if (resourceType === undefined) {
    throw new TypeError(`the registry has no resource type ${personType}`);
  }
  return resourceType;
}
