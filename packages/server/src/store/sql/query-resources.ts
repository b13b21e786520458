/** Answers a query (RFC 7644 §3.4.2) from one snapshot: through an index where one fits, otherwise part by part. */
import type { ResolvedFilter, ResourcePage, ResourceQuery } from "@rollcall/scim";
import { compareSortKeys } from "@rollcall/scim";
import type { Scope } from "../../domain/tenant.ts";
import { candidates } from "./candidates.ts";
import type { FilterSite } from "./filter-site.ts";
import { filterSite } from "./filter-site.ts";
import type { Part } from "./page-to-sql.ts";
import { matchesToSql, pageToSql, sequenceBehindToSql } from "./page-to-sql.ts";
import type { PopulationFacts } from "./population-facts.ts";
import { populationFacts } from "./population-facts.ts";
import { storedResource } from "./read-resource.ts";
import type { ResourceRow } from "./resources.ts";
import { resourcesById } from "./resources.ts";
import type { Script } from "./script.ts";
import { firstRowOf, rowsOf } from "./script.ts";
import type { SortKey, SortKeyReading } from "./sort-key.ts";
import { sortKeyReading } from "./sort-key.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import type { Statement } from "./statement.ts";
import { compose, statement } from "./statement.ts";

/** How many resources one statement reads when none can be left out. */
export const partSize: number = 5000;

/** Answers a query, unless more resources have to be read for it than one part has. */
export function* answerUnlessScan(
  scope: Scope,
  query: ResourceQuery,
  dialect: SqlDialect,
): Script<ResourcePage | undefined> {
  const plan = yield* planOf(scope, query, dialect);
  const isScan =
    (plan.kind === "readAll" && plan.facts.live > partSize) || plan.kind === "manyCandidates";
  return isScan ? undefined : yield* answerPlanned(scope, query, plan, dialect);
}

/** Answers a query. */
export function* answerQuery(
  scope: Scope,
  query: ResourceQuery,
  dialect: SqlDialect,
): Script<ResourcePage> {
  const plan = yield* planOf(scope, query, dialect);
  return yield* answerPlanned(scope, query, plan, dialect);
}

/** How to find the resources. */
type Plan =
  /** A page of all there are, in the order of creation. */
  | { readonly kind: "inOrder"; readonly facts: PopulationFacts }
  /** An index gave these, no more than one part has. */
  | { readonly kind: "candidates"; readonly ids: readonly string[] }
  /** An index gives more than that. */
  | { readonly kind: "manyCandidates"; readonly query: Statement }
  | { readonly kind: "readAll"; readonly facts: PopulationFacts };

function* planOf(scope: Scope, query: ResourceQuery, dialect: SqlDialect): Script<Plan> {
  const facts = yield* populationFacts(scope, query.resourceType);
  if (facts === undefined || facts.live === 0) {
    return { kind: "candidates", ids: [] };
  }
  if (query.filter === undefined) {
    const isInOrder = query.sort === undefined || query.count === 0;
    return { kind: isInOrder ? "inOrder" : "readAll", facts };
  }
  const ids = candidatesOf(scope, query, query.filter, facts, dialect);
  if (ids === undefined) {
    return { kind: "readAll", facts };
  }
  const first = yield* idsOf(compose`SELECT resource_id FROM (${ids}) AS c LIMIT ${partSize + 1}`);
  return first.length > partSize
    ? { kind: "manyCandidates", query: ids }
    : { kind: "candidates", ids: first };
}

function* answerPlanned(
  scope: Scope,
  query: ResourceQuery,
  plan: Plan,
  dialect: SqlDialect,
): Script<ResourcePage> {
  if (plan.kind === "inOrder") {
    return yield* answerInOrder(scope, query, plan.facts);
  }
  const search = searchOf(scope, query, dialect);
  if (plan.kind === "readAll") {
    yield* readAllParts(search, plan.facts);
  } else {
    const ids = plan.kind === "candidates" ? plan.ids : yield* idsOf(plan.query);
    for (let start = 0; start < ids.length; start += partSize) {
      yield* readPart(search, { kind: "ids", ids: ids.slice(start, start + partSize) });
    }
  }
  return {
    totalResults: search.found.total,
    resources: yield* loadPage(scope, query, search.found.page(), dialect),
  };
}

