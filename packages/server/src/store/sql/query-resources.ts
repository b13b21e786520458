/** Answers a query (RFC 7644 §3.4.2) from one snapshot. */
import type { ResourcePage, ResourceQuery } from "@rollcall/scim";
import { ScimError } from "@rollcall/scim";
import type { Scope } from "../../domain/tenant.ts";
import { filterSite } from "./filter-site.ts";
import type { FoundPage, PlannedSearch } from "./find-page.ts";
import { candidateIds, findPage, findPlanned, searchPlan } from "./find-page.ts";
import { matchingRowsToSql, pageToSql } from "./page-to-sql.ts";
import type { PopulationFacts } from "./population-facts.ts";
import { populationFacts } from "./population-facts.ts";
import { storedResources } from "./read-resource.ts";
import { derivedCostOf, readingCostMax, relationsCost, searchCost } from "./reading-cost.ts";
import type { ResourceRow } from "./resources.ts";
import { resourcesById } from "./resources.ts";
import type { Script } from "./script.ts";
import { rowsOf } from "./script.ts";
import type { SqlDialect } from "./sql-dialect.ts";

/** An answer, or what makes it take long: to look for the resources, or to read what there is of them. */
export type QuickAnswer =
  | { readonly kind: "page"; readonly page: ResourcePage }
  | { readonly kind: "search" }
  | { readonly kind: "read" };

/** Until what place the results of a sorted search are kept: some dozen MiB. */
const sortedPlacesMax = 200_000;

/** Walking the index of all resources costs so many times less than reading them. */
const walkedAtUnit = 20;

/** Answers a query if that takes a few milliseconds at most, for a database that stops the process while it reads. */
export function answerQuickly(
  scope: Scope,
  query: ResourceQuery,
  dialect: SqlDialect,
): Script<QuickAnswer> {
  return answerWithin(scope, query, dialect, readingCostMax);
}

/** Answers a query unless more resources have to be searched than an index gives, for any other database. */
export function* answerUnlessScan(
  scope: Scope,
  query: ResourceQuery,
  dialect: SqlDialect,
): Script<ResourcePage | undefined> {
  const answer = yield* answerWithin(scope, query, dialect, Number.POSITIVE_INFINITY);
  return answer.kind === "page" ? answer.page : undefined;
}

function* answerWithin(
  scope: Scope,
  query: ResourceQuery,
  dialect: SqlDialect,
  pageCostMax: number,
): Script<QuickAnswer> {
  const { resourceType } = query;
  const facts = yield* populationFacts(scope, resourceType, dialect);
  if (facts === undefined || facts.live === 0) {
    return { kind: "page", page: { totalResults: 0, resources: [] } };
  }
  const site = { scope, query, dialect, pageCostMax };
  if (isInOrder(query)) {
    if (pageCost(query, facts) > pageCostMax) {
      return { kind: "read" };
    }
    const rows = yield* rowsInOrder(scope, query, facts);
    return yield* quickPage(site, { total: facts.live, rows });
  }
  const planned = yield* planQuickly(scope, query, facts, dialect);
  if (planned === undefined) {
    checkDepth(query, facts);
  }
  return planned === undefined
    ? { kind: "search" }
    : yield* quickPage(site, yield* searchQuickly(scope, query, planned, dialect));
}

/** Answers a query, whatever it takes. */
export function* answerQuery(
  scope: Scope,
  query: ResourceQuery,
  dialect: SqlDialect,
): Script<ResourcePage> {
  if (!isInOrder(query)) {
    return yield* loadPage(scope, query, yield* findPage(scope, query, dialect), dialect);
  }
  const facts = yield* populationFacts(scope, query.resourceType, dialect);
  const rows = facts === undefined ? [] : yield* rowsInOrder(scope, query, facts);
  const resources = yield* storedResources(
    scope,
    query.resourceType,
    rows,
    query.relations,
    dialect,
  );
  return { totalResults: facts?.live ?? 0, resources };
}

/** Loads a page that was found. */
export function* loadPage(
  scope: Scope,
  { resourceType, relations }: ResourceQuery,
  { total, ids }: FoundPage,
  dialect: SqlDialect,
): Script<ResourcePage> {
  const rows = yield* rowsOfIds(scope, ids, dialect);
  return {
    totalResults: total,
    resources: yield* storedResources(scope, resourceType, rows, relations, dialect),
  };
}

