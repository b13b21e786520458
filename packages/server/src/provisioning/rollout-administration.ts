/** Rolling out a connection and taking it away, in the name of whoever has opened the data; each step can be asked about first. */
import type { ResourceTypeRegistry, StoredResource } from "@rollcall/scim";
import type { Activation, ActivationSummary } from "../domain/activation-summary.ts";
import { activationSummaryOf } from "../domain/activation-summary.ts";
import type { Circumstances } from "../domain/audit-entry.ts";
import type { Connection } from "../domain/connection.ts";
import { scopeOf } from "../domain/connection.ts";
import { teamNamesOf } from "../domain/find-team.ts";
import type { ChangeMode } from "../domain/mapping-change.ts";
import type { CountsByTarget, PreviewSummary } from "../domain/preview-summary.ts";
import { previewSummaryOf } from "../domain/preview-summary.ts";
import { refusal } from "../domain/refusal.ts";
import type { RemovedCounts } from "../domain/removed-connection.ts";
import type { TeamId } from "../domain/tenant.ts";
import type { TriedUser } from "../domain/tried-user.ts";
import { countTried, noTriedUsers } from "../domain/tried-user.ts";
import type { Store } from "../store/store.ts";
import { tryWaiting } from "./try-waiting.ts";

/** What the removal of a connection would do. */
export interface RemovalSummary extends PreviewSummary {
  readonly removed: RemovedCounts;
}

/** What it has done. */
export interface RemovedConnection {
  readonly removed: RemovedCounts;
  readonly counts: CountsByTarget;
}

/** What the deletion of a group would do; only its identity provider deletes it, so that there is nothing to apply. */
export type GroupRemovalSummary = Omit<PreviewSummary, "token">;

/** What is done about roll-outs. Whatever cannot be done is a refusal. */
export interface RolloutAdministration {
  /** Refuses one of which Users have accounts, or are invited. */
  stage(connection: Connection): Promise<Connection>;
  /** Activates it, and attaches those who wait; `isOver` tells whether time is up. */
  activate(connection: Connection, isOver?: () => boolean): Promise<Activation>;
  previewActivation(connection: Connection, isOver?: () => boolean): Promise<ActivationSummary>;
  previewRemoval(connection: Connection): Promise<RemovalSummary>;
  /** With the token of a preview only while it does what was shown. */
  remove(connection: Connection, token: string | undefined): Promise<RemovedConnection>;
  /** Undefined where the group has changed meanwhile. */
  previewGroupRemoval(
    connection: Connection,
    group: StoredResource,
  ): Promise<GroupRemovalSummary | undefined>;
}

/** What it needs. */
export interface RolloutParts {
  readonly store: Store;
  readonly registry: ResourceTypeRegistry;
  readonly circumstances: () => Circumstances;
}

const never = () => false;

/** Makes it. */
export function createRolloutAdministration(parts: RolloutParts): RolloutAdministration {
  const { store, registry, circumstances } = parts;
  const { connections } = store;
  return {
    stage: async (connection) => {
      const outcome = await connections.stage(scopeOf(connection), true, circumstances());
      if (outcome === "live") {
        throw refusal(
          `connection ${connection.slug} is live: users of it have accounts or are invited; only a connection that has attached nobody can be staged`,
        );
      }
      checkThere(outcome, connection);
      return { ...connection, staged: true };
    },
    activate: async (connection, isOver = never) => {
      const scope = scopeOf(connection);
      checkThere(await connections.stage(scope, false, circumstances()), connection);
      let counts = noTriedUsers;
      const trying = { scopes: [scope], reason: "staged" as const, isOver };
      await tryWaiting(parts, trying, circumstances(), (users) => {
        counts = countTried(counts, users);
      });
      return { ...counts, left: await connections.countWaiting(scope, "staged") };
    },
    previewActivation: async (connection, isOver = never) => {
      const scope = scopeOf(connection);
      const waiting = await connections.countWaiting(scope, "staged");
      const tried: TriedUser[] = [];
      const preview = { settings: undefined };
      const trying = { scopes: [scope], reason: "staged" as const, isOver, preview };
      await tryWaiting(parts, trying, circumstances(), (users) => tried.push(...users));
      const left = isOver() ? Math.max(0, waiting - tried.length) : 0;
      return activationSummaryOf(tried, await teamNamesIn(connection, store), { left });
    },
    previewRemoval: async (connection) => {
      const outcome = await removed(parts, connection, { kind: "preview" });
      const { preview } = outcome;
      const accounts = await store.accounts.byIds(preview.retained);
      const names = await teamNamesIn(connection, store);
      return { ...previewSummaryOf(preview, names, accounts), removed: outcome.removed };
    },
    remove: async (connection, token) => {
      // Those that go are among them.
      const names = await teamNamesIn(connection, store);
      const outcome = await removed(parts, connection, { kind: "apply", token });
      if (outcome.kind === "moved") {
        throw refusal("the facts have moved; ask for a new preview", "facts-moved");
      }
      return {
        removed: outcome.removed,
        counts: previewSummaryOf(outcome.preview, names, []).counts,
      };
    },
    previewGroupRemoval: async (connection, group) => {
      const resourceType = registry.named("Group");
      if (resourceType === undefined) {
        throw new TypeError("the registry has no resource type Group");
      }
      const change = { kind: "delete", resourceType, id: group.id, before: group } as const;
      const found = await store.resources.previewDeletion(
        scopeOf(connection),
        change,
        circumstances(),
      );
      if (found === undefined) {
        return undefined;
      }
      const accounts = await store.accounts.byIds(found.retained);
      const names = await teamNamesIn(connection, store);
      const { token: _, ...summary } = previewSummaryOf({ ...found, token: "" }, names, accounts);
      return summary;
    },
  };
}

async function removed(
  { store, registry, circumstances }: RolloutParts,
  connection: Connection,
  mode: ChangeMode,
) {
  const { resourceTypes } = registry;
  const removal = { resourceTypes, mode };
  const outcome = await store.connections.remove(scopeOf(connection), removal, circumstances());
  if (outcome.kind === "gone") {
    throw gone(connection);
  }
  return outcome;
}

function checkThere(outcome: "done" | "gone" | "live", connection: Connection): void {
  if (outcome === "gone") {
    throw gone(connection);
  }
}

function gone({ slug }: Connection): Error {
  return refusal(`connection ${slug} is gone`);
}

async function teamNamesIn(
  { tenantId }: Connection,
  { teams }: Pick<Store, "teams">,
): Promise<ReadonlyMap<TeamId, string>> {
  return teamNamesOf(await teams.list(tenantId));
}
