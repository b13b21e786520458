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
  const { connections, teams, mappings } = store;
  return {
    ...store,
    resources: { ...resources, record: waking(resources.record) },
    tenants: { ...tenants, changeSettings: waking(tenants.changeSettings) },
    connections: {
      ...connections,
      create: waking(connections.create),
      save: waking(connections.save),
      stage: waking(connections.stage),
      attachWaiting: waking(connections.attachWaiting),
      remove: waking(connections.remove),
    },
    accounts: {
      ...accounts,
      change: waking(accounts.change),
      erase: waking(accounts.erase),
    },
    memberships: { ...memberships, fulfil: waking(memberships.fulfil) },
    teams: {
      ...teams,
      create: waking(teams.create),
      rename: waking(teams.rename),
      archive: waking(teams.archive),
    },
    mappings: {
      ...mappings,
      change: waking(mappings.change),
      reconcile: waking(mappings.reconcile),
    },
    domains: { ...domains, verify: waking(domains.verify) },
    invitations: {
      ...invitations,
      settle: waking(invitations.settle),
      send: waking(invitations.send),
    },
    alerts: { ...alerts, tellOfExpiry: waking(alerts.tellOfExpiry) },
    webhooks: {
      ...webhooks,
      enable: waking(webhooks.enable),
      replay: waking(webhooks.replay),
    },
  };
}
