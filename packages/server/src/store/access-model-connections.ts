/** The operations of the access model on connections, and on everything at once. */
import assert from "node:assert/strict";
import { activate } from "./access-model-changes.ts";
import type { ModelSite } from "./access-model-site.ts";
import { pick, populationIn } from "./access-model-site.ts";
import { testCircumstances } from "./contract-population.ts";
import type { WaitingWish } from "./store.ts";

/** A connection is disabled or enabled: that is a matter of its client, and moves nobody. */
export async function switchConnection(site: ModelSite): Promise<string> {
  const { store, tenantId, types } = site;
  const connection = pick(site, await store.connections.list(tenantId));
  assert(connection !== undefined);
  const disabled = !connection.disabled;
  const outcome = await store.connections.save(
    { ...connection, disabled },
    [
      { resourceType: types.user, paths: ["userName", "externalId"] },
      { resourceType: types.group, paths: ["displayName", "externalId"] },
    ],
    testCircumstances,
  );
  assert.equal(outcome.kind, "saved");
  return `${connection.slug} is ${disabled ? "disabled" : "enabled"}`;
}

/** Nothing is there to be mended. */
export async function reconcile({ store, tenantId }: ModelSite): Promise<string> {
  const found = await store.mappings.reconcile(tenantId, { isCheck: false }, testCircumstances);
  assert.deepEqual(found, { differences: 0, moves: [] });
  return "reconcile";
}

/** A connection by which nobody is attached is staged; one that is staged is activated, in parts. */
export async function stageConnection(site: ModelSite): Promise<string> {
  const { state, store, types } = site;
  const name = pick(site, site.populations.keys()) ?? "";
  const { scope } = populationIn(site, name);
  const isStaged = state.staged.has(name);
  const staging = await store.connections.stage(scope, !isStaged, testCircumstances);
  if (!isStaged) {
    const isLive = [...state.users.values()].some(
      ({ connection, link }) => connection === name && (link === "linked" || link === "pending"),
    );
    assert.equal(staging, isLive ? "live" : "done");
    if (!isLive) {
      state.staged.add(name);
    }
    return `stage ${name}: ${staging}`;
  }
  assert.equal(staging, "done");
  for (let after: string | undefined = ""; after !== undefined; ) {
    const part: WaitingWish = {
      scope,
      resourceType: types.user,
      reason: "staged",
      after,
      limit: 3,
    };
    after = (await store.connections.attachWaiting(part, testCircumstances)).last;
  }
  activate(state, name);
  return `activate ${name}`;
}
