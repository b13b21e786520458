/** Records the end of a resource: its place in relations, its keys, its tombstone, set-wise (RFC 7644 §3.6). */
import type { DeleteChange, JsonObject, ResourceType } from "@rollcall/scim";
import { coreAttributesOf } from "@rollcall/scim";
import type { RelationDifference } from "../../domain/audit-entry.ts";
import { consequencesOf } from "../../domain/consequences.ts";
import { personOf, personType } from "../../domain/person.ts";
import type { Scope } from "../../domain/tenant.ts";
import { loginEmailValue } from "./account-candidates.ts";
import { idsNamedMax } from "./apply-relation-deltas.ts";
import { accountLeft } from "./change-person.ts";
import { deleteGrantsOfUser } from "./group-mappings.ts";
import { jsonColumn } from "./json-column.ts";
import { laterTime } from "./later-time.ts";
import {
  firstMembers,
  holdersOf,
  relationOf,
  relationState,
  removeAllMembers,
  removeValueFrom,
} from "./members.ts";
import { personSiteOf } from "./person-site.ts";
import { deletePointValues } from "./point-values.ts";
import type { PopulationFacts } from "./population-facts.ts";
import { mappedGroupsAbove, reconcileDeletion } from "./reconcile-group.ts";
import { consequenceRows } from "./record-consequences.ts";
import { recordNotices } from "./record-notices.ts";
import type { PersonQuestion } from "./record-person.ts";
import { accessConsequenceOf, personOutcome } from "./record-person.ts";
import type { Recording, RecordOutcome } from "./recording.ts";
import { countOutStatement } from "./resource-totals.ts";
import type { ResourceKey, ResourceRowWithForm } from "./resources.ts";
import { deleteResource, lockHolders, touchResources } from "./resources.ts";
import type { Script, Verdict } from "./script.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import type { PointValue } from "./stored-form.ts";
import { pointValuesOf } from "./stored-form.ts";
import { nothingTold, tellingSiteOf, withAccess } from "./tell-access.ts";
import { insertTombstone } from "./tombstones.ts";
import { freeUniqueKeys } from "./unique-keys.ts";
import { unrecorded } from "./unrecorded.ts";

/** What a deletion is made on. */
export interface DeletionGround {
  readonly facts: PopulationFacts;
  readonly question: PersonQuestion;
  /** Whether it is a group in a tenant that has mappings. */
  readonly isMapped: boolean;
}

