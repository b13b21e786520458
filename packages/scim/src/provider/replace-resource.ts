/** Replaces a resource with PUT (RFC 7644 §3.5.1). */
import { memberOf } from "../json.ts";
import { replaceAttributes } from "../resource/enforce-mutability.ts";
import { defaultWarnings, validateResource } from "../resource/validate-resource.ts";
import { commitUpdate, derivedShown, readUpdated } from "./commit-update.ts";
import { answered, decideAgain, turnOn, uniquenessError } from "./decide-again.ts";
import { foundResource } from "./found-resource.ts";
import type { OperationAnswer } from "./operation-answer.ts";
import { resourceAnswer } from "./operation-answer.ts";
import type { ReplaceRequest } from "./operation-request.ts";
import { replacedRelations } from "./relation-attributes.ts";
import { requestedProjection } from "./requested-projection.ts";
import { rewriteBody } from "./rewrite-body.ts";
import type { ScimContext } from "./scim-context.ts";
import { enforceVersion } from "./version-condition.ts";

/** Answers PUT: 200 with the resource. */
export async function replaceResource(
  request: ReplaceRequest,
  context: ScimContext,
): Promise<OperationAnswer> {
  const { resourceType, id } = request;
  const { store, settings } = context;
  const projection = requestedProjection(request, context);
  const body = rewriteBody(request.body, "PUT", context);

  return decideAgain(
    async () => {
      const derived = derivedShown(resourceType, projection);
      const before = foundResource(await store.read(resourceType, id, derived), request);
      enforceVersion(request, before.revision);
      const sent = validateResource(body, resourceType, settings);
      const updated = await commitUpdate(
        {
          cause: "replace",
          resourceType,
          before,
          after: replaceAttributes(before.attributes, sent, resourceType),
          relations: replacedRelations(sent, resourceType, settings.putWithoutMembers),
          anyRevision: false,
        },
        context,
      );
      if (updated.kind === "taken") {
        throw uniquenessError(updated.path, updated.holderId, id);
      }
      if (updated.kind === "stale") {
        return updated;
      }
      sent.warnings.forEach(context.warn);
      defaultWarnings(
        resourceType,
        (name) => sent.present.has(name) && memberOf(sent.attributes, name) === undefined,
      ).forEach(context.warn);
      const stored = await readUpdated(updated, resourceType, projection, context);
      return answered(await resourceAnswer(200, stored, { resourceType, projection }, context));
    },
    turnOn(request, context),
  );
}
