/** The SCIM Error response (RFC 7644 §3.12). */
import type { ScimError } from "../errors.ts";
import { errorMessageOf } from "../errors.ts";
import { contentOf } from "../provider/operation-answer.ts";
import { scimMediaType } from "./accepted-type.ts";
import type { PlainResponse } from "./plain-response.ts";
import type { ResponseForm } from "./write-response.ts";
import { headersFor } from "./write-response.ts";

/** Builds the response of a failure. */
export function errorResponse(
  error: ScimError,
  form: ResponseForm = { mediaType: scimMediaType, withoutContent: false },
): PlainResponse {
  const body = errorMessageOf(error);
  return {
    status: error.status,
    headers: { ...headersFor(contentOf(body), form), ...error.headers },
    body: form.withoutContent ? undefined : JSON.stringify(body),
  };
}
