/** Applies the rewrites of the client's profile to a body before anything else reads it. */
import type { JsonObject } from "../json.ts";
import type { ScimContext } from "./scim-context.ts";

/** The body as the profile of the client puts it right. */
export function rewriteBody(
  body: JsonObject,
  method: "POST" | "PUT" | "PATCH",
  { profile }: ScimContext,
): JsonObject {
  return profile.rewrites.reduce((rewritten, { rewrite }) => rewrite(rewritten, method), body);
}
