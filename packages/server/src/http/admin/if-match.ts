/** Versions of what the admin API answers with, and the header that asks for one (RFC 9110 §13.1.1). */
import { createHash } from "node:crypto";
import type { JsonObject } from "@rollcall/scim";
import { matchesVersion, settingsVersionOf } from "../../domain/settings-version.ts";
import { invalidRequest, problem } from "./problem.ts";

/** The version of something: the same for the same. */
export function versionOf(value: JsonObject): string {
  return settingsVersionOf(value, (text) => createHash("sha256").update(text).digest("hex"));
}

/** The header that tells a version. */
export function entityTag(version: string): Readonly<Record<string, string>> {
  return { ETag: `"${version}"` };
}

/** Refuses a change by whoever has read another version; `what` is changed, such as `the settings`. */
export function checkIfMatch(ifMatch: string | undefined, version: string, what: string): void {
  const matches = ifMatch === undefined || matchesVersion(ifMatch, version);
  if (matches === undefined) {
    throw invalidRequest([{ path: "If-Match", detail: 'expected an ETag such as "1f9c…"' }]);
  }
  if (!matches) {
    throw problem(412, `Somebody else has changed ${what}: read again.`);
  }
}
