/** Modifies a resource with PATCH (RFC 7644 §3.5.2). */
import type { JsonObject } from "../json.ts";
import { memberOf } from "../json.ts";
import { applyPatch } from "../patch/apply-patch.ts";
import { parsePatchOp } from "../patch/patch-op.ts";
import { sameJson } from "../resource/same-json.ts";
import { checkResource, defaultWarnings, withDefaults } from "../resource/validate-resource.ts";
import { commitUpdate, derivedShown, readUpdated } from "./commit-update.ts";
import { answered, decideAgain, turnOn, uniquenessError } from "./decide-again.ts";
import { foundResource } from "./found-resource.ts";
import type { OperationAnswer } from "./operation-answer.ts";
import { resourceAnswer } from "./operation-answer.ts";
import type { PatchRequest } from "./operation-request.ts";
import {
  countedRelations,
  emptyPatchAnswer,
  patchAnswerForm,
  showsResource,
} from "./patch-answer-form.ts";
import { requestedProjection } from "./requested-projection.ts";
import { rewriteBody } from "./rewrite-body.ts";
import type { ScimContext } from "./scim-context.ts";
import { enforceVersion, isUnconditional } from "./version-condition.ts";

/** Answers PATCH: 200 with the resource, or 204 where that would load a large relation. */
export async function patchResource(
  request: PatchRequest,
  context: ScimContext,
): Promise<OperationAnswer> {
  const { resourceType, id } = request;
  const { strict, unqualifiedExtensionNames } = context.settings;
  const reading = { strict, unqualifiedExtensionNames, schemaUris: context.registry.schemaUris };
  const projection = requestedProjection(request, context);
  const operations = parsePatchOp(rewriteBody(request.body, "PATCH", context), reading);
  const form = patchAnswerForm(request, projection, context);

  return decideAgain(
    async () => {
      const derived = derivedShown(resourceType, projection);
      const before = foundResource(await context.store.read(resourceType, id, derived), request);
      enforceVersion(request, before.revision);
      const patched = applyPatch(before.attributes, operations, resourceType, reading);
      const { warnings } = patched;
      // `active` is always there: what is unassigned keeps its value or gets its default.
      const after = withDefaults(patched.attributes, resourceType, before.attributes);
      if (!sameJson(before.attributes, after)) {
        checkResource(after, resourceType);
      }
      const relations = countedRelations(patched.relations, resourceType, form);
      const update = { cause: "patch", resourceType, before, after, relations } as const;
      const updated = await commitUpdate(
        { ...update, anyRevision: isUnconditional(request) },
        context,
      );
      if (updated.kind === "taken") {
        throw uniquenessError(updated.path, updated.holderId, id);
      }
      if (updated.kind === "stale") {
        return updated;
      }
      warnings.forEach(context.warn);
      const had = (attributes: JsonObject, name: string) =>
        memberOf(attributes, name) !== undefined;
      defaultWarnings(
        resourceType,
        (name) => had(before.attributes, name) && !had(patched.attributes, name),
      ).forEach(context.warn);
      if (!showsResource(form, updated.relationCounts)) {
        return answered(emptyPatchAnswer(updated.stored, request));
      }
      const stored = await readUpdated(updated, resourceType, projection, context);
      return answered(await resourceAnswer(200, stored, { resourceType, projection }, context));
    },
    turnOn(request, context),
  );
}
