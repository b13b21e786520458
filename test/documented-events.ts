/** Holds every event of a store against what is documented about its type. */
import { eventFault } from "../packages/server/src/admin-contract/event-schema.ts";
import type { Store } from "../packages/server/src/store/store.ts";

/** How many events are read at once. */
const pageLength = 1000;

/** What is wrong with events of any tenant, in words. */
export async function undocumentedEvents({ tenants, outbox }: Store): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const { tenantId } of await tenants.list()) {
    let after: number | undefined = 0;
    while (after !== undefined) {
      const events: Awaited<ReturnType<Store["outbox"]["list"]>> = await outbox.list(tenantId, {
        after,
        limit: pageLength,
      });
      faults.push(...events.flatMap((event) => eventFault(event) ?? []));
      after = events.at(-1)?.position;
    }
  }
  return faults;
}
