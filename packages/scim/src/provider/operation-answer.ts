/** What an operation answers with; `http/` makes the response of it. */
import type { JsonObject } from "../json.ts";
import { locationOf } from "../resource/project-resource.ts";
import type { Projection } from "../resource/projection.ts";
import type { StoredResource } from "../resource/resource.ts";
import { resourceText } from "../resource/resource-text.ts";
import { versionOf } from "../resource/resource-version.ts";
import type { ResourceType } from "../schema/resource-type.ts";
import { withComputed } from "./compute-extensions.ts";
import type { ScimContext } from "./scim-context.ts";

/** Status, content and what the headers of the response say. */
export interface OperationAnswer {
  readonly status: number;
  /** Makes the JSON text of the content, in pieces that are made one by one; called once, or never for HEAD. */
  readonly content?: () => Iterable<string>;
  /** For ETag. */
  readonly version?: string;
  /** For Location and Content-Location. */
  readonly location?: string;
  /** For Location alone: the URL of a search (RFC 7644 §3.4.3), whose results are nothing that is there. */
  readonly searched?: string;
  /** For Preference-Applied. */
  readonly preferenceApplied?: string;
  /** The id of the resource that it is about. */
  readonly id?: string;
  /** What the log says of it beside its status. */
  readonly note?: string;
  /** Something in a part of it that should not have happened. */
  readonly defect?: unknown;
}

/** What a resource is shown as. */
export interface Showing {
  readonly resourceType: ResourceType;
  readonly projection: Projection;
}

/** Content that is there as an object. */
export function contentOf(body: JsonObject): () => Iterable<string> {
  return () => [JSON.stringify(body)];
}

/** Answers with the representation of a resource. */
export async function resourceAnswer(
  status: 200 | 201,
  stored: StoredResource,
  showing: Showing,
  { registry, baseUrl, computeExtensions }: ScimContext,
): Promise<OperationAnswer> {
  const { resourceType, projection } = showing;
  const [shown = stored] = await withComputed([stored], showing, computeExtensions);
  return {
    status,
    content: () => resourceText(shown, resourceType, projection, { registry, baseUrl }),
    version: versionOf(stored.revision),
    location: locationOf(resourceType, stored.id, baseUrl),
    id: stored.id,
  };
}
