/** Records one change of a resource with all that it causes, as one script for one transaction. */
import type {
  CommitOptions,
  CommitOutcome,
  CreateChange,
  JsonObject,
  ResourceChange,
  ResourceType,
  UniqueKeyValue,
  UpdateChange,
} from "@rollcall/scim";
import { fold, memberOf, sameJson } from "@rollcall/scim";
import { consequencesOf } from "../../domain/consequences.ts";
import type { Scope } from "../../domain/tenant.ts";
import type { AppliedRelations } from "./apply-relation-deltas.ts";
import { applyRelationDeltas } from "./apply-relation-deltas.ts";
import { anyMapping } from "./group-mappings.ts";
import { jsonColumn } from "./json-column.ts";
import { laterTime } from "./later-time.ts";
import type { PersonEffect } from "./person-site.ts";
import { personSiteOf } from "./person-site.ts";
import { deletePointValues, insertPointValues, rebuildPointValues } from "./point-values.ts";
import type { FactsRow, PopulationFacts } from "./population-facts.ts";
import { factsOf, factsStatement, populationFacts, saveFacts } from "./population-facts.ts";
import { groupType, reconcileGroup } from "./reconcile-group.ts";
import { consequenceRows, recordInstanceAction } from "./record-consequences.ts";
import { recordDeletion } from "./record-deletion.ts";
import { recordNotices } from "./record-notices.ts";
import type { PersonQuestion } from "./record-person.ts";
import { accessConsequenceOf, personAsked, personOutcome } from "./record-person.ts";
import type { Recording, RecordOutcome } from "./recording.ts";
import { countIn } from "./resource-totals.ts";
import type { ResourceContent, ResourceKey, ResourceRowWithForm } from "./resources.ts";
import { insertResource, resourceToChange, touchResource, updateResource } from "./resources.ts";
import type { Script, Verdict } from "./script.ts";
import { rowsIn } from "./script.ts";
import { settingsIn } from "./settings-in.ts";
import type { SqlContext } from "./sql-context.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import type { Statement } from "./statement.ts";
import type { PointValue } from "./stored-form.ts";
import { displayOf, pointValuesOf, storedFormOf } from "./stored-form.ts";
import { nothingTold, tellingSiteOf, withAccess } from "./tell-access.ts";
import { lockTenantFacts } from "./tenant-facts.ts";
import type { Conflict } from "./unique-keys.ts";
import { firstTaken, freeUniqueKey, takeUniqueKeys, uniqueKeysHeld } from "./unique-keys.ts";
import { unrecorded } from "./unrecorded.ts";

type Recorded = Script<Verdict<RecordOutcome>>;

/** Records the change, or nothing at all: `undo` with an outcome that says why. */
export function* recordResourceChange(recording: Recording<ResourceChange>): Recorded {
  const { change } = recording;
  const { facts, row, held, question, isMapped } = yield* readGround(recording);
  if (facts === undefined) {
    // The connection went away while the request was under way; to the client it is as if the resource had.
    return undo({ kind: "stale" });
  }
  if (!facts.upToDate) {
    return undo({ kind: "unprepared" });
  }
  // Two changes of groups that hold one another would miss each other's members.
  if (isMapped && recording.isAlone !== true && recording.context.dialect.writers === "many") {
    return undo({ kind: "alone" });
  }
  if (change.kind === "create") {
    return yield* recordCreation({ ...recording, change }, { facts, question, isMapped });
  }
  const { expectedRevision } = recording.options;
  if (row === undefined || (expectedRevision ?? row.revision) !== row.revision) {
    return undo({ kind: "stale" });
  }
  return change.kind === "update"
    ? yield* recordUpdate({ row, held, facts, question, isMapped }, { ...recording, change })
    : yield* recordDeletion(row, { ...recording, change }, { facts, question, isMapped });
}

/** Index and endpoint follow the resource type and the connection, which a new version or an operator may change. */
export function* preparePopulation(
  scope: Scope,
  resourceType: ResourceType,
  context: SqlContext,
): Script<Verdict<void>> {
  yield lockTenantFacts(scope.tenantId, "alone", context.dialect);
  const changed = yield* bringUpToDate(scope, resourceType, context);
  return { kind: changed ? "keep" : "undo", result: undefined };
}

