/** Retrieves a resource with GET (RFC 7644 §3.4, §3.4.1). */
import { computedShown, relationsShown } from "../resource/project-resource.ts";
import { versionOf } from "../resource/resource-version.ts";
import { foundResource } from "./found-resource.ts";
import type { OperationAnswer } from "./operation-answer.ts";
import { resourceAnswer } from "./operation-answer.ts";
import type { ReadRequest } from "./operation-request.ts";
import { requestedProjection } from "./requested-projection.ts";
import type { ScimContext } from "./scim-context.ts";
import { meetsVersionCondition } from "./version-condition.ts";

/** Answers GET on a resource: 200, or 304 when the client has this version and asks for nothing beside it. */
export async function retrieveResource(
  request: ReadRequest,
  context: ScimContext,
): Promise<OperationAnswer> {
  const { resourceType, id, ifNoneMatch } = request;
  const projection = requestedProjection(request, context);
  // What is computed changes without the version: whoever asks for it gets it.
  const isVersioned = computedShown(resourceType, projection).length === 0;
  if (ifNoneMatch !== undefined && isVersioned) {
    // Without relations first: a client that polls a large group gets its 304 from one row.
    const { revision } = foundResource(await context.store.read(resourceType, id, []), request);
    if (meetsVersionCondition(ifNoneMatch, revision)) {
      return { status: 304, version: versionOf(revision) };
    }
  }
  const relations = relationsShown(resourceType, projection);
  const stored = foundResource(await context.store.read(resourceType, id, relations), request);
  return resourceAnswer(200, stored, { resourceType, projection }, context);
}
