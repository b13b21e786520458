/** Adopts a resource that a POST found already there. */
import { replaceAttributes } from "../resource/enforce-mutability.ts";
import type { StoredResource } from "../resource/resource.ts";
import type { ValidatedResource } from "../resource/validate-resource.ts";
import { commitUpdate, readUpdated } from "./commit-update.ts";
import type { Decided } from "./decide-again.ts";
import { answered } from "./decide-again.ts";
import type { Showing } from "./operation-answer.ts";
import { resourceAnswer } from "./operation-answer.ts";
import { replacedRelations } from "./relation-attributes.ts";
import type { ScimContext } from "./scim-context.ts";

/**
 * Applies the body as PUT would, with two differences: `sent` has the defaults in it, so that `active` comes back
 * unless the body says otherwise, and relations that the body leaves out stay as they are.
 */
export async function adoptResource(
  existing: StoredResource,
  sent: ValidatedResource,
  { resourceType, projection }: Showing,
  context: ScimContext,
): Promise<Decided> {
  const updated = await commitUpdate(
    {
      cause: "adopt",
      resourceType,
      before: existing,
      after: replaceAttributes(existing.attributes, sent, resourceType),
      relations: replacedRelations(sent, resourceType, "keep"),
      anyRevision: false,
    },
    context,
  );
  if (updated.kind !== "updated") {
    return updated;
  }
  // `existing` was found by its keys, without the relations and derived attributes the answer shows.
  const unread = { ...updated, moved: true };
  const stored = await readUpdated(unread, resourceType, projection, context);
  return answered(await resourceAnswer(200, stored, { resourceType, projection }, context));
}
