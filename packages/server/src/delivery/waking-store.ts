/** The store, which says when there may be events to tell: so that what one process writes is delivered at once, not at the next look. */
import type { Store } from "../store/store.ts";

/** The same store, which calls `onWrite` after everything that events come from. */
export function wakingStore(store: Store, onWrite: () => void): Store {
  const waking =
    <Arguments extends readonly unknown[], Result>(
      write: (...given: Arguments) => Promise<Result>,
    ) =>
    async (...given: Arguments): Promise<Result> => {
      const result = await write(...given);
      onWrite();
      return result;
    };
  const { resources, tenants, accounts, memberships, domains, invitations, webhooks, alerts } =
    store;
  return {
    ...store,
    resources: { ...resources, record: waking(resources.record) },
    tenants: { ...tenants, saveSettings: waking(tenants.saveSettings) },
    accounts: {
      ...accounts,
      change: waking(accounts.change),
      erase: waking(accounts.erase),
    },
    memberships: { ...memberships, fulfil: waking(memberships.fulfil) },
    domains: { ...domains, verify: waking(domains.verify) },
    invitations: { ...invitations, settle: waking(invitations.settle) },
    alerts: { ...alerts, tellOfExpiry: waking(alerts.tellOfExpiry) },
    webhooks: {
      ...webhooks,
      enable: waking(webhooks.enable),
      replay: waking(webhooks.replay),
    },
  };
}
