/** The refusal of a query that would read too much (RFC 7644 §3.12). */
import type { ResolvedFilter, ResourceQuery } from "@rollcall/scim";
import { formatResolvedPath, ScimError } from "@rollcall/scim";

/** Says which attribute made the server read everything, and what it finds at once. */
export function tooManyResources({ resourceType, filter, sort }: ResourceQuery): ScimError {
  const paths = filter === undefined ? [] : pathsOf(filter);
  const read = [...new Set(sort === undefined ? paths : [...paths, formatResolvedPath(sort.path)])];
  return new ScimError(
    "tooMany",
    `Answering by ${read.join(", ")} means to read every ${resourceType.name}, and there are too many; ` +
      `filter with eq on ${resourceType.pointPaths.join(", ")} or id.`,
    {
      reason: `scan: no index for ${read.join(", ")}; rollcall connection set --index ${resourceType.name}:PATH makes one for eq`,
    },
  );
}

function pathsOf(filter: ResolvedFilter): readonly string[] {
  switch (filter.kind) {
    case "and":
    case "or":
      return filter.operands.flatMap(pathsOf);
    case "not":
      return pathsOf(filter.operand);
    default:
      return [formatResolvedPath(filter.path)];
  }
}
