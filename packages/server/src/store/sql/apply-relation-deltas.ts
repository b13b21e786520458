/** Applies what a write does to the relations of a resource, set-wise, and tells the net effect (RFC 7644 §3.5.2). */
import type { Attribute, RelationDelta, RelationStep, ResourceType } from "@rollcall/scim";
import { coreAttributesOf } from "@rollcall/scim";
import type { RelationDifference } from "../../domain/audit-entry.ts";
import type { Scope } from "../../domain/tenant.ts";
import { filterSite } from "./filter-site.ts";
import { relationFilterToSql } from "./filter-to-sql.ts";
import type { Holder, Provenance, RelationState } from "./members.ts";
import {
  addMembers,
  idsNotMembers,
  relationOf,
  relationState,
  removeMembers,
  removeMembersExcept,
  removeMembersWhere,
  saveRelationState,
} from "./members.ts";
import type { Script } from "./script.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import type { Statement } from "./statement.ts";

/** How many ids a difference names. */
export const idsNamedMax: number = 1000;

/** Whose relations, and where. */
export interface RelationSite {
  readonly scope: Scope;
  readonly resourceType: ResourceType;
  readonly resourceId: string;
  readonly dialect: SqlDialect;
  readonly baseUrl: string;
  readonly provenance: Provenance;
}

/** What came of it. */
export interface AppliedRelations {
  /** One for each relation that is not what it was. */
  readonly differences: readonly RelationDifference[];
  /** Who came and went in each of them, without a limit. */
  readonly moved: ReadonlyMap<string, readonly string[]>;
  readonly counts: Readonly<Record<string, number>>;
  /** Ids that no live resource has. */
  readonly unknown: readonly string[];
  /** Those, and the resource's own. */
  readonly skipped: readonly string[];
  /** What is left to be written: the new counts. */
  readonly unwritten: readonly Statement[];
}

/** Applies all deltas in order. */
export function* applyRelationDeltas(
  deltas: readonly RelationDelta[],
  site: RelationSite,
): Script<AppliedRelations> {
  const differences: RelationDifference[] = [];
  const moved = new Map<string, readonly string[]>();
  const counts: Record<string, number> = {};
  const skipped = new Set<string>();
  const unwritten: Statement[] = [];
  for (const { attribute: name, steps } of deltas) {
    const attribute = relationAttribute(site.resourceType, name);
    const applied = yield* applySteps(attribute, steps, site);
    counts[name] = applied.count;
    unwritten.push(...applied.unwritten);
    for (const id of applied.skipped) {
      skipped.add(id);
    }
    if (applied.net.added.size > 0 || applied.net.removed.size > 0) {
      differences.push(differenceOf(name, applied.net));
      moved.set(name, [...applied.net.added, ...applied.net.removed]);
    }
  }
  return {
    differences,
    moved,
    counts,
    unknown: [...skipped].filter((id) => id !== site.resourceId),
    skipped: [...skipped],
    unwritten,
  };
}

/** Ids that are there now and were not, and the other way round. */
interface NetEffect {
  readonly added: Set<string>;
  readonly removed: Set<string>;
}

interface StepEffect {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly skipped: readonly string[];
  readonly state: RelationState;
}

function* applySteps(
  attribute: Attribute,
  steps: readonly RelationStep[],
  site: RelationSite,
): Script<{
  readonly net: NetEffect;
  readonly count: number;
  readonly skipped: readonly string[];
  readonly unwritten: readonly Statement[];
}> {
  const { scope, resourceId, resourceType } = site;
  const holder = { scope, resourceId, relation: relationOf(resourceType.name, attribute.name) };
  const net: NetEffect = { added: new Set(), removed: new Set() };
  const skipped: string[] = [];
  const before = yield* relationState(holder);
  let state = before;
  for (const step of steps) {
    const effect = yield* applyStep(step, { attribute, holder, state, site });
    moveBetween(effect.removed, net.added, net.removed);
    moveBetween(effect.added, net.removed, net.added);
    skipped.push(...effect.skipped);
    state = effect.state;
  }
  const isSame =
    state.valueCount === before.valueCount && state.lastPosition === before.lastPosition;
  const unwritten = isSame ? [] : [saveRelationState(holder, state)];
  return { net, count: state.valueCount, skipped, unwritten };
}

