/** Records one change of a resource with all that it causes, as one script for one transaction. */
import type {
  CommitOptions,
  CommitOutcome,
  CreateChange,
  JsonObject,
  ResourceChange,
  UniqueKeyValue,
  UpdateChange,
} from "@rollcall/scim";
import { fold, memberOf, sameJson } from "@rollcall/scim";
import type { Circumstances, RelationDifference } from "../../domain/audit-entry.ts";
import { consequencesOf } from "../../domain/consequences.ts";
import type { Scope } from "../../domain/tenant.ts";
import type { AppliedRelations } from "./apply-relation-deltas.ts";
import { applyRelationDeltas } from "./apply-relation-deltas.ts";
import { jsonColumn } from "./json-column.ts";
import { laterTime } from "./later-time.ts";
import { deletePointValue, insertPointValue, rebuildPointValues } from "./point-values.ts";
import type { PopulationFacts } from "./population-facts.ts";
import { countIn, populationFacts, saveFacts } from "./population-facts.ts";
import { recordConsequences } from "./record-consequences.ts";
import { recordDeletion } from "./record-deletion.ts";
import type { ResourceContent, ResourceKey, ResourceRow } from "./resources.ts";
import { insertResource, resourceWithForm, touchResource, updateResource } from "./resources.ts";
import type { Script, Verdict } from "./script.ts";
import type { SqlContext } from "./sql-context.ts";
import type { PointValue } from "./stored-form.ts";
import { displayOf, pointValuesOf, storedFormOf } from "./stored-form.ts";
import { freeUniqueKey, takeUniqueKey, uniqueKeysHeld } from "./unique-keys.ts";

/** One change to record, and what it is recorded with. */
export interface Recording<Change extends ResourceChange> {
  readonly scope: Scope;
  readonly change: Change;
  readonly options: CommitOptions;
  readonly circumstances: Circumstances;
  readonly context: SqlContext;
}

type Recorded = Script<Verdict<CommitOutcome>>;

/** Records the change, or nothing at all: `undo` with an outcome that says why. */
export function* recordResourceChange(recording: Recording<ResourceChange>): Recorded {
  const { scope, change } = recording;
  const facts = yield* populationFacts(scope, change.resourceType);
  if (facts === undefined) {
    // The connection went away while the request was under way; to the client it is as if the resource had.
    return undo({ kind: "stale" });
  }
  switch (change.kind) {
    case "create":
      return yield* recordCreation({ ...recording, change }, facts);
    case "update":
      return yield* recordUpdate({ ...recording, change }, facts);
    case "delete":
      return yield* recordDeletion({ ...recording, change });
  }
}

function* recordCreation(recording: Recording<CreateChange>, facts: PopulationFacts): Recorded {
  const { scope, change, options } = recording;
  const key = keyOf(scope, change);
  const at = timeOf(options);
  const form = storedFormOf(change.resourceType, change.after);
  if (!facts.upToDate) {
    yield* bringUpToDate(recording);
  }
  const sequence = yield* countIn(scope, change.resourceType.name);
  const inserted = yield* insertResource(key, contentOf(change, form), { sequence, at });
  if (!inserted) {
    throw new TypeError(`the id ${change.id} is in use; ids are never used again`);
  }
  for (const uniqueKey of enforcedKeys(change, form, facts)) {
    const holderId = yield* takeUniqueKey(key, uniqueKey);
    if (holderId !== undefined) {
      return undo({ kind: "taken", path: uniqueKey.path, holderId });
    }
  }
  for (const value of pointValuesOf(change.resourceType, form)) {
    yield* insertPointValue(key, value);
  }
  const relations = yield* applyRelations(recording);
  if (options.strictReferences && relations.unknown.length > 0) {
    return undo({ kind: "unknownReferences", ids: relations.unknown });
  }
  yield* recordEffects(recording, { revision: 1, lastModified: at }, relations.differences);
  return keep(true, { revision: 1, created: at, lastModified: at }, relations);
}

function* recordUpdate(recording: Recording<UpdateChange>, facts: PopulationFacts): Recorded {
  const { scope, options } = recording;
  const row = yield* resourceWithForm(keyOf(scope, recording.change));
  const { expectedRevision } = options;
  if (row === undefined || (expectedRevision ?? row.revision) !== row.revision) {
    return undo({ kind: "stale" });
  }
  // Decided on any revision: the steps on relations are applied to the attributes as they are.
  const change =
    expectedRevision === undefined
      ? withStoredAttributes(recording.change, jsonColumn(row.attributes))
      : recording.change;
  return yield* recordUpdateOf(row, { ...recording, change }, facts);
}