/** The same, with the facts of the tenant taken alone; tells whether there was anything to do. */
export function* bringUpToDate(
  scope: Scope,
  resourceType: ResourceType,
  { dialect }: SqlContext,
): Script<boolean> {
  const facts = yield* populationFacts(scope, resourceType, dialect);
  if (facts === undefined || facts.upToDate) {
    return false;
  }
  yield* saveFacts(scope, resourceType, facts.wantedPoints);
  yield* rebuildPointValues(scope, resourceType, facts.wantedPoints, dialect);
  return true;
}

interface Ground {
  readonly facts: PopulationFacts | undefined;
  /** The resource to change, from here on locked. */
  readonly row: ResourceRowWithForm | undefined;
  /** The keys that it holds, where its attributes may change. */
  readonly held: readonly UniqueKeyValue[];
  readonly question: PersonQuestion;
  /** Whether it is a group in a tenant that has mappings, or gives groups teams. */
  readonly isMapped: boolean;
}

/** Locks and reads what a change is made on, in one go. */
function* readGround(recording: Recording<ResourceChange>): Script<Ground> {
  const { scope, change, context, isAlone = false } = recording;
  const { dialect } = context;
  const { resourceType } = change;
  const isRewritten = isRewriting(recording);
  const isGroup = resourceType.name === groupType;
  const locks = lockTenantFacts(scope.tenantId, isAlone ? "alone" : "shared", dialect);
  const read = [
    factsStatement(scope, resourceType.name, { total: "any", dialect }),
    ...(change.kind === "create" ? [] : [resourceToChange(keyOf(scope, change), dialect)]),
    ...(isRewritten ? [uniqueKeysHeld(scope, change.id)] : []),
  ];
  const form =
    change.kind === "create" || (change.kind === "update" && isRewritten)
      ? storedFormOf(resourceType, change.after)
      : undefined;
  const person = personAsked(scope, change, form, context);
  const mapped = isGroup ? [anyMapping(scope.tenantId)] : [];
  const results = yield [...locks, ...read, ...person.statements, ...mapped];
  const [factsRow] = rowsIn<FactsRow>(results[locks.length]);
  const [row] = rowsIn<ResourceRowWithForm>(results[locks.length + 1]);
  const held = isRewritten ? rowsIn<UniqueKeyValue>(results[locks.length + 2]) : [];
  const facts = factsRow && factsOf(factsRow, resourceType);
  const hasTeams = facts !== undefined && settingsIn(facts, context).groupTeams;
  return {
    facts,
    row: change.kind === "create" ? undefined : row,
    held,
    question: person.answer(results.slice(locks.length + read.length)),
    isMapped: isGroup && (hasTeams || rowsIn(results.at(-1)).length > 0),
  };
}

