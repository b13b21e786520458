/** Finds which resources are on a page (RFC 7644 §3.4.2): through an index where one fits, otherwise part by part. */
import type { ResolvedFilter, ResourceQuery } from "@rollcall/scim";
import type { Scope } from "../../domain/tenant.ts";
import { areMatches, candidates } from "./candidates.ts";
import type { FilterSite } from "./filter-site.ts";
import { filterSite } from "./filter-site.ts";
import type { Match, Matches } from "./matches.ts";
import { createMatches } from "./matches.ts";
import type { Part } from "./page-to-sql.ts";
import { matchCountToSql, matchesToSql, sequenceBehindToSql } from "./page-to-sql.ts";
import type { PopulationFacts } from "./population-facts.ts";
import { populationFacts } from "./population-facts.ts";
import type { Script } from "./script.ts";
import { firstRowOf, rowsOf } from "./script.ts";
import type { SortKeyReading } from "./sort-key.ts";
import { sortKeyReading } from "./sort-key.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import type { Statement } from "./statement.ts";
import { compose, statement } from "./statement.ts";

/** How many resources one statement reads at most. */
const partSize = 5000;

/** What was found. */
export interface FoundPage {
  /** All matches, not only those on the page. */
  readonly total: number;
  /** Those on the page. */
  readonly ids: readonly string[];
}

/** Where to look. */
export type SearchPlan =
  /** At the resources that an index gives. */
  | {
      readonly kind: "candidates";
      readonly query: Statement;
      /** What is to be tried on them; nothing where the index has said it all. */
      readonly filter: ResolvedFilter | undefined;
    }
  | { readonly kind: "readAll"; readonly filter: ResolvedFilter | undefined };

/** Decides where to look. */
export function searchPlan(
  scope: Scope,
  query: ResourceQuery,
  { pointPaths }: PopulationFacts,
  dialect: SqlDialect,
): SearchPlan {
  const { filter } = query;
  const found = filter && candidates(filter, pointPaths, filterSite({ ...query, scope, dialect }));
  return found === undefined
    ? { kind: "readAll", filter }
    : {
        kind: "candidates",
        query: found,
        filter: filter && areMatches(filter, dialect) ? undefined : filter,
      };
}

/** Finds the page of a query. */
export function* findPage(
  scope: Scope,
  query: ResourceQuery,
  dialect: SqlDialect,
): Script<FoundPage> {
  const facts = yield* populationFacts(scope, query.resourceType, dialect);
  if (facts === undefined || facts.live === 0) {
    return { total: 0, ids: [] };
  }
  const plan = searchPlan(scope, query, facts, dialect);
  const ids = plan.kind === "candidates" ? yield* candidateIds(plan.query) : undefined;
  return yield* findPlanned(scope, query, { filter: plan.filter, ids }, dialect);
}

/** The ids that a query for candidates gives; with a limit no more than so many. */
export function* candidateIds(query: Statement, limit?: number): Script<readonly string[]> {
  const limited =
    limit === undefined ? query : compose`SELECT resource_id FROM (${query}) AS c LIMIT ${limit}`;
  const rows = yield* rowsOf<{ resource_id: string }>(limited);
  return rows.map(({ resource_id }) => resource_id);
}

/** What is known when the search begins. */
export interface PlannedSearch {
  readonly filter: ResolvedFilter | undefined;
  /** The only resources that can match; undefined for all of the type. */
  readonly ids: readonly string[] | undefined;
}

/** Finds the page of a query whose plan is made. */
export function* findPlanned(
  scope: Scope,
  query: ResourceQuery,
  { filter, ids }: PlannedSearch,
  dialect: SqlDialect,
): Script<FoundPage> {
  const site = filterSite({ ...query, scope, dialect });
  const search: Search = {
    filter,
    site,
    sort: sortOf(query, site),
    matches: createMatches(query, ids === undefined ? "in order" : "in any order"),
  };
  if (ids === undefined) {
    yield* readAllParts(search);
  } else {
    for (let start = 0; start < ids.length; start += partSize) {
      yield* readPart(search, { kind: "ids", ids: ids.slice(start, start + partSize) });
    }
  }
  return { total: search.matches.total, ids: search.matches.page() };
}

interface Search {
  readonly filter: ResolvedFilter | undefined;
  readonly site: FilterSite;
  readonly sort: SortKeyReading;
  readonly matches: Matches;
}

interface MatchRow {
  readonly sequence: number;
  readonly resource_id: string;
  readonly sort_text: string | null;
}

function sortOf({ sort }: ResourceQuery, site: FilterSite): SortKeyReading {
  return sort === undefined
    ? { text: statement("NULL"), keyOf: () => undefined }
    : sortKeyReading(sort.path, site);
}

/** Reads every resource of the type, so many at a time. */
function* readAllParts(search: Search): Script<void> {
  const { scope, resourceType } = search.site;
  let after = 0;
  for (;;) {
    const last = yield* firstRowOf<{ sequence: number }>(
      sequenceBehindToSql(scope, resourceType, after, partSize),
    );
    yield* readPart(search, { kind: "sequences", after, upTo: last?.sequence });
    if (last === undefined) {
      return;
    }
    after = last.sequence;
  }
}

function* readPart({ filter, site, sort, matches }: Search, part: Part): Script<void> {
  const search = { part, filter, site };
  if (matches.wanted) {
    const rows = yield* rowsOf<MatchRow>(matchesToSql(search, sort.text));
    matches.add(rows.map((row) => matchOf(row, sort)));
  } else {
    const row = yield* firstRowOf<{ total: number }>(matchCountToSql(search));
    matches.count(row?.total ?? 0);
  }
}

function matchOf({ resource_id, sequence, sort_text }: MatchRow, sort: SortKeyReading): Match {
  return { id: resource_id, sequence, key: sort.keyOf(sort_text) };
}
