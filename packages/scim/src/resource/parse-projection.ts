/** Parses `attributes` and `excludedAttributes` (RFC 7644 §3.4.2.5, §3.9). */
import type { ResolvedPath } from "../attribute-path/attribute-path.ts";
import { parseAttributePath } from "../attribute-path/parse-attribute-path.ts";
import type { NameResolution } from "../attribute-path/resolve-attribute-path.ts";
import { resolveAttributePath } from "../attribute-path/resolve-attribute-path.ts";
import { ScimError } from "../errors.ts";
import type { ResourceType } from "../schema/resource-type.ts";
import type { Projection } from "./project-resource.ts";

/** The two parameters as sent, comma-separated; an empty one counts as absent. */
export interface ProjectionParameters {
  readonly attributes?: string | undefined;
  readonly excludedAttributes?: string | undefined;
}

/** Resolves the parameters; unknown names are ignored. Throws `invalidValue` when both are given. */
export function parseProjection(
  parameters: ProjectionParameters,
  resourceType: ResourceType,
  schemaUris: readonly string[],
  resolution: NameResolution,
): Projection {
  const included = namesIn(parameters.attributes ?? "");
  const excluded = namesIn(parameters.excludedAttributes ?? "");
  if (included.length > 0 && excluded.length > 0) {
    throw new ScimError(
      "invalidValue",
      "attributes and excludedAttributes exclude each other; expected one of them",
    );
  }
  const resolved = (names: readonly string[]): readonly ResolvedPath[] =>
    names.flatMap((name) => pathNamed(name, resourceType, schemaUris, resolution) ?? []);
  if (included.length > 0) {
    return { kind: "only", paths: resolved(included) };
  }
  return excluded.length > 0 ? { kind: "without", paths: resolved(excluded) } : { kind: "default" };
}

/** A value filter with its quoted strings; every alternative begins with another character, so it never backtracks. */
const valueFilter = /\[(?:[^\]"]|"(?:[^"\\]|\\.)*"?)*\]?/gs;

/** Interop: Microsoft's Postman collection names `emails[type eq "work"]`, which stands for `emails` (no recorded flow). */
function namesIn(text: string): readonly string[] {
  return text
    .replaceAll(valueFilter, "")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

function pathNamed(
  name: string,
  resourceType: ResourceType,
  schemaUris: readonly string[],
  resolution: NameResolution,
): ResolvedPath | undefined {
  try {
    return resolveAttributePath(parseAttributePath(name, schemaUris), resourceType, resolution);
  } catch (error) {
    if (error instanceof ScimError) {
      return undefined;
    }
    throw error;
  }
}