/** Records the deletion of a resource whose row is locked, or nothing at all. */
export function* recordDeletion(
  row: ResourceRowWithForm,
  deletion: Recording<DeleteChange>,
  { facts, question, isMapped }: DeletionGround,
): Script<Verdict<RecordOutcome>> {
  const { scope, change, options, circumstances, context } = deletion;
  const { wantedPoints } = facts;
  const { resourceType, id } = change;
  const { dialect } = context;
  const key = { scope, resourceType: resourceType.name, resourceId: id };
  const now = new Date(options.nowMs).toISOString();
  const at = laterTime(now, row.last_modified);
  const site = personSiteOf(deletion, facts, at);
  const person = yield* personOutcome(site, question);
  if (person.kind !== "effect") {
    return yield* unrecorded(person, deletion, { revision: row.revision, lastModified: at });
  }
  const above = isMapped ? yield* mappedGroupsAbove(scope, id, dialect) : [];
  const leftRelationsOf = yield* leaveRelations(scope, id, now, dialect);
  const relations = yield* dropRelations(key, resourceType);
  yield* freeUniqueKeys(scope, id);
  const form = jsonColumn<JsonObject>(row.folded);
  const values = pointValuesOf(wantedPoints, form);
  yield deletePointValues(key, values, dialect);
  if (!(yield* deleteResource(key, row.revision))) {
    return { kind: "undo", result: { kind: "stale" } };
  }
  yield [
    countOutStatement(scope, resourceType.name, context),
    ...person.statements,
    ...(resourceType.name === personType ? [deleteGrantsOfUser(scope, id)] : []),
  ];
  const told = isMapped
    ? yield* reconcileDeletion(
        scope,
        { groupId: id, above },
        { at, requestId: circumstances.requestId },
        tellingSiteOf(deletion, facts, at),
      )
    : nothingTold;
  if (deletion.isPreview === true) {
    return { kind: "undo", result: { kind: "preview", ...told } };
  }
  const revision = row.revision + 1;
  const attributes = jsonColumn<JsonObject>(row.attributes);
  const identifying = [
    ...identifyingValues(resourceType, facts, form, values),
    ...(resourceType.name === personType ? loginEmailValue(personOf(attributes).email) : []),
  ];
  yield* insertTombstone(key, {
    at,
    revision,
    attributes: row.attributes,
    ...accountLeft(question.kind === "delete" ? question.link : undefined),
    keyHashes: identifying.map(({ path, value }) => ({ path, value: context.keyedHash(value) })),
  });
  const { auditEntry, outboxEvents } = consequencesOf(
    { ...change, before: { ...change.before, attributes } },
    { revision, lastModified: at, relations, leftRelationsOf },
    { ...circumstances, newId: context.newId },
    accessConsequenceOf(person, context),
  );
  yield yield* consequenceRows(
    scope.tenantId,
    { auditEntry: withAccess(auditEntry, told), outboxEvents },
    context,
  );
  yield* recordNotices(site, person.notices);
  return {
    kind: "keep",
    result: {
      kind: "committed",
      changed: true,
      revision,
      created: row.created_at,
      lastModified: at,
      relationCounts: {},
      skippedReferences: [],
    },
  };
}

/**
 * Takes the resource out of the relations of others, which changes those; tells who they were, up to a limit. Who has
 * got it since the others were locked keeps it: the foreign key then stops the deletion, which is run again.
 */
function* leaveRelations(
  scope: Scope,
  id: string,
  now: string,
  dialect: SqlDialect,
): Script<readonly string[]> {
  const locked = dialect.writers === "many" ? yield* lockHolders(scope, id) : undefined;
  const found = yield* holdersOf(scope, id);
  const holders = locked === undefined ? found : found.filter((one) => locked.includes(one));
  if (holders.length > 0) {
    yield [
      touchResources(scope, holders, now, dialect),
      ...removeValueFrom(scope, id, holders, dialect),
    ];
  }
  return holders.slice(0, idsNamedMax);
}

/** Empties the relations of the resource itself; tells what they had. */
function* dropRelations(
  { scope, resourceId }: ResourceKey,
  resourceType: ResourceType,
): Script<readonly RelationDifference[]> {
  const differences: RelationDifference[] = [];
  for (const { name, stored } of coreAttributesOf(resourceType)) {
    if (stored === "relation") {
      const holder = { scope, resourceId, relation: relationOf(resourceType.name, name) };
      const { valueCount } = yield* relationState(holder);
      if (valueCount > 0) {
        differences.push({
          attribute: name,
          addedCount: 0,
          removedCount: valueCount,
          added: [],
          removed: yield* firstMembers(holder, idsNamedMax),
        });
      }
    }
  }
  yield* removeAllMembers(scope, resourceId);
  return differences;
}

/**
 * What a resource that comes back is recognised by: the keys that nobody else may have, and its addresses, and not merely
 * how it is displayed.
 */
function identifyingValues(
  { uniqueKeys, displayAttributes }: ResourceType,
  { identifyingPaths }: PopulationFacts,
  form: JsonObject,
  values: readonly PointValue[],
): readonly PointValue[] {
  const keyPaths = new Set(uniqueKeys.map(({ path }) => path));
  const ofKeys = identifyingPaths.flatMap((path) => {
    const value = form[path];
    return typeof value === "string" && value !== "" ? [{ path, value }] : [];
  });
  const others = values.filter(
    ({ path }) => !keyPaths.has(path) && !displayAttributes.includes(path),
  );
  return [...ofKeys, ...others];
}
