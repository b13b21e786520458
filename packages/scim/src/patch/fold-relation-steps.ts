/** Folds what operations do to a relation to the fewest steps (RFC 7644 §3.5.2). */
import type { RelationStep } from "../resource/relation-delta.ts";

/** What is known about the values while folding: all of them, or only what happened to some. */
type Known =
  | { readonly kind: "all"; readonly ids: Set<string> }
  | { readonly kind: "changes"; readonly byId: Map<string, "add" | "remove"> };

/**
 * The fewest steps with the same effect: a replacement forgets what came before it, the last word on an id wins,
 * and only a `removeWhere`, whose effect nobody knows before the store runs it, splits what can be folded.
 */
export function foldRelationSteps(steps: readonly RelationStep[]): readonly RelationStep[] {
  let folded: RelationStep[] = [];
  let known: Known = { kind: "changes", byId: new Map() };
  for (const step of steps) {
    switch (step.op) {
      case "replace":
        folded = [];
        known = { kind: "all", ids: new Set(step.ids) };
        break;
      case "removeWhere":
        folded = [...folded, ...stepsOf(known), step];
        known = { kind: "changes", byId: new Map() };
        break;
      case "add":
      case "remove":
        note(known, step);
        break;
    }
  }
  return [...folded, ...stepsOf(known)];
}

function note(known: Known, { op, ids }: { op: "add" | "remove"; ids: readonly string[] }): void {
  for (const id of ids) {
    if (known.kind === "all") {
      known.ids[op === "add" ? "add" : "delete"](id);
    } else if (known.byId.get(id) !== op) {
      // Taken out first, so that ids come in the order of their last word.
      known.byId.delete(id);
      known.byId.set(id, op);
    }
  }
}

function stepsOf(known: Known): readonly RelationStep[] {
  if (known.kind === "all") {
    return [{ op: "replace", ids: [...known.ids] }];
  }
  return (["remove", "add"] as const).flatMap((op): RelationStep[] => {
    const ids = [...known.byId].filter(([, last]) => last === op).map(([id]) => id);
    return ids.length === 0 ? [] : [{ op, ids }];
  });
}