function* idsOf(query: Statement): Script<readonly string[]> {
  const rows = yield* rowsOf<{ resource_id: string }>(query);
  return rows.map(({ resource_id }) => resource_id);
}

function candidatesOf(
  scope: Scope,
  query: ResourceQuery,
  filter: ResolvedFilter,
  { pointPaths }: PopulationFacts,
  dialect: SqlDialect,
): Statement | undefined {
  return candidates(filter, pointPaths, filterSite({ ...query, scope, dialect }));
}

function* answerInOrder(
  scope: Scope,
  { resourceType, startIndex, count, relations }: ResourceQuery,
  { live }: PopulationFacts,
): Script<ResourcePage> {
  const offset = startIndex - 1;
  const rows =
    count === 0 || offset >= live
      ? []
      : yield* rowsOf<ResourceRow>(pageToSql(scope, resourceType, { offset, count }));
  const resources = [];
  for (const row of rows) {
    resources.push(yield* storedResource(scope, resourceType, row, relations));
  }
  return { totalResults: live, resources };
}

interface Match {
  readonly id: string;
  readonly sequence: number;
  readonly key: SortKey;
}

interface MatchRow {
  readonly sequence: number;
  readonly resource_id: string;
  readonly sort_text: string | null;
}

interface Search {
  readonly scope: Scope;
  readonly query: ResourceQuery;
  readonly site: FilterSite;
  readonly sort: SortKeyReading;
  readonly found: Matches;
}

/** The matches found so far: how many, and those that can still be on the page. */
interface Matches {
  readonly total: number;
  add(matches: readonly Match[]): void;
  page(): readonly string[];
}

function searchOf(scope: Scope, query: ResourceQuery, dialect: SqlDialect): Search {
  const site = filterSite({ ...query, scope, dialect });
  const sort: SortKeyReading =
    query.sort === undefined
      ? { text: statement("NULL"), keyOf: () => undefined }
      : sortKeyReading(query.sort.path, site);
  return { scope, query, site, sort, found: matchesOf(query) };
}

function matchesOf({ startIndex, count, sort }: ResourceQuery): Matches {
  const offset = startIndex - 1;
  const keptMax = count === 0 ? 0 : offset + count;
  let kept: Match[] = [];
  let total = 0;
  const compare = (left: Match, right: Match) =>
    (sort === undefined ? 0 : compareSortKeys(left.key, right.key, sort)) ||
    left.sequence - right.sequence;
  return {
    get total() {
      return total;
    },
    add: (matches) => {
      total += matches.length;
      kept = [...kept, ...matches].sort(compare).slice(0, keptMax);
    },
    page: () => kept.slice(offset).map(({ id }) => id),
  };
}

/** Reads every resource of the type, so many at a time; between the parts others may have their turn. */
function* readAllParts(search: Search, { live }: PopulationFacts): Script<void> {
  const { scope, query } = search;
  let after = 0;
  for (let left = live; left > 0; left -= partSize) {
    const last = yield* firstRowOf<{ sequence: number }>(
      sequenceBehindToSql(scope, query.resourceType, after, Math.min(left, partSize)),
    );
    if (last === undefined) {
      return;
    }
    yield* readPart(search, { kind: "sequences", after, upTo: last.sequence });
    after = last.sequence;
  }
}

function* readPart({ query, site, sort, found }: Search, part: Part): Script<void> {
  const rows = yield* rowsOf<MatchRow>(matchesToSql(query.filter, sort.text, part, site));
  found.add(
    rows.map(({ resource_id, sequence, sort_text }) => ({
      id: resource_id,
      sequence,
      key: sort.keyOf(sort_text),
    })),
  );
}

function* loadPage(
  scope: Scope,
  { resourceType, relations }: ResourceQuery,
  ids: readonly string[],
  dialect: SqlDialect,
): Script<ResourcePage["resources"]> {
  if (ids.length === 0) {
    return [];
  }
  const rows = yield* resourcesById(scope, ids, dialect.listTable);
  const byId = new Map(rows.map((row) => [row.resource_id, row]));
  const resources = [];
  for (const id of ids) {
    const row = byId.get(id);
    if (row !== undefined) {
      resources.push(yield* storedResource(scope, resourceType, row, relations));
    }
  }
  return resources;
}