function* recordCreation(
  recording: Recording<CreateChange>,
  ground: Pick<UpdateGround, "facts" | "question" | "isMapped">,
): Recorded {
  const { facts, question } = ground;
  const { scope, change, options, context } = recording;
  const key = keyOf(scope, change);
  const at = timeOf(options);
  const site = personSiteOf(recording, facts, at);
  const person = yield* personOutcome(site, question);
  if (person.kind !== "effect") {
    return yield* unrecorded(person, recording, { revision: 0, lastModified: at });
  }
  const form = storedFormOf(change.resourceType, change.after);
  const keys = enforcedKeys(change, form, facts, context.dialect);
  const counted = yield* countIn(scope, change.resourceType.name, context);
  const points = pointValuesOf(facts.wantedPoints, form);
  const times = { revision: 1, lastModified: at };
  const isAlone = change.relations.every(({ steps }) => steps.length === 0);
  const results = yield [
    insertResource(key, contentOf(change, form), { sequence: counted.sequence, at }),
    ...takeUniqueKeys(key, keys),
    ...person.claims,
    ...person.statements,
    ...insertPointValues(key, points, context.dialect),
    ...counted.statements,
    ...(isAlone ? yield* effectRows(recording, times, { ...ground, person }) : []),
  ];
  const [inserted] = results;
  const took = keys.length > 0 ? results[1] : undefined;
  if (inserted?.changes !== 1) {
    throw new TypeError(`the id ${change.id} is in use; ids are never used again`);
  }
  const claimedFrom = keys.length > 0 ? 2 : 1;
  const claimed = results.slice(claimedFrom, claimedFrom + person.claims.length);
  const taken = yield* firstTaken(key, keys, took);
  if (taken !== undefined) {
    return undo(taken);
  }
  if (claimed.some(({ changes }) => changes !== 1)) {
    return undo({ kind: "again" });
  }
  yield* recordNotices(site, person.notices);
  if (isAlone) {
    const counts = Object.fromEntries(change.relations.map(({ attribute }) => [attribute, 0]));
    const recorded = keep(true, { ...times, created: at }, { counts, skipped: [] });
    return withWarnings(recorded, person);
  }
  const relations = yield* applyRelations(recording);
  if (options.strictReferences && relations.unknown.length > 0) {
    return undo({ kind: "unknownReferences", ids: relations.unknown });
  }
  yield [
    ...relations.unwritten,
    ...(yield* effectRows(recording, times, { ...ground, person, relations })),
  ];
  return withWarnings(keep(true, { ...times, created: at }, relations), person);
}

interface UpdateGround {
  readonly row: ResourceRowWithForm;
  readonly held: readonly UniqueKeyValue[];
  readonly facts: PopulationFacts;
  readonly question: PersonQuestion;
  readonly isMapped: boolean;
}

function* recordUpdate(ground: UpdateGround, recording: Recording<UpdateChange>): Recorded {
  // Decided on any revision: the steps on relations are applied to the attributes as they are.
  const change =
    recording.options.expectedRevision === undefined
      ? withStoredAttributes(recording.change, jsonColumn(ground.row.attributes))
      : recording.change;
  return yield* recordUpdateOf(ground, { ...recording, change });
}

function* recordUpdateOf(ground: UpdateGround, recording: Recording<UpdateChange>): Recorded {
  const { row, held, facts, question } = ground;
  const { scope, change, options, context } = recording;
  const key = keyOf(scope, change);
  const rewritten = isRewriting(recording);
  const form = storedFormOf(change.resourceType, change.after);
  const keys = enforcedKeys(change, form, facts, context.dialect);
  const taken = rewritten ? yield* replaceKeys(key, held, keys) : undefined;
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
  const times = { revision: from + 1, lastModified };
  const site = personSiteOf(recording, facts, lastModified);
  const person = yield* personOutcome(site, question);
  if (person.kind !== "effect") {
    return yield* unrecorded(person, recording, { revision: from, lastModified });
  }
  const [moved, ...others] = yield [
    rewritten
      ? updateResource(key, contentOf(change, form), { from, lastModified })
      : touchResource(key, { from, lastModified }),
    ...person.claims,
    ...person.statements,
    ...(rewritten ? replacePoints(key, row, form, facts, context.dialect) : []),
    ...relations.unwritten,
    ...(yield* effectRows(recording, times, { ...ground, person, relations })),
  ];
  if (others.slice(0, person.claims.length).some(({ changes }) => changes !== 1)) {
    return undo({ kind: "again" });
  }
  yield* recordNotices(site, person.notices);
  if (person.instanceAction !== undefined) {
    yield* recordInstanceAction(person.instanceAction, recording.circumstances, context);
  }
  return moved?.changes === 1
    ? withWarnings(keep(true, { ...times, created }, relations), person)
    : undo({ kind: "stale" });
}

/** Decided on any revision, a change leaves the attributes that are stored, whatever it was decided on. */
function isRewriting({ change, options }: Recording<ResourceChange>): boolean {
  return (
    change.kind === "update" &&
    options.expectedRevision !== undefined &&
    !sameJson(change.before.attributes, change.after)
  );
}

