/** What an operation answers with; `http/` makes the response of it. */
import type { JsonObject } from "../json.ts";
import type { Projection } from "../resource/project-resource.ts";
import { locationOf, projectResource } from "../resource/project-resource.ts";
import type { StoredResource } from "../resource/resource.ts";
import { versionOf } from "../resource/resource-version.ts";
import type { ResourceType } from "../schema/resource-type.ts";
import type { ScimContext } from "./scim-context.ts";

/** Status, body and what the headers of the response say. */
export interface OperationAnswer {
  readonly status: number;
  readonly body?: JsonObject;
  /** For ETag. */
  readonly version?: string;
  /** For Location and Content-Location. */
  readonly location?: string;
  /** For Preference-Applied. */
  readonly preferenceApplied?: string;
}

/** What a resource is shown as. */
export interface Showing {
  readonly resourceType: ResourceType;
  readonly projection: Projection;
}

/** Answers with the representation of a resource. */
export function resourceAnswer(
  status: 200 | 201,
  stored: StoredResource,
  { resourceType, projection }: Showing,
  { registry, baseUrl }: ScimContext,
): OperationAnswer {
  return {
    status,
    body: projectResource(stored, resourceType, projection, { registry, baseUrl }),
    version: versionOf(stored.revision),
    location: locationOf(resourceType, stored.id, baseUrl),
  };
}
