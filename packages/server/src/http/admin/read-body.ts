/** Reads the bodies of the admin API: bounded, UTF-8, JSON without duplicates (RFC 8259 §4, RFC 9110 §15.5). */
import type { JsonObject, JsonValue } from "@rollcall/scim";
import { isJsonArray, isJsonObject, parseMessage } from "@rollcall/scim";
import type { ServerRequest } from "../exchange.ts";
import { invalidRequest, problem } from "./problem.ts";

/** The largest body of the admin API, in bytes. */
export const adminBodyLengthMax: number = 1_048_576;

/** Reads a body; none is an object without members. Throws 400, 413 or 415. */
export async function readAdminBody(
  request: Pick<ServerRequest, "headers" | "readBody">,
): Promise<JsonObject> {
  if (Number(request.headers.get("Content-Length") ?? 0) > adminBodyLengthMax) {
    throw tooLong();
  }
  const type = request.headers.get("Content-Type")?.split(";")[0]?.trim().toLowerCase() ?? "";
  const bytes = await request.readBody(adminBodyLengthMax);
  if (bytes === undefined) {
    throw tooLong();
  }
  if (bytes.byteLength === 0) {
    return {};
  }
  if (type !== "application/json") {
    throw problem(415, "Content-Type is not application/json.");
  }
  const body = parseMessage(bytes);
  refuseProto(body, "");
  return body;
}

/** The one name that some code would take for more than a name. */
function refuseProto(value: JsonValue, path: string): void {
  if (isJsonArray(value)) {
    for (const [index, element] of value.entries()) {
      refuseProto(element, `${path}.${index}`);
    }
  } else if (isJsonObject(value)) {
    for (const [name, member] of Object.entries(value)) {
      if (name === "__proto__") {
        throw invalidRequest([{ path: `${path}.${name}`.slice(1), detail: "is no name" }]);
      }
      refuseProto(member, `${path}.${name}`);
    }
  }
}

function tooLong(): Error {
  return problem(413, `The body is longer than the limit of ${adminBodyLengthMax} bytes.`);
}
