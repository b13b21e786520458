/** The version of a tenant's settings: the same for the same settings, so that whoever changes them can say which were meant. Pure. */
import type { JsonObject } from "@rollcall/scim";
import type { TextHash } from "./audit-chain.ts";
import { canonicalJson } from "./canonical-json.ts";

/** How long a version is; more would tell no two settings of one tenant apart. */
const versionLength = 16;

/** The version of what a tenant has set itself. */
export function settingsVersionOf(settings: JsonObject, hash: TextHash): string {
  return hash(canonicalJson(settings)).slice(0, versionLength);
}

/** What If-Match asks for: one of some versions, or any. */
const entityTag = /^(?:W\/)?"([\u0021\u0023-\u007e]*)"$/;

/** Tells whether an If-Match header lets a change of a version through (RFC 9110 §13.1.1); undefined where it is none. */
export function matchesVersion(ifMatch: string, version: string): boolean | undefined {
  if (ifMatch.trim() === "*") {
    return true;
  }
  const tags = ifMatch.split(",").map((tag) => entityTag.exec(tag.trim())?.[1]);
  return tags.includes(undefined) ? undefined : tags.includes(version);
}
