/** Parses `attributes` and `excludedAttributes` (RFC 7644 §3.4.2.5, §3.9). */
import type { ResolvedPath } from "../attribute-path/attribute-path.ts";
import { parseAttributePath } from "../attribute-path/parse-attribute-path.ts";
import type { NameResolution } from "../attribute-path/resolve-attribute-path.ts";
import { resolveAttributePath } from "../attribute-path/resolve-attribute-path.ts";
import { ScimError } from "../errors.ts";
import type { ResourceType } from "../schema/resource-type.ts";
import type { Projection } from "./projection.ts";
import { defaultProjection } from "./projection.ts";

/** The two parameters as sent, comma-separated; an empty one counts as absent. */
export interface ProjectionParameters {
  readonly attributes?: string | undefined;
  readonly excludedAttributes?: string | undefined;
}

/** How many lists of attribute names are remembered for a resource type; clients send the same few again and again. */
const projectionsKeptMax = 100;
/** The longest list of attribute names that is remembered, in characters. */
const projectionKeptLengthMax = 500;

/** By resource type and known URIs, then by what was sent. */
const projectionsByType = new WeakMap<
  ResourceType,
  WeakMap<readonly string[], Map<string, Projection>>
>();

/** Resolves the parameters; unknown names are ignored. Throws `invalidValue` when both are given. */
export function parseProjection(
  { attributes = "", excludedAttributes = "" }: ProjectionParameters,
  resourceType: ResourceType,
  schemaUris: readonly string[],
  resolution: NameResolution,
): Projection {
  if (attributes === "" && excludedAttributes === "") {
    return defaultProjection;
  }
  const reading = { resourceType, schemaUris, resolution };
  if (attributes.length + excludedAttributes.length > projectionKeptLengthMax) {
    return readProjection(attributes, excludedAttributes, reading);
  }
  const projections = projectionsFor(reading);
  const sent = [attributes, excludedAttributes, resolution.unqualifiedExtensionNames];
  const key = JSON.stringify(sent);
  const known = projections.get(key);
  if (known !== undefined) {
    return known;
  }
  const projection = readProjection(attributes, excludedAttributes, reading);
  if (projections.size >= projectionsKeptMax) {
    projections.clear();
  }
  projections.set(key, projection);
  return projection;
}

/** What names are resolved by. */
interface ProjectionReading {
  readonly resourceType: ResourceType;
  readonly schemaUris: readonly string[];
  readonly resolution: NameResolution;
}

function projectionsFor({ resourceType, schemaUris }: ProjectionReading): Map<string, Projection> {
  const byUris = projectionsByType.get(resourceType) ?? new WeakMap();
  const projections = byUris.get(schemaUris) ?? new Map<string, Projection>();
  projectionsByType.set(resourceType, byUris.set(schemaUris, projections));
  return projections;
}

function readProjection(
  attributes: string,
  excludedAttributes: string,
  reading: ProjectionReading,
): Projection {
  const included = namesIn(attributes);
  const excluded = namesIn(excludedAttributes);
  if (included.length > 0 && excluded.length > 0) {
    throw new ScimError(
      "invalidValue",
      "attributes and excludedAttributes exclude each other; expected one of them",
    );
  }
  const resolved = (names: readonly string[]): readonly ResolvedPath[] =>
    names.flatMap((name) => pathNamed(name, reading) ?? []);
  if (included.length > 0) {
    return { kind: "only", paths: resolved(included) };
  }
  return excluded.length > 0 ? { kind: "without", paths: resolved(excluded) } : defaultProjection;
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
  { resourceType, schemaUris, resolution }: ProjectionReading,
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
