/** The SCIM Error response (RFC 7644 §3.12). */
import type { ScimError } from "../errors.ts";
import { scimMediaType } from "./accepted-type.ts";
import type { ResponseForm } from "./write-response.ts";
import { jsonResponse } from "./write-response.ts";

const errorUri = "urn:ietf:params:scim:api:messages:2.0:Error";

/** Builds the response of a failure. */
export function errorResponse(
  error: ScimError,
  form: ResponseForm = { mediaType: scimMediaType, withoutContent: false },
): Response {
  const body = {
    schemas: [errorUri],
    status: String(error.status),
    ...(error.scimType === undefined ? {} : { scimType: error.scimType }),
    detail: error.message === "" ? "The request failed." : error.message,
  };
  return jsonResponse(error.status, body, error.headers, form);
}
