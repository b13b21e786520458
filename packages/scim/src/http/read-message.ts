/** Reads request bodies: bounded, UTF-8, JSON without duplicates (RFC 7644 §3.8, RFC 8259). */
import { ScimError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import { isJsonObject } from "../json.ts";
import { relationAttributesOf } from "../provider/relation-attributes.ts";
import type { ResourceType } from "../schema/resource-type.ts";
import { checkJsonShape } from "./check-json-shape.ts";
import type { ScimRequest } from "./scim-request.ts";

/** The largest body, in bytes. */
export const messageLengthMax: number = 1_048_576;
/** The largest body for a resource type with relations: room for 100,000 members. */
export const relationMessageLengthMax: number = 33_554_432;

/** The largest body that requests for a resource type may have, in bytes. */
export function messageLengthMaxOf(resourceType: ResourceType): number {
  return relationAttributesOf(resourceType).length > 0
    ? relationMessageLengthMax
    : messageLengthMax;
}

/** Reads and parses the body of a request. Throws 413, 415 or `invalidSyntax`; `limitName` is what clients know the limit by. */
export async function readMessage(
  request: Pick<ScimRequest, "headers" | "readBody">,
  lengthMax: number,
  limitName?: string,
): Promise<JsonObject> {
  if (Number(request.headers.get("Content-Length") ?? 0) > lengthMax) {
    throw tooLong(lengthMax, limitName);
  }
  checkContentType(request.headers.get("Content-Type"));
  const bytes = await request.readBody(lengthMax);
  if (bytes === undefined) {
    throw tooLong(lengthMax, limitName);
  }
  return parseMessage(bytes);
}

/** Parses JSON text strictly. Throws `invalidSyntax` for bad UTF-8, NUL, lone surrogates, duplicate members (also in another case), depth over 64. */
export function parseMessage(bytes: Uint8Array): JsonObject {
  const text = decodeText(bytes);
  if (text.trim() === "") {
    throw new ScimError("invalidSyntax", "The body is empty; expected a JSON object.");
  }
  const parsed = checkJsonShape(text, parseText);
  if (!isJsonObject(parsed)) {
    throw new ScimError("invalidSyntax", "The body is JSON, but not an object.");
  }
  return parsed;
}

function checkContentType(header: string | null): void {
  const type = header?.split(";")[0]?.trim().toLowerCase() ?? "";
  if (type !== "" && type !== "application/scim+json" && type !== "application/json") {
    throw new ScimError(415, "Content-Type is neither application/scim+json nor application/json.");
  }
}

const strictDecoder = new TextDecoder("utf-8", { fatal: true });

function decodeText(bytes: Uint8Array): string {
  try {
    return strictDecoder.decode(bytes);
  } catch (cause) {
    throw new ScimError("invalidSyntax", "The body is not valid UTF-8.", { cause });
  }
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    // The engine's own message quotes the body; only the position may leave.
    const position = /position (\d+)/.exec(cause instanceof Error ? cause.message : "")?.[1];
    const where = position === undefined ? "" : ` (at character ${position})`;
    throw new ScimError("invalidSyntax", `The body is not valid JSON${where}.`);
  }
}

/** The 413 for a body that is too long. */
export function tooLong(lengthMax: number, limitName?: string): ScimError {
  const named = limitName === undefined ? "" : ` (${limitName})`;
  return new ScimError(413, `The body is longer than the limit of ${lengthMax} bytes${named}.`);
}
