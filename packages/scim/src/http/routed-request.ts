/** A request whose route is known, whether it came alone or in a bulk job (RFC 7644 §3.2, §3.7). */
import type { JsonObject } from "../json.ts";
import type { ResourceType } from "../schema/resource-type.ts";
import type { ScimRequest } from "./scim-request.ts";
import type { ScimMethod, ScimOperation } from "./scim-routes.ts";

/** A request whose route is known. */
export interface RoutedRequest {
  /** HEAD counts as GET. */
  readonly method: ScimMethod;
  readonly operation: ScimOperation;
  readonly resourceType: ResourceType | undefined;
  /** The decoded last segment. */
  readonly name: string;
  readonly parameters: URLSearchParams;
  readonly headers: ScimRequest["headers"];
  /** Reads the message that the request carries. Throws 413, 415 or `invalidSyntax`; `limitName` is what clients know the limit by. */
  readonly readMessage: (lengthMax: number, limitName?: string) => Promise<JsonObject>;
  /** Nobody sees the content of the answer. */
  readonly isContentless: boolean;
}
