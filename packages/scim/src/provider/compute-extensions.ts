/** Extensions whose values a provider makes for an answer that asks for them: nothing of them is stored (RFC 7643 §3.3). */
import type { JsonObject } from "../json.ts";
import { computedShown } from "../resource/project-resource.ts";
import type { Projection } from "../resource/projection.ts";
import type { StoredResource } from "../resource/resource.ts";
import type { ResourceType } from "../schema/resource-type.ts";

/** What is to be said of which resources. */
export interface ComputedQuestion {
  readonly resourceType: ResourceType;
  /** URIs of the extensions, at least one. */
  readonly extensions: readonly string[];
  /** At least one. */
  readonly resources: readonly StoredResource[];
}

/**
 * Makes the values of computed extensions, for each resource in its order, by the URIs of the extensions: canonical, as
 * in `StoredResource.attributes`. Asked only where an answer shows something of them.
 */
export type ComputeExtensions = (question: ComputedQuestion) => Promise<readonly JsonObject[]>;

/** The resources with what is computed of them, as far as an answer shows it. */
export async function withComputed(
  resources: readonly StoredResource[],
  {
    resourceType,
    projection,
  }: { readonly resourceType: ResourceType; readonly projection: Projection },
  computeExtensions: ComputeExtensions | undefined,
): Promise<readonly StoredResource[]> {
  const extensions = computedShown(resourceType, projection);
  if (extensions.length === 0 || resources.length === 0 || computeExtensions === undefined) {
    return resources;
  }
  const values = await computeExtensions({ resourceType, extensions, resources });
  // The text of the attributes is that of what is stored, and is left out.
  return resources.map(({ attributesText: _, attributes, ...stored }, index) => ({
    ...stored,
    attributes: { ...attributes, ...values[index] },
  }));
}
