/** Checks the `schemas` of a request against its resource type (RFC 7643 §3, RFC 7644 §3.3). */
import { ScimError } from "../errors.ts";
import type { JsonValue } from "../json.ts";
import { isJsonArray } from "../json.ts";
import type { ResourceType } from "../schema/resource-type.ts";
import type { ReadingNotes } from "./reading-notes.ts";

/** How `schemas` is read. */
interface SchemasReading {
  readonly strict: boolean;
  readonly notes: ReadingNotes;
}

/**
 * Strict: refuses a missing or malformed list (`invalidSyntax`), one without the base schema and one with a URI
 * that the resource type does not have (`invalidValue`). Lenient: notes how many URIs were ignored, because the
 * schemas of a resource follow from its data.
 */
export function checkSchemas(
  schemas: JsonValue | undefined,
  resourceType: ResourceType,
  { strict, notes }: SchemasReading,
): void {
  const known = new Set(
    [resourceType, ...resourceType.extensions].map(({ schema }) => schema.id.toLowerCase()),
  );
  // Interop: authentik and AWS-style clients send none; Entra, OneLogin and others foreign ones
  // (entra-legacy.json, onelogin.json, aws-style-clients.json).
  const uris = (isJsonArray(schemas) ? schemas : []).filter((uri) => typeof uri === "string");
  const foreign = uris.filter((uri) => !known.has(uri.toLowerCase()));
  if (!strict) {
    if (schemas !== undefined && schemas !== null && uris.length !== lengthOf(schemas)) {
      notes.sentences.add("schemas: expected an array of schema URIs; what is none was ignored");
    }
    if (foreign.length > 0) {
      notes.sentences.add(
        `schemas: ${foreign.length} URIs that ${resourceType.name} does not have were ignored`,
      );
    }
    return;
  }
  if (!isJsonArray(schemas) || uris.length !== schemas.length || uris.length === 0) {
    throw new ScimError("invalidSyntax", "schemas: expected an array of schema URIs, not empty");
  }
  if (foreign.length > 0) {
    throw new ScimError(
      "invalidValue",
      `schemas: expected only URIs of ${resourceType.name}, got ${foreign.length} others`,
    );
  }
  const base = resourceType.schema.id;
  if (!uris.some((uri) => uri.toLowerCase() === base.toLowerCase())) {
    throw new ScimError("invalidValue", `schemas: expected ${base} to be among them`);
  }
}

/** How many URIs there should be: whatever is no array stands for one that was lost. */
function lengthOf(schemas: JsonValue): number {
  return isJsonArray(schemas) ? schemas.length : 1;
}