function checkDepth({ sort, startIndex, count }: ResourceQuery, { live }: PopulationFacts): void {
  if (sort !== undefined && Math.min(startIndex - 1 + count, live) > sortedPlacesMax) {
    throw new ScimError(
      "tooMany",
      `Sorted results are given up to place ${sortedPlacesMax}; leave out sortBy to read further.`,
      { reason: "scan: sorted page too deep" },
    );
  }
}

/** Whether the page is one of all resources, in the order of creation. */
function isInOrder({ filter, sort, count }: ResourceQuery): boolean {
  return filter === undefined && (sort === undefined || count === 0);
}

/** What a page in order costs, its relations aside, whose size nobody knows yet. */
function pageCost(
  { resourceType, startIndex, count, relations }: ResourceQuery,
  { live }: PopulationFacts,
): number {
  const offset = startIndex - 1;
  const places = Math.max(0, Math.min(count, live - offset));
  return places === 0
    ? 0
    : Math.min(offset, live - offset) / walkedAtUnit +
        places +
        derivedCostOf(resourceType, relations, places);
}

function* rowsInOrder(
  scope: Scope,
  { resourceType, startIndex, count }: ResourceQuery,
  { live }: PopulationFacts,
): Script<readonly ResourceRow[]> {
  const offset = startIndex - 1;
  return count === 0 || offset >= live
    ? []
    : yield* rowsOf<ResourceRow>(pageToSql(scope, resourceType, { offset, count, live }));
}

/** Where to look, if that is a small part of the population; otherwise nothing. */
function* planQuickly(
  scope: Scope,
  query: ResourceQuery,
  facts: PopulationFacts,
  dialect: SqlDialect,
): Script<PlannedSearch | undefined> {
  const plan = searchPlan(scope, query, facts, dialect);
  const ids =
    plan.kind === "candidates" ? yield* candidateIds(plan.query, readingCostMax + 1) : undefined;
  const count = ids?.length ?? facts.live;
  if (count > readingCostMax) {
    return undefined;
  }
  const { resourceType } = query;
  const wish = { ...query, filter: plan.filter };
  const some = ids === undefined ? { resourceType } : { ids };
  const cost = yield* searchCost(scope, wish, some, count, dialect);
  return cost > readingCostMax ? undefined : { filter: plan.filter, ids };
}

interface RowsFound {
  readonly total: number;
  readonly rows: readonly ResourceRow[];
}

function* searchQuickly(
  scope: Scope,
  query: ResourceQuery,
  planned: PlannedSearch,
  dialect: SqlDialect,
): Script<RowsFound> {
  const { ids, filter } = planned;
  const { sort, startIndex, count } = query;
  if (ids !== undefined && sort === undefined && ids.length <= count) {
    if (ids.length === 0) {
      return { total: 0, rows: [] };
    }
    // All that match fit on the page: to find them and to load them is one thing.
    const site = filterSite({ ...query, scope, dialect });
    const rows = yield* rowsOf<ResourceRow>(
      matchingRowsToSql({ part: { kind: "ids", ids }, filter, site }),
    );
    return { total: rows.length, rows: rows.slice(startIndex - 1) };
  }
  const found = yield* findPlanned(scope, query, planned, dialect);
  return { total: found.total, rows: yield* rowsOfIds(scope, found.ids, dialect) };
}

interface QuickSite {
  readonly scope: Scope;
  readonly query: ResourceQuery;
  readonly dialect: SqlDialect;
  readonly pageCostMax: number;
}

/** The page of the rows, unless loading their relations takes too long. */
function* quickPage(
  { scope, query, dialect, pageCostMax }: QuickSite,
  { total, rows }: RowsFound,
): Script<QuickAnswer> {
  const { resourceType, relations } = query;
  if (Number.isFinite(pageCostMax)) {
    const ids = rows.map(({ resource_id }) => resource_id);
    const cost = yield* relationsCost(scope, resourceType, ids, relations, dialect);
    if (cost > pageCostMax) {
      return { kind: "read" };
    }
  }
  const resources = yield* storedResources(scope, resourceType, rows, relations, dialect);
  return { kind: "page", page: { totalResults: total, resources } };
}

/** The rows of resources in the order of their ids. */
function* rowsOfIds(
  scope: Scope,
  ids: readonly string[],
  dialect: SqlDialect,
): Script<readonly ResourceRow[]> {
  if (ids.length === 0) {
    return [];
  }
  const rows = yield* resourcesById(scope, ids, dialect.listTable);
  const byId = new Map(rows.map((row) => [row.resource_id, row]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}
