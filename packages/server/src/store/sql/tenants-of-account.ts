/** Takes what tenants have on an account, in the order in which syncs take it: the tenants first, then members, the account last. */
import type { AccountId } from "../../domain/account.ts";
import type { TenantId } from "../../domain/tenant.ts";
import { tenantsOfAccountAsked } from "./accounts.ts";
import { ask } from "./asked.ts";
import { tenantAccountAsked } from "./membership-facts.ts";
import type { Script } from "./script.ts";
import type { SqlContext } from "./sql-context.ts";
import { lockTenantFacts } from "./tenant-facts.ts";

/** Takes it; `isAlone` also keeps everybody else's access in those tenants as it is. */
export function* lockTenantsOfAccount(
  accountId: AccountId,
  { isAlone }: { readonly isAlone: boolean },
  { dialect }: SqlContext,
): Script<void> {
  if (dialect.writers === "one") {
    return;
  }
  const tenants: readonly TenantId[] = yield* ask(tenantsOfAccountAsked(accountId));
  for (const tenantId of tenants) {
    yield lockTenantFacts(tenantId, isAlone ? "alone" : "shared", dialect);
  }
  for (const tenantId of tenants) {
    yield* ask(tenantAccountAsked(tenantId, accountId, { lock: true, dialect }));
  }
}
