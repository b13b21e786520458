/** Parses attribute notation (RFC 7644 §3.10). */
import { ScimError } from "../errors.ts";
import type { AttributePath } from "./attribute-path.ts";

/** RFC 7643 §2.1, with the `$` in front that `$ref` needs. */
const namePattern = /^\$?[A-Za-z][A-Za-z0-9$_-]*$/;
const notInUri = /[\s"()[\]]/;

/**
 * Parses `[URI ":"] attribute ["." subAttribute]`. A text that is a known URI, ignoring case, is the whole
 * extension; any other URI ends at the last colon. Throws `invalidPath`.
 */
export function parseAttributePath(text: string, schemaUris: readonly string[]): AttributePath {
  const lastColon = text.lastIndexOf(":");
  if (lastColon === -1) {
    return parseNames(text, 0, undefined);
  }
  const lower = text.toLowerCase();
  if (schemaUris.some((uri) => uri.length === text.length && uri.toLowerCase() === lower)) {
    return { schema: text, attribute: undefined, subAttribute: undefined };
  }
  // Names have no colon, so whatever URI is in front, known or not, ends at the last one.
  const schema = text.slice(0, lastColon);
  if (schema === "" || notInUri.test(schema)) {
    throw invalidPath(text);
  }
  return parseNames(text, lastColon + 1, schema);
}

/** Tells whether a text is an attribute name (RFC 7643 §2.1). */
export function isAttributeName(text: string): boolean {
  return namePattern.test(text);
}

function parseNames(text: string, start: number, schema: string | undefined): AttributePath {
  const dot = text.indexOf(".", start);
  const attribute = text.slice(start, dot === -1 ? undefined : dot);
  const subAttribute = dot === -1 ? undefined : text.slice(dot + 1);
  if (
    !isAttributeName(attribute) ||
    (subAttribute !== undefined && !isAttributeName(subAttribute))
  ) {
    throw invalidPath(text);
  }
  return { schema, attribute, subAttribute };
}

function invalidPath(text: string): ScimError {
  const shown = text.length > 100 ? `${text.slice(0, 100)}…` : text;
  return new ScimError(
    "invalidPath",
    `"${shown}" is no attribute path; expected [schema URI ":"] attribute ["." sub-attribute]`,
  );
}
