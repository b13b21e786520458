/** Reads what a client wants to see of a resource (RFC 7644 §3.9). */
import { projectionParametersOf } from "../query/search-request.ts";
import { parseProjection } from "../resource/parse-projection.ts";
import type { Projection } from "../resource/projection.ts";
import type { OperationRequest } from "./operation-request.ts";
import type { ScimContext } from "./scim-context.ts";

const nothingNamed: Projection = { kind: "only", paths: [] };

/** The projection that `attributes` and `excludedAttributes` ask for. */
export function requestedProjection(
  { parameters, resourceType, isContentless }: OperationRequest,
  { registry, settings }: ScimContext,
): Projection {
  return isContentless === true
    ? nothingNamed
    : parseProjection(
        projectionParametersOf(parameters),
        resourceType,
        registry.schemaUris,
        settings,
      );
}
