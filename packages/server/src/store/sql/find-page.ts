/** Finds which resources are on a page (RFC 7644 §3.4.2): through an index where one fits, otherwise part by part. */
import type { QueryPart, ResolvedFilter, ResourceQuery, WalkedPage } from "@rollcall/scim";
import type { Scope } from "../../domain/tenant.ts";
import { areMatches, candidates } from "./candidates.ts";
import type { FilterSite } from "./filter-site.ts";
import { filterSite } from "./filter-site.ts";
import type { Matches } from "./matches.ts";
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
import { together } from "./together.ts";

/** How many resources one statement reads at most. */
const partSize = 5000;

/** Where a page is. */
export interface FoundPage {
  /** All matches, not only those on the page. */
  readonly total: number;
  readonly found: WalkedPage<FoundPlace>;
}

/** A resource on a page. */
export interface FoundPlace {
  readonly id: string;
  /** The part of the query that it answers. */
  readonly part: number;
}

/** One part of a query, in a population that has such resources. */
export interface PopulatedPart {
  readonly part: number;
  readonly asked: QueryPart;
  readonly facts: PopulationFacts;
}

/** The parts of a query that have resources at all, with what holds for those. */
export function* populatedParts(
  scope: Scope,
  { parts }: ResourceQuery,
  dialect: SqlDialect,
): Script<readonly PopulatedPart[]> {
  const facts = yield* together(
    parts.map(({ resourceType }) => populationFacts(scope, resourceType, dialect)),
  );
  return parts.flatMap((asked, part) => {
    const known = facts[part];
    return known === undefined || known.live === 0 ? [] : [{ part, asked, facts: known }];
  });
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
  { asked, facts }: PopulatedPart,
  { scope, query, dialect }: SearchSite,
): SearchPlan {
  const { filter } = asked;
  const site = filterSite({ ...asked, scope, baseUrl: query.baseUrl, dialect });
  const found = filter && candidates(filter, facts.pointPaths, site);
  return found === undefined
    ? { kind: "readAll", filter }
    : {
        kind: "candidates",
        query: found,
        filter: filter && areMatches(filter, dialect) ? undefined : filter,
      };
}

/** What is searched and where. */
export interface SearchSite {
  readonly scope: Scope;
  readonly query: ResourceQuery;
  readonly dialect: SqlDialect;
}

/** Finds the page of a query. */
export function* findPage(
  scope: Scope,
  query: ResourceQuery,
  dialect: SqlDialect,
): Script<FoundPage> {
  const site = { scope, query, dialect };
  const planned: PlannedSearch[] = [];
  for (const populated of yield* populatedParts(scope, query, dialect)) {
    const plan = searchPlan(populated, site);
    const ids = plan.kind === "candidates" ? yield* candidateIds(plan.query) : undefined;
    planned.push({ ...populated, filter: plan.filter, ids });
  }
  return yield* findPlanned(planned, site);
}

/** The ids that a query for candidates gives; with a limit no more than so many. */
export function* candidateIds(query: Statement, limit?: number): Script<readonly string[]> {
  const limited =
    limit === undefined ? query : compose`SELECT resource_id FROM (${query}) AS c LIMIT ${limit}`;
  const rows = yield* rowsOf<{ resource_id: string }>(limited);
  return rows.map(({ resource_id }) => resource_id);
}

/** What is known of one part when the search begins. */
export interface PlannedSearch extends Pick<PopulatedPart, "part" | "asked"> {
  /** What is still to be tried. */
  readonly filter: ResolvedFilter | undefined;
  /** The only resources that can match; undefined for all of the type. */
  readonly ids: readonly string[] | undefined;
}

/** Finds the page of a query whose plan is made. */
export function* findPlanned(
  planned: readonly PlannedSearch[],
  { scope, query, dialect }: SearchSite,
): Script<FoundPage> {
  const isInOrder = planned.every(({ ids }) => ids === undefined);
  const matches = createMatches(query, isInOrder ? "in order" : "in any order");
  for (const { part, asked, filter, ids } of planned) {
    const site = filterSite({ ...asked, scope, baseUrl: query.baseUrl, dialect });
    const search = { part, filter, site, sort: sortOf(asked, site), matches };
    if (ids === undefined) {
      yield* readAllParts(search);
    } else {
      for (let start = 0; start < ids.length; start += partSize) {
        yield* readPart(search, { kind: "ids", ids: ids.slice(start, start + partSize) });
      }
    }
  }
  const { places, next, previous } = matches.page();
  const found = places.map(({ id, part }) => ({ id, part }));
  return { total: matches.total, found: { places: found, next, previous } };
}

interface Search {
  readonly part: number;
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

function sortOf({ sortBy }: QueryPart, site: FilterSite): SortKeyReading {
  return sortBy === undefined
    ? { text: statement("NULL"), keyOf: () => undefined }
    : sortKeyReading(sortBy, site);
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

function* readPart({ part, filter, site, sort, matches }: Search, range: Part): Script<void> {
  const search = { part: range, filter, site };
  if (matches.wanted) {
    const rows = yield* rowsOf<MatchRow>(matchesToSql(search, sort.text));
    matches.add(
      rows.map(({ resource_id: id, sequence, sort_text }) => ({
        id,
        part,
        sequence,
        key: sort.keyOf(sort_text),
      })),
    );
  } else {
    const row = yield* firstRowOf<{ total: number }>(matchCountToSql(search));
    matches.count(row?.total ?? 0);
  }
}