function withStoredAttributes(change: UpdateChange, attributes: JsonObject): UpdateChange {
  return { ...change, before: { ...change.before, attributes }, after: attributes };
}

function* replaceKeys(
  key: ResourceKey,
  held: readonly UniqueKeyValue[],
  keys: readonly UniqueKeyValue[],
): Script<Conflict | undefined> {
  const gone = held.filter((one) => !hasKey(keys, one));
  const wanted = keys.filter((one) => !hasKey(held, one));
  const results = yield [
    ...gone.map((one) => freeUniqueKey(key, one)),
    ...takeUniqueKeys(key, wanted),
  ];
  return yield* firstTaken(key, wanted, results[gone.length]);
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
  { indexed }: SqlDialect,
): readonly UniqueKeyValue[] {
  const keys =
    uniqueKeyPaths === undefined
      ? uniqueKeys
      : uniqueKeyPaths.flatMap((path) => {
          const key = memberOf(form, path);
          return typeof key === "string" && key !== "" ? [{ path, key }] : [];
        });
  return keys.map(({ path, key }) => ({ path, key: indexed.value(key) }));
}

function replacePoints(
  key: ResourceKey,
  row: ResourceRowWithForm,
  form: JsonObject,
  { wantedPoints }: PopulationFacts,
  dialect: SqlDialect,
): readonly Statement[] {
  const before = pointValuesOf(wantedPoints, jsonColumn(row.folded));
  const after = pointValuesOf(wantedPoints, form);
  const notIn = (values: readonly PointValue[]) => (one: PointValue) =>
    !values.some(({ path, value }) => path === one.path && value === one.value);
  return [
    ...deletePointValues(key, before.filter(notIn(after)), dialect),
    ...insertPointValues(key, after.filter(notIn(before)), dialect),
  ];
}

function* applyRelations({
  scope,
  change,
  options,
  circumstances,
  context,
}: Recording<CreateChange | UpdateChange>): Script<AppliedRelations> {
  return yield* applyRelationDeltas(change.relations, {
    scope,
    resourceType: change.resourceType,
    resourceId: change.id,
    dialect: context.dialect,
    baseUrl: options.baseUrl ?? "",
    provenance: { at: timeOf(options), requestId: circumstances.requestId },
  });
}

interface Effects {
  readonly facts: PopulationFacts;
  readonly isMapped: boolean;
  readonly person: PersonEffect;
  /** Left out where the change has none. */
  readonly relations?: AppliedRelations;
}

function* effectRows(
  recording: Recording<ResourceChange>,
  times: { readonly revision: number; readonly lastModified: string },
  { facts, isMapped, person, relations }: Effects,
): Script<readonly Statement[]> {
  const { scope, change, circumstances, context } = recording;
  const applied = { ...times, relations: relations?.differences ?? [], leftRelationsOf: [] };
  const { newId } = context;
  const { auditEntry, outboxEvents } = consequencesOf(
    change,
    applied,
    { ...circumstances, newId },
    accessConsequenceOf(person, context),
  );
  const moved = [...(relations?.moved.values() ?? [])].flat();
  const told = isMapped
    ? yield* reconcileGroup(
        { recording, moved },
        tellingSiteOf(recording, facts, times.lastModified),
      )
    : nothingTold;
  return yield* consequenceRows(
    scope.tenantId,
    { auditEntry: withAccess(auditEntry, told), outboxEvents },
    context,
  );
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

function withWarnings(
  { kind, result }: Verdict<CommitOutcome>,
  { warnings }: PersonEffect,
): Verdict<CommitOutcome> {
  return {
    kind,
    result: result.kind === "committed" && warnings.length > 0 ? { ...result, warnings } : result,
  };
}

function timeOf({ nowMs }: CommitOptions): string {
  return new Date(nowMs).toISOString();
}

function undo(result: RecordOutcome): Verdict<RecordOutcome> {
  return { kind: "undo", result };
}

function keep(
  changed: boolean,
  times: {
    readonly revision: number;
    readonly created: string;
    readonly lastModified: string;
  },
  { counts, skipped }: Pick<AppliedRelations, "counts" | "skipped">,
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
