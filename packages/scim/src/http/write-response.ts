/** Makes HTTP responses of what operations answer (RFC 7644 §3.1, §3.8, §3.14). */
import type { JsonObject } from "../json.ts";
import type { OperationAnswer } from "../provider/operation-answer.ts";
import type { ScimMediaType } from "./accepted-type.ts";

/** How a response is written. */
export interface ResponseForm {
  readonly mediaType: ScimMediaType;
  /** Headers as for GET and no content (HEAD). */
  readonly withoutContent: boolean;
}

/** Writes the answer of an operation. */
export function writeResponse(answer: OperationAnswer, form: ResponseForm): Response {
  const { status, body, version, location, preferenceApplied } = answer;
  const headers = {
    ...(version === undefined ? {} : { ETag: version }),
    ...(location === undefined ? {} : { Location: location, "Content-Location": location }),
    ...(preferenceApplied === undefined ? {} : { "Preference-Applied": preferenceApplied }),
  };
  return jsonResponse(status, body, headers, form);
}

/** Writes JSON, or nothing when there is no body, with the headers that every response has. */
export function jsonResponse(
  status: number,
  body: JsonObject | undefined,
  headers: Readonly<Record<string, string>>,
  { mediaType, withoutContent }: ResponseForm,
): Response {
  return new Response(body === undefined || withoutContent ? null : JSON.stringify(body), {
    status,
    headers: {
      "Cache-Control": "no-store",
      "X-Content-Type-Options": "nosniff",
      ...(body === undefined ? {} : { "Content-Type": `${mediaType};charset=utf-8` }),
      ...headers,
    },
  });
}