function* recordUpdateOf(
  row: ResourceRow & { readonly folded: string },
  recording: Recording<UpdateChange>,
  facts: PopulationFacts,
): Recorded {
  const { scope, change, options } = recording;
  const key = keyOf(scope, change);
  const form = storedFormOf(change.resourceType, change.after);
  const rewritten = !sameJson(change.before.attributes, change.after);
  const taken = rewritten ? yield* replaceKeys(key, enforcedKeys(change, form, facts)) : undefined;
  if (taken !== undefined) {
    return undo(taken);
  }
  const relations = yield* applyRelations(recording);
  if (options.strictReferences && relations.unknown.length > 0) {
    return undo({ kind: "unknownReferences", ids: relations.unknown });
  }
  const { revision: from, created_at: created } = row;
  if (!rewritten && relations.differences.length === 0) {
    const times = { revision: from, created, lastModified: row.last_modified };
    return { ...keep(false, times, relations), kind: "undo" };
  }
  const lastModified = laterTime(timeOf(options), row.last_modified);
  const moved = rewritten
    ? yield* updateResource(key, contentOf(change, form), { from, lastModified })
    : yield* touchResource(key, { from, lastModified });
  if (!moved) {
    return undo({ kind: "stale" });
  }
  if (!facts.upToDate) {
    yield* bringUpToDate(recording);
  } else if (rewritten) {
    const before = pointValuesOf(change.resourceType, jsonColumn(row.folded));
    yield* replacePointValues(key, before, pointValuesOf(change.resourceType, form));
  }
  const times = { revision: from + 1, lastModified };
  yield* recordEffects(recording, times, relations.differences);
  return keep(true, { ...times, created }, relations);
}

function withStoredAttributes(change: UpdateChange, attributes: JsonObject): UpdateChange {
  return { ...change, before: { ...change.before, attributes }, after: attributes };
}

/** Index and endpoint follow the resource type; a new version of the program may have changed it. */
function* bringUpToDate({ scope, change, context }: Recording<ResourceChange>): Script<void> {
  yield* saveFacts(scope, change.resourceType);
  yield* rebuildPointValues(scope, change.resourceType, context.dialect);
}

function* replaceKeys(
  key: ResourceKey,
  keys: readonly UniqueKeyValue[],
): Script<CommitOutcome | undefined> {
  const held = yield* uniqueKeysHeld(key.scope, key.resourceId);
  for (const old of held.filter((one) => !hasKey(keys, one))) {
    yield* freeUniqueKey(key, old);
  }
  for (const uniqueKey of keys.filter((one) => !hasKey(held, one))) {
    const holderId = yield* takeUniqueKey(key, uniqueKey);
    if (holderId !== undefined) {
      return { kind: "taken", path: uniqueKey.path, holderId };
    }
  }
  return undefined;
}

function hasKey(keys: readonly UniqueKeyValue[], { path, key }: UniqueKeyValue): boolean {
  return keys.some((one) => one.path === path && one.key === key);
}

/**
 * The keys to hold: where the connection's rules are known, exactly those, so that a writer with settings from before
 * a rule was turned on or off cannot break it.
 */
function enforcedKeys(
  { uniqueKeys }: CreateChange | UpdateChange,
  form: JsonObject,
  { uniqueKeyPaths }: PopulationFacts,
): readonly UniqueKeyValue[] {
  return uniqueKeyPaths === undefined
    ? uniqueKeys
    : uniqueKeyPaths.flatMap((path) => {
        const key = memberOf(form, path);
        return typeof key === "string" && key !== "" ? [{ path, key }] : [];
      });
}

function* replacePointValues(
  key: ResourceKey,
  before: readonly PointValue[],
  after: readonly PointValue[],
): Script<void> {
  const has = (values: readonly PointValue[], { path, value }: PointValue) =>
    values.some((one) => one.path === path && one.value === value);
  for (const gone of before.filter((value) => !has(after, value))) {
    yield* deletePointValue(key, gone);
  }
  for (const added of after.filter((value) => !has(before, value))) {
    yield* insertPointValue(key, added);
  }
}

function* applyRelations({
  scope,
  change,
  options,
  context,
}: Recording<CreateChange | UpdateChange>): Script<AppliedRelations> {
  return yield* applyRelationDeltas(change.relations, {
    scope,
    resourceType: change.resourceType,
    resourceId: change.id,
    dialect: context.dialect,
    baseUrl: options.baseUrl ?? "",
  });
}

function* recordEffects(
  { scope, change, circumstances, context }: Recording<ResourceChange>,
  times: { readonly revision: number; readonly lastModified: string },
  relations: readonly RelationDifference[],
): Script<void> {
  const applied = { ...times, relations, leftRelationsOf: [] };
  const { newId } = context;
  const consequences = consequencesOf(change, applied, { ...circumstances, newId });
  yield* recordConsequences(scope.tenantId, consequences);
}

function contentOf(
  { resourceType, after }: CreateChange | UpdateChange,
  form: JsonObject,
): ResourceContent {
  const display = displayOf(resourceType, after);
  return {
    attributes: JSON.stringify(after),
    folded: JSON.stringify(form),
    display: display ?? null,
    foldedDisplay: display === undefined ? null : fold(display),
  };
}

function keyOf(scope: Scope, { resourceType, id }: ResourceChange): ResourceKey {
  return { scope, resourceType: resourceType.name, resourceId: id };
}

function timeOf({ nowMs }: CommitOptions): string {
  return new Date(nowMs).toISOString();
}

function undo(result: CommitOutcome): Verdict<CommitOutcome> {
  return { kind: "undo", result };
}

function keep(
  changed: boolean,
  times: {
    readonly revision: number;
    readonly created: string;
    readonly lastModified: string;
  },
  { counts, skipped }: AppliedRelations,
): Verdict<CommitOutcome> {
  const result: CommitOutcome = {
    kind: "committed",
    changed,
    ...times,
    relationCounts: counts,
    skippedReferences: skipped,
  };
  return { kind: "keep", result };
}
