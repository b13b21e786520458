/** Whether PATCH answers with the resource or with nothing (RFC 7644 §3.5.2). */
import type { Projection } from "../resource/projection.ts";
import type { RelationDelta } from "../resource/relation-delta.ts";
import type { StoredResource } from "../resource/resource.ts";
import { versionOf } from "../resource/resource-version.ts";
import type { ResourceType } from "../schema/resource-type.ts";
import type { OperationAnswer } from "./operation-answer.ts";
import type { PatchRequest } from "./operation-request.ts";
import { relationAttributesOf } from "./relation-attributes.ts";
import type { ScimContext } from "./scim-context.ts";

/** Up to how many values in a relation a PATCH answers with the resource by itself. */
export const relationShownMax: number = 1000;

/** How one PATCH answers: always with the resource, never, or by the size of its relations. */
export type PatchAnswerForm = "resource" | "empty" | "bySize";

/**
 * Decides the form. Who names attributes gets them (RFC 7644 §3.5.2); who prefers a minimal answer gets none
 * (RFC 7240 §4.2); a type without relations is small; for the rest the setting decides.
 */
export function patchAnswerForm(
  { resourceType, minimal, isContentless }: PatchRequest,
  projection: Projection,
  { settings }: ScimContext,
): PatchAnswerForm {
  if (projection.kind !== "default" && isContentless !== true) {
    return "resource";
  }
  if (minimal) {
    return "empty";
  }
  if (relationAttributesOf(resourceType).length === 0 || settings.groupPatchAnswer === "200") {
    return "resource";
  }
  return settings.groupPatchAnswer === "204" ? "empty" : "bySize";
}

/** Tells whether the answer shows the resource, given how many values each relation has. */
export function showsResource(
  form: PatchAnswerForm,
  relationCounts: Readonly<Record<string, number>>,
): boolean {
  return form === "bySize"
    ? Object.values(relationCounts).every((count) => count <= relationShownMax)
    : form === "resource";
}

/** The deltas to commit: where the answer depends on their size, untouched relations are there to be counted. */
export function countedRelations(
  relations: readonly RelationDelta[],
  resourceType: ResourceType,
  form: PatchAnswerForm,
): readonly RelationDelta[] {
  const untouched = relationAttributesOf(resourceType).filter((attribute) =>
    relations.every((delta) => delta.attribute !== attribute),
  );
  return form === "bySize"
    ? [...relations, ...untouched.map((attribute) => ({ attribute, steps: [] }))]
    : relations;
}

/** The answer without the resource. */
export function emptyPatchAnswer(
  { revision }: StoredResource,
  { minimal }: PatchRequest,
): OperationAnswer {
  return {
    status: 204,
    version: versionOf(revision),
    ...(minimal ? { preferenceApplied: "return=minimal" } : {}),
  };
}
