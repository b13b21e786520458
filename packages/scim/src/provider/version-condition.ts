/** Conditions that a request puts on the version of a resource (RFC 7644 §3.14, RFC 9110 §13.1). */
import { ScimError } from "../errors.ts";
import { versionOf } from "../resource/resource-version.ts";

/** Any version at all (`*`), or one of those listed: opaque tags with their quotes, without `W/`. */
export type VersionCondition =
  | { readonly kind: "any" }
  | { readonly kind: "oneOf"; readonly tags: readonly string[] };

/** Tells whether a revision meets the condition; `W/` makes no difference, or weak tags could never match (ETAG-05). */
export function meetsVersionCondition(condition: VersionCondition, revision: number): boolean {
  return (
    condition.kind === "any" || condition.tags.includes(versionOf(revision).replace(/^W\//, ""))
  );
}

/** Throws 412 when a write was made for another version than there is. */
export function enforceVersion(condition: VersionCondition | undefined, revision: number): void {
  if (condition !== undefined && !meetsVersionCondition(condition, revision)) {
    throw new ScimError(
      412,
      `The resource is no longer of the version in If-Match; its version is ${versionOf(revision)}. Read it again first.`,
    );
  }
}
