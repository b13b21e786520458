/** Applies the steps of a relation delta to a set of ids (RFC 7644 §3.5.2). */
import { comparisonFormOfValue } from "../filter/comparison-form.ts";
import { evaluateValueFilter } from "../filter/evaluate-filter.ts";
import type { ResolvedFilter } from "../filter/resolved-filter.ts";
import { locationOf } from "../resource/project-resource.ts";
import type { RelationDelta, RelationStep } from "../resource/relation-delta.ts";
import type { Attribute } from "../schema/attribute.ts";
import { coreAttributesOf } from "../schema/resource-type.ts";
import type { MemoryPopulation, MemoryRow } from "./memory-population.ts";
import { relationValuesOf } from "./memory-population.ts";

/** What the steps make of the relations of a row, and which ids they could not use. */
export interface SteppedRelations {
  readonly relations: ReadonlyMap<string, ReadonlySet<string>>;
  /** Ids to be there that no live resource has. */
  readonly unknown: readonly string[];
  /** Those, and the resource's own. */
  readonly skipped: readonly string[];
}

/** Applies all deltas of a change to a row. */
export function stepRelations(
  population: MemoryPopulation,
  row: MemoryRow,
  deltas: readonly RelationDelta[],
  baseUrl: string,
): SteppedRelations {
  const relations = new Map(row.relations);
  const unknown = new Set<string>();
  const skipped = new Set<string>();
  for (const { attribute: name, steps } of deltas) {
    const attribute = relationNamed(row, name);
    for (const step of steps) {
      const strangers = idsWanted(step).filter((id) => !isLive(population, id, attribute));
      const itself = idsWanted(step).filter((id) => id === row.id);
      for (const id of strangers) {
        unknown.add(id);
      }
      for (const id of [...strangers, ...itself]) {
        skipped.add(id);
      }
      const usable = idsWanted(step).filter((id) => !skipped.has(id));
      const stepped = { ...row, relations: new Map(relations) };
      const before = relations.get(name) ?? new Set();
      const after = applyStep(before, step, usable, (filter) =>
        idsMatching(population, stepped, attribute, filter, baseUrl),
      );
      relations.set(name, after);
    }
  }
  return {
    relations,
    unknown: [...unknown].filter((id) => id !== row.id),
    skipped: [...skipped],
  };
}

/** The ids a step wants to be there. */
function idsWanted(step: RelationStep): readonly string[] {
  return step.op === "add" || step.op === "replace" ? step.ids : [];
}

function applyStep(
  before: ReadonlySet<string>,
  step: RelationStep,
  usable: readonly string[],
  matching: (filter: ResolvedFilter) => ReadonlySet<string>,
): ReadonlySet<string> {
  switch (step.op) {
    case "add":
      return new Set([...before, ...usable]);
    case "replace":
      return new Set(usable);
    case "remove": {
      const gone = new Set(step.ids);
      return new Set([...before].filter((id) => !gone.has(id)));
    }
    case "removeWhere": {
      const gone = matching(step.filter);
      return new Set([...before].filter((id) => !gone.has(id)));
    }
  }
}

function idsMatching(
  population: MemoryPopulation,
  row: MemoryRow,
  attribute: Attribute,
  filter: ResolvedFilter,
  baseUrl: string,
): ReadonlySet<string> {
  const values = relationValuesOf(population, row, attribute).filter(
    ({ value, type, display, resourceType }) => {
      const target = population.registry.named(resourceType);
      const element = {
        value,
        type,
        ...(display === undefined ? {} : { display }),
        ...(target === undefined ? {} : { $ref: locationOf(target, value, baseUrl) }),
      };
      return evaluateValueFilter(filter, comparisonFormOfValue(attribute, element));
    },
  );
  return new Set(values.map(({ value }) => value));
}

function relationNamed({ resourceType }: MemoryRow, name: string): Attribute {
  const attribute = coreAttributesOf(resourceType).find((candidate) => candidate.name === name);
  if (attribute?.stored !== "relation") {
    throw new TypeError(`${resourceType.name} has no relation ${name}.`);
  }
  return attribute;
}

/** Tells whether a live resource has the id, of a type that the relation may point to. */
function isLive(
  { rows, registry }: MemoryPopulation,
  id: string,
  { subAttributes }: Attribute,
): boolean {
  const targets = subAttributes
    .flatMap(({ referenceTypes }) => referenceTypes ?? [])
    .filter((name) => registry.named(name) !== undefined);
  const row = rows.get(id);
  return row !== undefined && (targets.length === 0 || targets.includes(row.resourceType.name));
}