interface StepSite {
  readonly attribute: Attribute;
  readonly holder: Holder;
  readonly state: RelationState;
  readonly site: RelationSite;
}

function* applyStep(step: RelationStep, stepSite: StepSite): Script<StepEffect> {
  const { holder, attribute, site } = stepSite;
  const { listTable } = site.dialect;
  switch (step.op) {
    case "add":
      return yield* addIds(step.ids, undefined, stepSite);
    case "remove":
      return removedOnly(yield* removeMembers(holder, step.ids, site.dialect), stepSite);
    case "removeWhere": {
      const condition = relationFilterToSql(step.filter, attribute, filterSite(site));
      return removedOnly(yield* removeMembersWhere(holder, condition), stepSite);
    }
    case "replace": {
      const removed = yield* removeMembersExcept(holder, step.ids, listTable);
      return yield* addIds(step.ids, removed, stepSite);
    }
  }
}

function removedOnly(removed: readonly string[], { state }: StepSite): StepEffect {
  const valueCount = state.valueCount - removed.length;
  return { added: [], removed, skipped: [], state: { ...state, valueCount } };
}

/** Adds ids; `replaced` has those that were removed before because the ids are to be all there is. */
function* addIds(
  wanted: readonly string[],
  replaced: readonly string[] | undefined,
  { attribute, holder, state, site }: StepSite,
): Script<StepEffect> {
  const { listTable } = site.dialect;
  const ids = [...new Set(wanted)];
  const added =
    ids.length === 0
      ? []
      : yield* addMembers(holder, ids, {
          ...site.provenance,
          lastPosition: state.lastPosition,
          listTable,
          targets: targetsOf(attribute),
        });
  const removed = replaced ?? [];
  const valueCount = state.valueCount - removed.length + added.length;
  const lastPosition = state.lastPosition + (added.length === 0 ? 0 : ids.length);
  // A replacement that left as many values as it has ids left every one of them.
  const isWhole =
    added.length === ids.length || (replaced !== undefined && valueCount === ids.length);
  const skipped = isWhole ? [] : yield* idsNotMembers(holder, rest(ids, added), listTable);
  return { added, removed, skipped, state: { valueCount, lastPosition } };
}

function rest(ids: readonly string[], added: readonly string[]): readonly string[] {
  const gone = new Set(added);
  return ids.filter((id) => !gone.has(id));
}

/** What left one set comes back to it; what was never in it arrives in the other. */
function moveBetween(ids: readonly string[], from: Set<string>, to: Set<string>): void {
  for (const id of ids) {
    if (!from.delete(id)) {
      to.add(id);
    }
  }
}

function differenceOf(attribute: string, { added, removed }: NetEffect): RelationDifference {
  return {
    attribute,
    addedCount: added.size,
    removedCount: removed.size,
    added: firstOf(added),
    removed: firstOf(removed),
  };
}

function firstOf(ids: ReadonlySet<string>): readonly string[] {
  return [...ids].slice(0, idsNamedMax);
}

function relationAttribute(resourceType: ResourceType, name: string): Attribute {
  const attribute = coreAttributesOf(resourceType).find((candidate) => candidate.name === name);
  if (attribute?.stored !== "relation") {
    throw new TypeError(`${resourceType.name} has no relation ${name}`);
  }
  return attribute;
}

/** The resource types whose ids the relation takes; none for any. */
function targetsOf({ subAttributes }: Attribute): readonly string[] {
  return subAttributes
    .flatMap(({ referenceTypes }) => referenceTypes ?? [])
    .filter((name) => name !== "external" && name !== "uri");
}
