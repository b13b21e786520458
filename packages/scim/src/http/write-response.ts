/** Makes HTTP responses of what operations answer (RFC 7644 §3.1, §3.8, §3.14). */
import type { OperationAnswer } from "../provider/operation-answer.ts";
import type { ScimMediaType } from "./accepted-type.ts";
import { gatherText } from "./gather-text.ts";
import type { PlainResponse } from "./plain-response.ts";

/** How a response is written. */
export interface ResponseForm {
  readonly mediaType: ScimMediaType;
  /** Headers as for GET and no content (HEAD). */
  readonly withoutContent: boolean;
}

/** Writes the answer of an operation. */
export function writeResponse(answer: OperationAnswer, form: ResponseForm): PlainResponse {
  const { status, content, version, location, searched, preferenceApplied } = answer;
  const headers = headersFor(content, form);
  if (version !== undefined) {
    headers["ETag"] = version;
  }
  if (location !== undefined) {
    headers["Location"] = location;
    headers["Content-Location"] = location;
  }
  if (searched !== undefined) {
    headers["Location"] = searched;
  }
  if (preferenceApplied !== undefined) {
    headers["Preference-Applied"] = preferenceApplied;
  }
  const body = content === undefined || form.withoutContent ? undefined : gatherText(content());
  return { status, headers, body };
}

/** The headers that every response has, and the type of its content, if it has any. */
export function headersFor(
  content: OperationAnswer["content"],
  { mediaType }: Pick<ResponseForm, "mediaType">,
): Record<string, string> {
  const headers: Record<string, string> = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
  };
  if (content !== undefined) {
    headers["Content-Type"] = contentTypes[mediaType];
  }
  return headers;
}

const contentTypes: Readonly<Record<ScimMediaType, string>> = {
  "application/scim+json": "application/scim+json;charset=utf-8",
  "application/json": "application/json;charset=utf-8",
};
