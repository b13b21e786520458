/** The refusal of a query that would read too much (RFC 7644 §3.12). */
import type { ResolvedFilter, ResourceQuery } from "@rollcall/scim";
import { formatResolvedPath, ScimError } from "@rollcall/scim";

/** Says which attribute made the server read everything, and what it finds at once. */
export function tooManyResources({ parts }: ResourceQuery): ScimError {
  const paths = parts.flatMap(({ filter, sortBy }) => [
    ...(filter === undefined ? [] : pathsOf(filter)),
    ...(sortBy === undefined ? [] : [formatResolvedPath(sortBy)]),
  ]);
  const read = [...new Set(paths)].join(", ");
  const types = parts.map(({ resourceType }) => resourceType);
  const points = [...new Set(types.flatMap(({ pointPaths }) => pointPaths))].join(", ");
  return new ScimError(
    "tooMany",
    `Answering by ${read} means to read every ${types.map(({ name }) => name).join(" and ")}, and there are too many; ` +
      `filter with eq on ${points} or id.`,
    {
      reason: `scan: no index for ${read}; rollcall connection set --index ${types[0]?.name}:PATH makes one for eq`,
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
