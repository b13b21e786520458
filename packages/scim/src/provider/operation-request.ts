/** What an operation is asked to do: the part of a request that routing has understood (RFC 7644 §3.2). */
import type { JsonObject } from "../json.ts";
import type { ResourceType } from "../schema/resource-type.ts";
import type { VersionCondition } from "./version-condition.ts";

/** A request to the endpoint of a resource type. */
export interface OperationRequest {
  readonly resourceType: ResourceType;
  /** The query string. */
  readonly parameters: URLSearchParams;
  /** Nobody sees the content of the answer, so that nothing is read for it. */
  readonly isContentless?: boolean;
}

/** A request that carries a resource or a message. */
export interface BodyRequest extends OperationRequest {
  readonly body: JsonObject;
}

/** A request to one resource that reads it. */
export interface ReadRequest extends OperationRequest {
  readonly id: string;
  readonly ifNoneMatch: VersionCondition | undefined;
}

/** A request to one resource that changes it. */
export interface WriteRequest extends OperationRequest {
  readonly id: string;
  readonly ifMatch: VersionCondition | undefined;
  /** The versions that must not be there (RFC 9110 §13.1.2). */
  readonly ifNoneMatch?: VersionCondition | undefined;
}

/** A PUT. */
export type ReplaceRequest = WriteRequest & BodyRequest;

/** A PATCH. */
export interface PatchRequest extends WriteRequest, BodyRequest {
  /** The client does not want to see the resource (`Prefer: return=minimal`, RFC 7240 §4.2). */
  readonly minimal: boolean;
}
