/** A store for tests and first steps; it forgets everything when the process ends. */
import { comparisonFormOf } from "../filter/comparison-form.ts";
import { evaluateFilter } from "../filter/evaluate-filter.ts";
import type { JsonObject } from "../json.ts";
import type { CommitOptions, CommitOutcome, ResourceStore } from "../provider/resource-store.ts";
import { pageOf } from "../query/page.ts";
import type { PagePlace, WalkedPage } from "../query/page-place.ts";
import { comparePlaces, pageOfWalk, walkedPlace } from "../query/page-place.ts";
import type { ResourcePage, ResourceQuery } from "../query/resource-query.ts";
import { sortKeyOf } from "../query/sort-key.ts";

import { projectResource } from "../resource/project-resource.ts";
import type { Projection } from "../resource/projection.ts";
import type { ResourceChange, UniqueKeyValue } from "../resource/resource-change.ts";
import { sameJson } from "../resource/same-json.ts";
import { compareCodePoints } from "../schema/data-type.ts";
import type { ResourceType, ResourceTypeRegistry } from "../schema/resource-type.ts";
import { coreAttributesOf } from "../schema/resource-type.ts";
import { dateTimeText } from "./date-time-text.ts";
import type { MemoryPopulation, MemoryRow } from "./memory-population.ts";
import {
  createMemoryPopulation,
  removeRow,
  setRow,
  storedResourceOf,
} from "./memory-population.ts";
import { stepRelations } from "./step-relations.ts";

/** Makes an empty store for one population. */
export function createMemoryResourceStore(registry: ResourceTypeRegistry): ResourceStore {
  const population = createMemoryPopulation(registry);
  return {
    read: async (resourceType, id, relations) => {
      const row = population.rows.get(id);
      return row?.resourceType.name === resourceType.name
        ? storedResourceOf(population, row, relations)
        : undefined;
    },
    readByKeys: async (resourceType, keys) =>
      keys.flatMap((key) => {
        const row = population.rows.get(population.holders.get(holderKey(resourceType, key)) ?? "");
        return row === undefined
          ? []
          : [{ path: key.path, resource: storedResourceOf(population, row, []) }];
      }),
    query: async (query) => answerQuery(population, query),
    // Nothing in here waits, so that every commit is one step.
    commit: async (change, options) => commitChange(population, change, options),
  };
}

/** One match: the row with its place. */
interface MemoryMatch extends PagePlace {
  readonly row: MemoryRow;
}

function answerQuery(population: MemoryPopulation, query: ResourceQuery): ResourcePage {
  const { parts, order, walk } = query;
  const matches = parts
    .flatMap((_, part) => matchesOf(population, query, part))
    .map((match) => (walk === undefined ? match : walkedPlace(match)))
    .toSorted((left, right) => comparePlaces(left, right, order));
  const page: WalkedPage<MemoryMatch> =
    walk === undefined
      ? { places: pageOf(matches, query), next: undefined, previous: undefined }
      : pageOfWalk(matches, walk, query);
  return {
    totalResults: matches.length,
    resources: page.places.map(({ row, part }) => ({
      ...storedResourceOf(population, row, parts[part]?.relations ?? []),
      part,
    })),
    next: page.next,
    previous: page.previous,
  };
}

function matchesOf(
  population: MemoryPopulation,
  { parts, baseUrl }: ResourceQuery,
  part: number,
): readonly MemoryMatch[] {
  const asked = parts[part];
  if (asked === undefined) {
    return [];
  }
  const { resourceType, filter, sortBy } = asked;
  const isRead = filter !== undefined || sortBy !== undefined;
  const everything = wholeProjection(resourceType);
  return [...(population.rowsOfType.get(resourceType.name)?.values() ?? [])].flatMap((row) => {
    const form = isRead ? formOf(population, row, everything, baseUrl) : {};
    const key = sortBy && sortKeyOf(form, sortBy);
    return filter === undefined || evaluateFilter(filter, form)
      ? [{ row, part, sequence: row.sequence, key }]
      : [];
  });
}

/** Filters and sorting read everything that may be returned, whatever the response shows. */
function wholeProjection(resourceType: ResourceType): Projection {
  const paths = [
    ...coreAttributesOf(resourceType).map((attribute) => ({ extension: undefined, attribute })),
    ...resourceType.extensions.flatMap(({ schema }) =>
      schema.attributes.map((attribute) => ({ extension: schema.id, attribute })),
    ),
  ];
  // Sub-attributes too: some are returned only when they are named.
  return {
    kind: "only",
    paths: paths.flatMap((path) =>
      [undefined, ...path.attribute.subAttributes].map((subAttribute) => ({
        ...path,
        subAttribute,
      })),
    ),
  };
}

function formOf(
  population: MemoryPopulation,
  row: MemoryRow,
  projection: Projection,
  baseUrl: string,
): JsonObject {
  const { resourceType } = row;
  const names = coreAttributesOf(resourceType).map(({ name }) => name);
  const stored = storedResourceOf(population, row, names);
  const site = { registry: population.registry, baseUrl };
  return comparisonFormOf(resourceType, projectResource(stored, resourceType, projection, site));
}

