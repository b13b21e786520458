/** Pages of all resources in the order of creation, which an index leads to, however deep they are (RFC 7644 §3.4.2.4, RFC 9865 §2). */
import type { PagePlace, PageWalk, ResourceQuery, WalkedPage } from "@rollcall/scim";
import { parsePosition, walkedPage } from "@rollcall/scim";
import type { Scope } from "../../domain/tenant.ts";
import type { PopulatedPart } from "./find-page.ts";
import { sliceToSql } from "./page-to-sql.ts";
import type { PartRow } from "./read-resource.ts";
import { derivedCostOf } from "./reading-cost.ts";
import type { ResourceRow } from "./resources.ts";
import type { Script } from "./script.ts";
import { rowsOf } from "./script.ts";

/** Walking the index of all resources costs so many times less than reading them. */
const walkedAtUnit = 20;

/** A row with its place among all. */
interface PlacedRow extends PagePlace, PartRow {}

/** Rows of a page with the positions around it. */
export type RowPage = Pick<WalkedPage<PartRow>, "next" | "previous"> & {
  readonly rows: readonly PartRow[];
};

/** Whether the page is one of all resources, in the order of creation. */
export function isInOrder({ parts, order, count }: ResourceQuery): boolean {
  return parts.every(({ filter }) => filter === undefined) && (order === "created" || count === 0);
}

/** What a page in order costs, its relations aside, whose size nobody knows yet. */
export function pageCost(query: ResourceQuery, populated: readonly PopulatedPart[]): number {
  if (query.walk !== undefined) {
    const derived = populated.map(({ asked }) =>
      derivedCostOf(asked.resourceType, asked.relations, query.count),
    );
    return query.count === 0 ? 0 : query.count + Math.max(0, ...derived);
  }
  return offsetsOf(query, populated)
    .map(({ asked, facts, offset, count }) =>
      count === 0
        ? 0
        : Math.min(offset, facts.live - offset) / walkedAtUnit +
          count +
          derivedCostOf(asked.resourceType, asked.relations, count),
    )
    .reduce((sum, cost) => sum + cost, 0);
}

/** Reads the rows of a page in order. */
export function* rowsInOrder(
  scope: Scope,
  query: ResourceQuery,
  populated: readonly PopulatedPart[],
): Script<RowPage> {
  if (query.count === 0) {
    return { rows: [], next: undefined, previous: undefined };
  }
  if (query.walk !== undefined) {
    return yield* rowsOfWalk(scope, query, query.walk, populated);
  }
  const rows: PartRow[] = [];
  for (const { part, asked, facts, offset, count } of offsetsOf(query, populated)) {
    if (count > 0) {
      const slice = { by: "offset", offset, count, live: facts.live } as const;
      const found = yield* rowsOf<ResourceRow>(sliceToSql(scope, asked.resourceType, slice));
      rows.push(...found.map((row) => ({ part, row })));
    }
  }
  return { rows, next: undefined, previous: undefined };
}

/** Where in each part a page by index begins, and how many of it are on the page. */
function offsetsOf({ startIndex, count }: ResourceQuery, populated: readonly PopulatedPart[]) {
  let before = 0;
  return populated.map((one) => {
    const { live } = one.facts;
    const offset = Math.min(live, Math.max(0, startIndex - 1 - before));
    const end = Math.min(live, Math.max(0, startIndex - 1 + count - before));
    before += live;
    return { ...one, offset, count: Math.max(0, end - offset) };
  });
}

function* rowsOfWalk(
  scope: Scope,
  { count }: ResourceQuery,
  { way, position }: PageWalk,
  populated: readonly PopulatedPart[],
): Script<RowPage> {
  const from = position === undefined ? undefined : parsePosition(position);
  const ahead = yield* neighboursOf(scope, populated, { way, from, count: count + 1 });
  const hasMore = ahead.length > count;
  const page = ahead.slice(0, count);
  // One on the other side is enough to know that there is something.
  const nearest = page[0] ?? from;
  const other = way === "forward" ? "backward" : "forward";
  const hasPassed =
    from !== undefined &&
    nearest !== undefined &&
    (yield* neighboursOf(scope, populated, { way: other, from: nearest, count: 1 })).length > 0;
  const walked =
    way === "forward"
      ? walkedPage(page, { isMoreBehind: hasMore, isMoreBefore: hasPassed })
      : walkedPage(page.toReversed(), { isMoreBehind: hasPassed, isMoreBefore: hasMore });
  return { rows: walked.places, next: walked.next, previous: walked.previous };
}

/** The rows next to a place, the nearest first, across the borders of parts; without place from the very beginning. */
function* neighboursOf(
  scope: Scope,
  populated: readonly PopulatedPart[],
  wish: {
    readonly way: PageWalk["way"];
    readonly from: PagePlace | undefined;
    readonly count: number;
  },
): Script<readonly PlacedRow[]> {
  const { way, from, count } = wish;
  const isForward = way === "forward";
  const rows: PlacedRow[] = [];
  for (const { part, asked } of isForward ? populated : populated.toReversed()) {
    const isPassed = from !== undefined && (isForward ? part < from.part : part > from.part);
    if (isPassed || rows.length >= count) {
      continue;
    }
    const edge = isForward ? 0 : Number.MAX_SAFE_INTEGER;
    const sequence = from?.part === part ? from.sequence : edge;
    const by = isForward ? "after" : "before";
    const found = yield* rowsOf<ResourceRow>(
      sliceToSql(scope, asked.resourceType, { by, sequence, count: count - rows.length }),
    );
    rows.push(...found.map((row) => ({ part, row, sequence: row.sequence, key: undefined })));
  }
  return rows;
}
