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

/** The conditions of a write. */
export interface VersionConditions {
  readonly ifMatch: VersionCondition | undefined;
  readonly ifNoneMatch?: VersionCondition | undefined;
}

/** Throws 412 when a write was made for another version than there is, or for anything but this one. */
export function enforceVersion(
  { ifMatch, ifNoneMatch }: VersionConditions,
  revision: number,
): void {
  if (ifMatch !== undefined && !meetsVersionCondition(ifMatch, revision)) {
    throw new ScimError(
      412,
      `The resource is no longer of the version in If-Match; its version is ${versionOf(revision)}. Read it again first.`,
    );
  }
  if (ifNoneMatch !== undefined && meetsVersionCondition(ifNoneMatch, revision)) {
    throw new ScimError(
      412,
      `The resource is of a version in If-None-Match; its version is ${versionOf(revision)}.`,
    );
  }
}

/** Tells whether a write may be applied to any version. */
export function isUnconditional({ ifMatch, ifNoneMatch }: VersionConditions): boolean {
  return ifMatch === undefined && ifNoneMatch === undefined;
}
