/** What one operation does to a relation, which PATCH never loads (RFC 7644 §3.5.2). */
import { ScimError } from "../errors.ts";
import type { Filter } from "../filter/filter.ts";
import type { JsonValue } from "../json.ts";
import { readReferences } from "../resource/read-references.ts";
import type { AttributeReading } from "../resource/read-value.ts";
import type { RelationStep } from "../resource/relation-delta.ts";
import type { PatchOperation } from "./patch-op.ts";
import type { AttributeTarget } from "./select-targets.ts";

/**
 * The step of an operation on a relation; undefined when it changes nothing. Values of a relation come and go as a
 * whole: throws `mutability` when the operation would change one of them.
 */
export function relationStepOf(
  op: PatchOperation["op"],
  target: AttributeTarget,
  value: JsonValue | undefined,
  reading: AttributeReading,
): RelationStep | undefined {
  const { attribute, path, subAttribute, filter } = target;
  if (subAttribute !== undefined) {
    throw new ScimError("mutability", `${path} is immutable; expected to add or remove the value`);
  }
  if (filter !== undefined) {
    const ids = idsNamedBy(filter.written);
    if (op === "remove" || (op === "replace" && value === null)) {
      return ids === undefined
        ? { op: "removeWhere", filter: filter.resolved }
        : { op: "remove", ids };
    }
    return assignedStep(op, target, ids, value, reading);
  }
  // Interop: Entra, authentik and JumpCloud list the values to remove (entra-legacy.json, authentik.json); read to
  // the letter, such a message would remove everybody.
  if (op === "remove" && (value === undefined || value === null)) {
    return { op: "replace", ids: [] };
  }
  const ids = readReferences(attribute, value ?? null, reading);
  return op !== "replace" && ids.length === 0 ? undefined : { op, ids };
}

/** Adding the values that the filter names is an addition; anything else would change existing ones. */
function assignedStep(
  op: "add" | "replace",
  { attribute, path }: AttributeTarget,
  ids: readonly string[] | undefined,
  value: JsonValue | undefined,
  reading: AttributeReading,
): RelationStep {
  if (ids === undefined) {
    throw new ScimError("noTarget", `${path}: expected a filter that names the value to ${op}`);
  }
  const sent = readReferences(attribute, value ?? null, reading);
  const missesOne = op === "replace" && sent.length !== ids.length;
  if (missesOne || sent.some((id) => !ids.includes(id))) {
    throw new ScimError("mutability", `${path} is immutable; expected to add or remove the value`);
  }
  return { op: "add", ids };
}

/** The ids in `value eq "x"` and in an `or` of such terms; undefined when the filter says anything else. */
function idsNamedBy(filter: Filter): readonly string[] | undefined {
  if (filter.kind === "or") {
    const named = filter.operands.map(idsNamedBy);
    return named.every((ids) => ids !== undefined) ? [...new Set(named.flat())] : undefined;
  }
  if (filter.kind !== "comparison" || filter.operator !== "eq") {
    return undefined;
  }
  const { path, literal } = filter;
  return path.attribute?.toLowerCase() === "value" && typeof literal.value === "string"
    ? [literal.value]
    : undefined;
}
