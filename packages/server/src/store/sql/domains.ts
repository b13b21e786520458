/** Domains of tenants: claimed by a challenge or an operator's word, verified once, by one tenant unless they are shared. */
import type { Circumstances } from "../../domain/audit-entry.ts";
import type { TenantId } from "../../domain/tenant.ts";
import type { DomainOutcome, DomainProof, TenantDomain } from "../../domain/tenant-domain.ts";
import { recordAdminAction } from "./record-consequences.ts";
import type { Script, Verdict } from "./script.ts";
import { changesOf, firstRowOf, rowsOf } from "./script.ts";
import type { SqlContext } from "./sql-context.ts";
import { statement } from "./statement.ts";

interface DomainRow {
  readonly domain: string;
  readonly challenge: string;
  readonly method: "dns" | "asserted" | null;
  readonly verified_at: string | null;
  readonly created_at: string;
}

/** Lists the domains of a tenant by name. */
export function* listDomains(tenantId: TenantId): Script<readonly TenantDomain[]> {
  const rows = yield* rowsOf<DomainRow>(
    statement(
      `SELECT domain, challenge, method, verified_at, created_at FROM domains
       WHERE tenant_id = ? ORDER BY domain`,
      tenantId,
    ),
  );
  return rows.map(domainOf);
}

/** Adds a domain that is still to be verified; gives the one that is there already. */
export function* addDomain(
  tenantId: TenantId,
  { domain, challenge, created }: Pick<TenantDomain, "domain" | "challenge" | "created">,
  circumstances: Circumstances,
  context: SqlContext,
): Script<Verdict<TenantDomain>> {
  const known = yield* domainByName(tenantId, domain);
  if (known !== undefined) {
    return { kind: "undo", result: known };
  }
  yield* changesOf(
    statement(
      `INSERT INTO domains (tenant_id, domain, challenge, created_at) VALUES (?, ?, ?, ?)`,
      tenantId,
      domain,
      challenge,
      created,
    ),
  );
  yield* recordAdminAction(tenantId, actionOf("domain.add", domain, []), circumstances, context);
  const added = { domain, challenge, created, method: undefined, verified: undefined };
  return { kind: "keep", result: added };
}

/** Notes that a domain is verified, unless another tenant has it for itself. */
export function* verifyDomain(
  tenantId: TenantId,
  name: string,
  { method, isShared }: DomainProof,
  circumstances: Circumstances,
  context: SqlContext,
): Script<Verdict<DomainOutcome>> {
  const known = yield* domainByName(tenantId, name);
  if (known === undefined) {
    return { kind: "undo", result: { kind: "unknown" } };
  }
  // The row of the domain is taken first: of two tenants at the same time one waits and then sees the other.
  yield* changesOf(
    statement(
      `INSERT INTO domain_claims (domain, tenant_id, is_shared) VALUES (?, '', 0)
       ON CONFLICT (domain, tenant_id) DO UPDATE SET is_shared = excluded.is_shared`,
      name,
    ),
  );
  const others = yield* rowsOf<{ is_shared: number }>(
    statement(
      `SELECT is_shared FROM domain_claims WHERE domain = ? AND tenant_id NOT IN (?, '')`,
      name,
      tenantId,
    ),
  );
  if (!isShared && others.length > 0) {
    return { kind: "undo", result: { kind: "taken" } };
  }
  if (known.verified !== undefined) {
    return { kind: "undo", result: { kind: "verified", domain: known } };
  }
  const verified = new Date(context.nowMs()).toISOString();
  yield [
    statement(
      `INSERT INTO domain_claims (domain, tenant_id, is_shared) VALUES (?, ?, ?)
       ON CONFLICT (domain, tenant_id) DO UPDATE SET is_shared = excluded.is_shared`,
      name,
      tenantId,
      isShared ? 1 : 0,
    ),
    statement(
      `UPDATE domains SET method = ?, verified_at = ? WHERE tenant_id = ? AND domain = ?`,
      method,
      verified,
      tenantId,
      name,
    ),
  ];
  const differences = [{ path: "method", after: method }];
  const action = actionOf("domain.verify", name, differences);
  yield* recordAdminAction(tenantId, action, circumstances, context);
  return { kind: "keep", result: { kind: "verified", domain: { ...known, method, verified } } };
}

/** Removes a domain of a tenant; answers false when it has none of that name. */
export function* removeDomain(
  tenantId: TenantId,
  name: string,
  circumstances: Circumstances,
  context: SqlContext,
): Script<Verdict<boolean>> {
  const removed = yield* changesOf(
    statement(`DELETE FROM domains WHERE tenant_id = ? AND domain = ?`, tenantId, name),
  );
  if (removed === 0) {
    return { kind: "undo", result: false };
  }
  yield* changesOf(
    statement(`DELETE FROM domain_claims WHERE domain = ? AND tenant_id = ?`, name, tenantId),
  );
  yield* recordAdminAction(tenantId, actionOf("domain.remove", name, []), circumstances, context);
  return { kind: "keep", result: true };
}

function* domainByName(tenantId: TenantId, name: string): Script<TenantDomain | undefined> {
  const row = yield* firstRowOf<DomainRow>(
    statement(
      `SELECT domain, challenge, method, verified_at, created_at FROM domains
       WHERE tenant_id = ? AND domain = ?`,
      tenantId,
      name,
    ),
  );
  return row && domainOf(row);
}

function domainOf(row: DomainRow): TenantDomain {
  return {
    domain: row.domain,
    challenge: row.challenge,
    method: row.method ?? undefined,
    verified: row.verified_at ?? undefined,
    created: row.created_at,
  };
}

function actionOf(
  action: string,
  domain: string,
  differences: readonly { readonly path: string; readonly after: string }[],
) {
  return { action, target: { type: "domain", id: domain, name: domain }, differences };
}
