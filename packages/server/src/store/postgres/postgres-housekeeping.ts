/**
 * What happens after commit: numbering records, folding totals and chaining audit entries, for tenants that this process has written to soon,
 * for those that a process left behind which is gone once in a while. Any process may do it for any tenant.
 */
import type { TenantId } from "../../domain/tenant.ts";
import { chainRounds } from "../sql/audit-log-table.ts";
import { hasUnnumbered, numberRecords, tenantsWithBacklog } from "../sql/number-records.ts";
import { foldTotal, unfoldedTotals } from "../sql/resource-totals.ts";
import type { SqlContext } from "../sql/sql-context.ts";
import { grownTables, planAnew } from "./grown-tables.ts";
import type { PostgresTransactions } from "./postgres-transactions.ts";

/** Keeps the house of one process. */
export interface PostgresHousekeeping {
  /** Says that a tenant has something to number or to fold. */
  noteWrite(tenantId: TenantId): void;
  /** Numbers everything that a tenant has committed by now. */
  numberNow(tenantId: TenantId): Promise<void>;
  close(): Promise<void>;
}

/** How soon after a write its tenant is seen to. */
const soonMs = 250;
/** How often a process that writes looks whether tables have grown. */
const growthMs = 1_000;
/** How often all tenants are looked at. */
const sweepMs = 15_000;

/** Makes the housekeeping; without `background` records are numbered when somebody reads them, and no sooner. */
export function createPostgresHousekeeping(
  { write, readOnce }: PostgresTransactions,
  {
    context,
    background,
    onTrouble,
  }: {
    readonly context: SqlContext;
    readonly background: boolean;
    readonly onTrouble: (message: string, error: unknown) => void;
  },
): PostgresHousekeeping {
  const written = new Set<TenantId>();
  let closed = false;
  let working: Promise<void> = Promise.resolve();

  const number = async (tenantId: TenantId, patient: boolean): Promise<void> => {
    let hasMore = true;
    while (hasMore) {
      ({ hasMore } = await write(() => numberRecords(tenantId, { patient })));
    }
  };
  const fold = async (tenantId: TenantId): Promise<void> => {
    for (const { connection_id, resource_type } of await readOnce(unfoldedTotals(tenantId))) {
      const scope = { tenantId, connectionId: connection_id };
      await write(function* () {
        yield* foldTotal(scope, resource_type);
        return { kind: "keep", result: undefined };
      });
    }
  };
  const seeTo = async (tenantIds: readonly TenantId[]): Promise<void> => {
    for (const tenantId of tenantIds) {
      await number(tenantId, false);
      await fold(tenantId);
      await chainRounds(tenantId, { patient: false }, { context, write });
    }
  };
  /** One round after another; what fails is tried again in the next sweep. */
  const work = (tenantIds: () => Promise<readonly TenantId[]>): void => {
    working = working
      .then(async () => (closed ? undefined : seeTo(await tenantIds())))
      .catch((error: unknown) => onTrouble("records could not be numbered", error));
  };
  let lookedMs = Number.NEGATIVE_INFINITY;
  const seeToPlans = async (): Promise<void> => {
    const nowMs = performance.now();
    if (nowMs - lookedMs < growthMs) {
      return;
    }
    lookedMs = nowMs;
    for (const table of await readOnce(grownTables())) {
      await readOnce(planAnew(table));
    }
  };
  const takeWritten = async (): Promise<readonly TenantId[]> => {
    const tenantIds = [...written];
    written.clear();
    return tenantIds;
  };
  const timers = background
    ? [
        setInterval(() => {
          if (written.size > 0) {
            work(takeWritten);
            working = working
              .then(() => (closed ? undefined : seeToPlans()))
              .catch((error: unknown) => onTrouble("tables could not be analyzed", error));
          }
        }, soonMs).unref(),
        setInterval(() => work(() => readOnce(tenantsWithBacklog())), sweepMs).unref(),
      ]
    : [];

  return {
    noteWrite: (tenantId) => {
      written.add(tenantId);
    },
    numberNow: async (tenantId) => {
      if (await readOnce(hasUnnumbered(tenantId))) {
        await number(tenantId, true);
      }
    },
    close: async () => {
      timers.map(clearInterval);
      await working;
      closed = true;
      await seeTo(background ? await takeWritten() : []).catch((error: unknown) =>
        onTrouble("records could not be numbered", error),
      );
    },
  };
}