function holderKey({ name }: ResourceType, { path, key }: UniqueKeyValue): string {
  return JSON.stringify([name, path, key]);
}

function commitChange(
  population: MemoryPopulation,
  change: ResourceChange,
  options: CommitOptions,
): CommitOutcome {
  const current = population.rows.get(change.id);
  if (change.kind === "create") {
    if (current !== undefined) {
      throw new TypeError(`The id ${change.id} is in use; ids are never used again.`);
    }
    population.created += 1;
    return writeRow(population, newRow(population, change, options), change, options);
  }
  const { expectedRevision } = options;
  if (
    current === undefined ||
    current.resourceType.name !== change.resourceType.name ||
    (expectedRevision !== undefined && expectedRevision !== current.revision)
  ) {
    return { kind: "stale" };
  }
  return change.kind === "delete"
    ? deleteRow(population, current, options)
    : writeRow(population, current, change, options);
}

function newRow(
  { created: sequence }: MemoryPopulation,
  { resourceType, id, after }: Extract<ResourceChange, { kind: "create" }>,
  { nowMs }: CommitOptions,
): MemoryRow {
  const now = dateTimeText(nowMs);
  const times = { created: now, lastModified: now, revision: 0 };
  return {
    resourceType,
    id,
    attributes: after,
    ...times,
    sequence,
    relations: new Map(),
    keys: [],
  };
}

function writeRow(
  population: MemoryPopulation,
  current: MemoryRow,
  change: Exclude<ResourceChange, { kind: "delete" }>,
  options: CommitOptions,
): CommitOutcome {
  const stepped = stepRelations(population, current, change.relations, options.baseUrl ?? "");
  if (options.strictReferences && stepped.unknown.length > 0) {
    return { kind: "unknownReferences", ids: stepped.unknown };
  }
  const relationsAlone = change.kind === "update" && options.expectedRevision === undefined;
  const written = relationsAlone ? current : withAttributes(current, change);
  const taken = relationsAlone ? undefined : takenKey(population, change);
  if (taken !== undefined) {
    return taken;
  }
  const changed =
    change.kind === "create" ||
    !sameJson(current.attributes, written.attributes) ||
    !sameRelations(current.relations, stepped.relations);
  const row = changed
    ? touched({ ...written, relations: stepped.relations }, options.nowMs)
    : written;
  setRow(population, row);
  return committed(row, changed, {
    relationCounts: Object.fromEntries(
      change.relations.map(({ attribute }) => [attribute, row.relations.get(attribute)?.size ?? 0]),
    ),
    skippedReferences: stepped.skipped,
  });
}

function withAttributes(
  row: MemoryRow,
  { after, uniqueKeys, resourceType }: Exclude<ResourceChange, { kind: "delete" }>,
): MemoryRow {
  const keys = uniqueKeys.map((key) => holderKey(resourceType, key));
  return { ...row, attributes: after, keys };
}

function takenKey(
  { holders }: MemoryPopulation,
  { id, resourceType, uniqueKeys }: Exclude<ResourceChange, { kind: "delete" }>,
): CommitOutcome | undefined {
  for (const key of uniqueKeys) {
    const holderId = holders.get(holderKey(resourceType, key));
    if (holderId !== undefined && holderId !== id) {
      return { kind: "taken", path: key.path, holderId };
    }
  }
  return undefined;
}

function deleteRow(
  population: MemoryPopulation,
  row: MemoryRow,
  { nowMs }: CommitOptions,
): CommitOutcome {
  removeRow(population, row);
  for (const other of [...population.rows.values()]) {
    const holding = [...other.relations].filter(([, ids]) => ids.has(row.id));
    if (holding.length > 0) {
      const without = holding.map(
        ([name, ids]) => [name, new Set([...ids].filter((id) => id !== row.id))] as const,
      );
      const relations = new Map([...other.relations, ...without]);
      setRow(population, touched({ ...other, relations }, nowMs));
    }
  }
  return committed(row, true, { relationCounts: {}, skippedReferences: [] });
}

function committed(
  { revision, created, lastModified }: MemoryRow,
  changed: boolean,
  rest: { relationCounts: Record<string, number>; skippedReferences: readonly string[] },
): CommitOutcome {
  return { kind: "committed", changed, revision, created, lastModified, ...rest };
}

/** The next revision; the time never goes back, whatever the clock does. */
function touched(row: MemoryRow, nowMs: number): MemoryRow {
  const now = dateTimeText(nowMs);
  const isLater = compareCodePoints(now, row.lastModified) > 0;
  const lastModified = isLater ? now : row.lastModified;
  return { ...row, revision: row.revision + 1, lastModified };
}

function sameRelations(
  left: ReadonlyMap<string, ReadonlySet<string>>,
  right: ReadonlyMap<string, ReadonlySet<string>>,
): boolean {
  return [...new Set([...left.keys(), ...right.keys()])].every((name) => {
    const one = left.get(name) ?? new Set<string>();
    const other = right.get(name) ?? new Set<string>();
    return one.size === other.size && [...one].every((id) => other.has(id));
  });
}
