/** Another name for the resource of whoever is calling: /Me (RFC 7644 §3.11). */
import { ScimError } from "../errors.ts";
import { notOffered } from "../provider/not-offered.ts";
import type { OperationAnswer } from "../provider/operation-answer.ts";
import type { ScimContext } from "../provider/scim-context.ts";
import { locationOf } from "../resource/project-resource.ts";
import type { ResourceType } from "../schema/resource-type.ts";
import type { RoutedRequest } from "./routed-request.ts";
import type { ScimMethod, ScimOperation } from "./scim-routes.ts";

/** What the methods do at /Me; nobody creates themselves. */
const operations: Readonly<Partial<Record<ScimMethod, ScimOperation>>> = {
  GET: "retrieve",
  PUT: "replace",
  PATCH: "patch",
  DELETE: "delete",
};

/** A request to /Me as one to the resource that it stands for, with the permanent place of that. */
export interface MeRequest {
  readonly routed: RoutedRequest & { readonly resourceType: ResourceType };
  readonly location: string;
}

/** Finds what a request to /Me is about. Throws 501 for a caller who is no resource, and for what is not done there. */
export function meRequest(
  routed: RoutedRequest,
  { subject, baseUrl }: Pick<ScimContext, "subject" | "baseUrl">,
): MeRequest {
  if (subject === undefined) {
    throw notOffered("/Me is", "address the resource by its id");
  }
  const operation = operations[routed.method];
  if (operation === undefined) {
    throw notOffered("Creating by /Me is", "use the endpoint of a resource type");
  }
  const { resourceType, id } = subject;
  return {
    routed: { ...routed, operation, resourceType, name: id },
    location: locationOf(resourceType, id, baseUrl),
  };
}

/** Answers a request to /Me: whatever comes of it, Location is the permanent place of the resource. */
export async function answerMe(
  { routed, location }: MeRequest,
  answer: (routed: RoutedRequest) => Promise<OperationAnswer>,
): Promise<OperationAnswer> {
  try {
    return { ...(await answer(routed)), location };
  } catch (failure) {
    if (!(failure instanceof ScimError) || failure.status === 404) {
      throw failure;
    }
    const { status, scimType, message, headers, reason, cause } = failure;
    throw new ScimError(scimType ?? status, message, {
      headers: { ...headers, Location: location },
      ...(reason === undefined ? {} : { reason }),
      cause,
    });
  }
}
