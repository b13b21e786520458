/** Applies PATCH operations in order (RFC 7644 §3.5.2). */
import { ScimError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import { createElementComparison } from "../resource/element-identity.ts";
import { createReadingNotes, warningsOf } from "../resource/reading-notes.ts";
import type { RelationDelta, RelationStep } from "../resource/relation-delta.ts";
import type { ResourceType } from "../schema/resource-type.ts";
import { applyOperation } from "./apply-operation.ts";
import { foldRelationSteps } from "./fold-relation-steps.ts";
import { inOperation } from "./in-operation.ts";
import type { PatchOperation, PatchReading } from "./patch-op.ts";

/** The most values of multi-valued attributes that the operations of one message may look at, all together. */
export const patchedValuesMax: number = 200_000;

/** The most filters in one message for which a store looks at a whole relation: those that name no ids by `eq`. */
export const relationFiltersMax: number = 100;

/** What the operations make of a resource. */
export interface PatchedResource {
  readonly attributes: JsonObject;
  /** What they do to relations, folded to the fewest steps; empty when they touch none. */
  readonly relations: readonly RelationDelta[];
  /** What was ignored, in words, each beginning with `operation N: `; without values. */
  readonly warnings: readonly string[];
}

/** Applies all operations or throws; the input is never changed. */
export function applyPatch(
  attributes: JsonObject,
  operations: readonly PatchOperation[],
  resourceType: ResourceType,
  reading: PatchReading,
): PatchedResource {
  const comparison = createElementComparison();
  const steps = new Map<string, RelationStep[]>();
  const warnings: string[] = [];
  const countValues = createCount(
    patchedValuesMax,
    `too many operations on long lists; one PATCH may look at ${patchedValuesMax} values at most`,
  );
  const countFilters = createCount(
    relationFiltersMax,
    `too many filters; one PATCH takes ${relationFiltersMax} at most that do not name values by eq`,
  );
  let patched = attributes;
  operations.forEach((operation, index) => {
    const notes = createReadingNotes();
    patched = inOperation(index, () =>
      applyOperation(operation, patched, {
        resourceType,
        names: reading,
        values: { strict: reading.strict, patch: true, notes, comparison },
        countValues,
        noteStep: (attribute, step) => {
          countFilters(step.op === "removeWhere" ? 1 : 0);
          const earlier = steps.get(attribute) ?? [];
          earlier.push(step);
          steps.set(attribute, earlier);
        },
      }),
    );
    warnings.push(...warningsOf(notes).map((warning) => `operation ${index + 1}: ${warning}`));
  });
  return { attributes: patched, relations: deltasOf(steps), warnings };
}

/** Bounds the time that many operations on a long list take, since each one looks at the whole list. */
function createCount(max: number, detail: string): (more: number) => void {
  let total = 0;
  return (more) => {
    total += more;
    if (total > max) {
      throw new ScimError(413, detail);
    }
  };
}

function deltasOf(byAttribute: ReadonlyMap<string, readonly RelationStep[]>): RelationDelta[] {
  return [...byAttribute].flatMap(([attribute, all]) => {
    const steps = foldRelationSteps(all);
    return steps.length === 0 ? [] : [{ attribute, steps }];
  });
}
