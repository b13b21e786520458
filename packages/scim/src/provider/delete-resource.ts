/** Deletes a resource with DELETE (RFC 7644 §3.6). */
import { commitChange } from "./commit-change.ts";
import { answered, decideAgain, turnOn } from "./decide-again.ts";
import { foundResource } from "./found-resource.ts";
import type { OperationAnswer } from "./operation-answer.ts";
import type { WriteRequest } from "./operation-request.ts";
import type { ScimContext } from "./scim-context.ts";
import { enforceVersion } from "./version-condition.ts";

/** Answers DELETE: 204, and 404 from then on. */
export async function deleteResource(
  request: WriteRequest,
  context: ScimContext,
): Promise<OperationAnswer> {
  const { resourceType, id } = request;
  return decideAgain(
    async () => {
      const before = foundResource(await context.store.read(resourceType, id, []), request);
      enforceVersion(request, before.revision);
      const change = { kind: "delete", resourceType, id, before } as const;
      const outcome = await commitChange(change, before.revision, context);
      return outcome.kind === "committed" ? answered({ status: 204 }) : outcome;
    },
    turnOn(request, context),
  );
}
