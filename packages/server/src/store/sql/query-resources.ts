/** Answers a query (RFC 7644 §3.4.2) from one snapshot. */
import type { ResourcePage, ResourceQuery } from "@rollcall/scim";
import { ScimError } from "@rollcall/scim";
import type { Scope } from "../../domain/tenant.ts";
import { filterSite } from "./filter-site.ts";
import type { FoundPage, PlannedSearch, PopulatedPart, SearchSite } from "./find-page.ts";
import { candidateIds, findPage, findPlanned, populatedParts, searchPlan } from "./find-page.ts";
import type { RowPage } from "./page-in-order.ts";
import { isInOrder, pageCost, rowsInOrder } from "./page-in-order.ts";
import { matchingRowsToSql } from "./page-to-sql.ts";
import type { PartRow } from "./read-resource.ts";
import { foundResources } from "./read-resource.ts";
import { readingCostMax, relationsCost, searchCost } from "./reading-cost.ts";
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

/** Answers a query if that takes a few milliseconds at most, for a database that stops the process while it reads. */
export function answerQuickly(
  scope: Scope,
  query: ResourceQuery,
  dialect: SqlDialect,
): Script<QuickAnswer> {
  return answerWithin({ scope, query, dialect }, readingCostMax);
}

/** Answers a query unless more resources have to be searched than an index gives, for any other database. */
export function* answerUnlessScan(
  scope: Scope,
  query: ResourceQuery,
  dialect: SqlDialect,
): Script<ResourcePage | undefined> {
  const answer = yield* answerWithin({ scope, query, dialect }, Number.POSITIVE_INFINITY);
  return answer.kind === "page" ? answer.page : undefined;
}

function* answerWithin(site: SearchSite, pageCostMax: number): Script<QuickAnswer> {
  const { scope, query, dialect } = site;
  const populated = yield* populatedParts(scope, query, dialect);
  if (populated.length === 0) {
    return { kind: "page", page: { totalResults: 0, resources: [] } };
  }
  if (isInOrder(query)) {
    if (pageCost(query, populated) > pageCostMax) {
      return { kind: "read" };
    }
    const rows = yield* rowsInOrder(scope, query, populated);
    return yield* quickPage(site, { ...rows, total: liveIn(populated) }, pageCostMax);
  }
  const planned = yield* planQuickly(populated, site);
  if (planned === undefined) {
    checkDepth(query, liveIn(populated));
    return { kind: "search" };
  }
  return yield* quickPage(site, yield* searchQuickly(planned, site), pageCostMax);
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
  const populated = yield* populatedParts(scope, query, dialect);
  const { rows, next, previous } = yield* rowsInOrder(scope, query, populated);
  const resources = yield* foundResources(scope, query.parts, rows, dialect);
  return { totalResults: liveIn(populated), resources, next, previous };
}

/** Loads a page that was found. */
export function* loadPage(
  scope: Scope,
  query: ResourceQuery,
  page: FoundPage,
  dialect: SqlDialect,
): Script<ResourcePage> {
  const { rows, next, previous } = yield* rowsOfPage(page, { scope, query, dialect });
  const resources = yield* foundResources(scope, query.parts, rows, dialect);
  return { totalResults: page.total, resources, next, previous };
}

/** How many resources the parts have together. */
function liveIn(populated: readonly PopulatedPart[]): number {
  return populated.reduce((sum, { facts }) => sum + facts.live, 0);
}

function checkDepth({ order, startIndex, count, walk }: ResourceQuery, live: number): void {
  const isCounted = order !== "created" && walk === undefined;
  if (isCounted && Math.min(startIndex - 1 + count, live) > sortedPlacesMax) {
    throw new ScimError(
      "tooMany",
      `Sorted results are given up to place ${sortedPlacesMax}; leave out sortBy, or page by cursor, to read further.`,
      { reason: "scan: sorted page too deep" },
    );
  }
}

/** Where to look, if that is a small part of the population; otherwise nothing. */
function* planQuickly(
  populated: readonly PopulatedPart[],
  site: SearchSite,
): Script<readonly PlannedSearch[] | undefined> {
  const planned: PlannedSearch[] = [];
  let left = readingCostMax;
  for (const one of populated) {
    const { part, asked, facts } = one;
    const plan = searchPlan(one, site);
    const ids = plan.kind === "candidates" ? yield* candidateIds(plan.query, left + 1) : undefined;
    const count = ids?.length ?? facts.live;
    if (count > left) {
      return undefined;
    }
    const some = ids === undefined ? asked : { ids };
    const wish = { ...asked, filter: plan.filter };
    left -= yield* searchCost(site.scope, wish, some, count, site.dialect);
    if (left < 0) {
      return undefined;
    }
    planned.push({ part, asked, filter: plan.filter, ids });
  }
  return planned;
}

type CountedRows = RowPage & { readonly total: number };

function* searchQuickly(planned: readonly PlannedSearch[], site: SearchSite): Script<CountedRows> {
  const { scope, query, dialect } = site;
  const [only, ...others] = planned;
  const isCut = query.order !== "created" || query.walk !== undefined || others.length > 0;
  if (only?.ids !== undefined && !isCut && only.ids.length <= query.count) {
    const { part, asked, ids, filter } = only;
    if (ids.length === 0) {
      return { total: 0, rows: [], next: undefined, previous: undefined };
    }
    // All that match fit on the page: to find them and to load them is one thing.
    const inSite = filterSite({ ...asked, scope, baseUrl: query.baseUrl, dialect });
    const found = yield* rowsOf<ResourceRow>(
      matchingRowsToSql({ part: { kind: "ids", ids }, filter, site: inSite }),
    );
    const rows = found.slice(query.startIndex - 1).map((row) => ({ part, row }));
    return { total: found.length, rows, next: undefined, previous: undefined };
  }
  const page = yield* findPlanned(planned, site);
  return { ...(yield* rowsOfPage(page, site)), total: page.total };
}

/** The page of the rows, unless loading their relations takes too long. */
function* quickPage(
  { scope, query, dialect }: SearchSite,
  { total, rows, next, previous }: CountedRows,
  pageCostMax: number,
): Script<QuickAnswer> {
  if (Number.isFinite(pageCostMax)) {
    let cost = 0;
    for (const [part, { resourceType, relations }] of query.parts.entries()) {
      const ids = rows.filter((one) => one.part === part).map(({ row }) => row.resource_id);
      cost += yield* relationsCost(scope, resourceType, ids, relations, dialect);
    }
    if (cost > pageCostMax) {
      return { kind: "read" };
    }
  }
  const resources = yield* foundResources(scope, query.parts, rows, dialect);
  return { kind: "page", page: { totalResults: total, resources, next, previous } };
}

/** The rows of a page that was found, in its order. */
function* rowsOfPage(
  { found: { places, next, previous } }: FoundPage,
  { scope, dialect }: SearchSite,
): Script<RowPage> {
  if (places.length === 0) {
    return { rows: [], next, previous };
  }
  const ids = places.map(({ id }) => id);
  const read = yield* resourcesById(scope, ids, dialect.listTable);
  const byId = new Map(read.map((row) => [row.resource_id, row]));
  const rows = places.flatMap(({ id, part }): readonly PartRow[] => {
    const row = byId.get(id);
    return row === undefined ? [] : [{ part, row }];
  });
  return { rows, next, previous };
}
