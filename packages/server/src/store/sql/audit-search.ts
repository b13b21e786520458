/**
 * Searches the audit log. A target is found by an index, a time too; for everything else the numbers are walked, some
 * thousands at a time: who wrote and what was done have few different values, and an index of them would cost every
 * write of the tenant more than it helps an operator.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Selectable } from "kysely";
import type { NumberedAuditEntry } from "../../domain/audit-entry.ts";
import type { AuditSearch } from "../../domain/audit-search.ts";
import { auditPageMax } from "../../domain/audit-search.ts";
import type { TenantId } from "../../domain/tenant.ts";
import { entryOf } from "./audit-log.ts";
import type { AuditEntriesTable } from "./database.ts";
import type { ReadScript, Script } from "./script.ts";
import { firstRowOf, rowsIn, rowsOf } from "./script.ts";
import type { Statement } from "./statement.ts";
import { compose, joined, statement } from "./statement.ts";

/** How many numbers one statement walks. */
const walkedAtOnceMax = 10_000;

/** Numbers between two others. */
interface NumberRange {
  readonly above: number;
  readonly below: number;
}

/** Finds the entries that fit, newest last. */
export async function searchAuditEntries(
  readOnce: ReadScript,
  tenantId: TenantId,
  search: AuditSearch,
): Promise<readonly NumberedAuditEntry[]> {
  if (search.limit > auditPageMax) {
    throw new TypeError(`at most ${auditPageMax} entries are read at once`);
  }
  const range = await readOnce(rangeOf(tenantId, search));
  const site = { tenantId, forward: search.after !== undefined, filters: filtersOf(search) };
  const found =
    search.targetId === undefined && search.target === undefined
      ? await walk(readOnce, range, search.limit, site)
      : await readOnce(entriesOfTarget(range, search, site));
  const entries = found.map(numberedEntryOf);
  return site.forward ? entries : entries.reverse();
}

interface SearchSite {
  readonly tenantId: TenantId;
  /** Whether the oldest that fit are wanted, not the latest. */
  readonly forward: boolean;
  readonly filters: readonly Statement[];
}

type EntryRow = Selectable<AuditEntriesTable>;

async function walk(
  readOnce: ReadScript,
  range: NumberRange,
  limit: number,
  site: SearchSite,
): Promise<readonly EntryRow[]> {
  const found: EntryRow[] = [];
  let { above, below } = range;
  while (found.length < limit && above + 1 < below) {
    const part = site.forward
      ? { above, below: Math.min(below, above + walkedAtOnceMax + 1) }
      : { above: Math.max(above, below - walkedAtOnceMax - 1), below };
    found.push(...(await readOnce(entriesBetween(part, limit - found.length, site))));
    if (site.forward) {
      above = part.below - 1;
    } else {
      below = part.above + 1;
    }
    // A long walk lets others come in between.
    await nextTurn();
  }
  return found;
}

/** The numbers among which to look. */
function* rangeOf(
  tenantId: TenantId,
  { from, to, before, after = 0 }: AuditSearch,
): Script<NumberRange> {
  const { first, last } = yield* from === undefined && to === undefined
    ? endsOfLog(tenantId)
    : endsOfTime(tenantId, from, to);
  return {
    above: Math.max(after, (first ?? 1) - 1),
    below: Math.min(before ?? Number.MAX_SAFE_INTEGER, (last ?? 0) + 1),
  };
}

interface LogEnds {
  readonly first: number | null | undefined;
  readonly last: number | null | undefined;
}

function* endsOfLog(tenantId: TenantId): Script<LogEnds> {
  const ends = yield ["", "DESC"].map((direction) =>
    statement(
      `SELECT audit_number FROM audit_entries WHERE tenant_id = ? AND audit_number > 0
       ORDER BY audit_number ${direction} LIMIT 1`,
      tenantId,
    ),
  );
  const [first, last] = ends.map(
    (result) => rowsIn<{ readonly audit_number: number }>(result)[0]?.audit_number,
  );
  return { first, last };
}

/** The clocks of several processes differ, so the numbers are those of all entries of that time. */
function* endsOfTime(
  tenantId: TenantId,
  from = "",
  // Behind every time.
  to = "~",
): Script<LogEnds> {
  const row = yield* firstRowOf<LogEnds>(
    statement(
      `SELECT min(audit_number) AS first, max(audit_number) AS last FROM audit_entries
       WHERE tenant_id = ? AND at >= ? AND at < ?`,
      tenantId,
      from,
      to,
    ),
  );
  return row ?? { first: undefined, last: undefined };
}

function* entriesBetween(
  range: NumberRange,
  limit: number,
  { tenantId, forward, filters }: SearchSite,
): Script<readonly EntryRow[]> {
  const wanted = joined(
    [compose`audit_number > ${range.above} AND audit_number < ${range.below}`, ...filters],
    " AND ",
  );
  const order = statement(forward ? "" : "DESC");
  const { sql, parameters } = compose`tenant_id = ${tenantId} AND ${wanted}
       ORDER BY audit_number ${order} LIMIT ${limit}`;
  return yield* rowsOf<EntryRow>(
    statement(`SELECT * FROM audit_entries WHERE ${sql}`, ...parameters),
  );
}

/** What is called by a name, and what has it for its id, each by its own index. */
function* entriesOfTarget(
  range: NumberRange,
  { targetId, target, limit }: AuditSearch,
  site: SearchSite,
): Script<readonly EntryRow[]> {
  const names = [
    ...(targetId === undefined ? [] : [compose`target_id = ${targetId}`]),
    ...(target === undefined
      ? []
      : [compose`target_id = ${target}`, compose`target_name = ${target}`]),
  ];
  const found = new Map<number, EntryRow>();
  for (const name of names) {
    const filters = [name, ...site.filters];
    for (const row of yield* entriesBetween(range, limit, { ...site, filters })) {
      found.set(row.audit_number, row);
    }
  }
  const sign = site.forward ? 1 : -1;
  return [...found.values()]
    .sort((one, other) => sign * (one.audit_number - other.audit_number))
    .slice(0, limit);
}

function filtersOf({
  actor,
  action,
  outcome,
  requestId,
  from,
  to,
}: AuditSearch): readonly Statement[] {
  const equals: readonly (readonly [string, string | undefined])[] = [
    ["actor_kind", actor?.kind],
    ["actor_id", actor?.id],
    ["outcome", outcome],
    ["request_id", requestId],
  ];
  return [
    ...equals.flatMap(([column, value]) =>
      value === undefined ? [] : [statement(`${column} = ?`, value)],
    ),
    ...(action === undefined ? [] : [actionFilter(action)]),
    ...(from === undefined ? [] : [compose`at >= ${from}`]),
    ...(to === undefined ? [] : [compose`at < ${to}`]),
  ];
}

/** Behind the full stop comes the slash: between the two is everything that begins so. */
function actionFilter(action: string): Statement {
  return action.endsWith(".")
    ? compose`action >= ${action} AND action < ${`${action.slice(0, -1)}/`}`
    : compose`action = ${action}`;
}

function numberedEntryOf(row: EntryRow): NumberedAuditEntry {
  return {
    ...entryOf(row),
    number: row.audit_number,
    chainHash: row.chain_hash ?? undefined,
  };
}
