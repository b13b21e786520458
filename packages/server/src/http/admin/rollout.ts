/** Does what the admin API does to roll connections out and to take them away, and asks what groups and settings do. */
import {
  activateConnection,
  previewActivation,
  previewConnectionRemoval,
  previewGroupRemoval,
  removeConnection,
  stageConnection,
} from "../../admin-contract/connection-rollout.ts";
import { scopeOf } from "../../domain/connection.ts";
import type { RolloutAdministration } from "../../provisioning/rollout-administration.ts";
import { createRolloutAdministration } from "../../provisioning/rollout-administration.ts";
import { connectionOf, shownConnection } from "./connections.ts";
import { notFound } from "./problem.ts";
import type { AdminParts, ServedOperation } from "./served-operation.ts";
import { servedInTenant } from "./served-operation.ts";
import type { CallInTenant } from "./tenant-access.ts";

/** How long one request works on Users that wait. */
const workMsMax = 10_000;

/** The operations. */
export const servedRollout: readonly ServedOperation[] = [
  servedInTenant(stageConnection, async (call, parts) => {
    const connection = await connectionOf(call.tenant, call.path, parts);
    const staged = await administrationOf(call, parts).stage(connection);
    return { body: shownConnection(staged, call.tenant, parts) };
  }),
  servedInTenant(activateConnection, async (call, parts) => {
    const connection = await connectionOf(call.tenant, call.path, parts);
    return { body: await administrationOf(call, parts).activate(connection, timeLimit()) };
  }),
  servedInTenant(previewActivation, async (call, parts) => {
    const connection = await connectionOf(call.tenant, call.path, parts);
    return { body: await administrationOf(call, parts).previewActivation(connection, timeLimit()) };
  }),
  servedInTenant(removeConnection, async (call, parts) => {
    const connection = await connectionOf(call.tenant, call.path, parts);
    const { previewToken } = call.query;
    const outcome = await administrationOf(call, parts).remove(connection, previewToken);
    return { body: { connection: connection.slug, ...outcome } };
  }),
  servedInTenant(previewConnectionRemoval, async (call, parts) => {
    const connection = await connectionOf(call.tenant, call.path, parts);
    return { body: await administrationOf(call, parts).previewRemoval(connection) };
  }),
  servedInTenant(previewGroupRemoval, async (call, parts) => {
    const connection = await connectionOf(call.tenant, call.path, parts);
    const group = parts.registry.named("Group");
    const found =
      group &&
      (await parts.store.resources.read(scopeOf(connection), group, call.path["group"] ?? "", []));
    const preview =
      found && (await administrationOf(call, parts).previewGroupRemoval(connection, found));
    if (preview === undefined) {
      throw notFound("group");
    }
    return { body: preview };
  }),
];

/** Tells when a request has worked long enough. */
export function timeLimit(): () => boolean {
  const start = performance.now();
  return () => performance.now() - start > workMsMax;
}

function administrationOf(
  { circumstances }: Pick<CallInTenant, "circumstances">,
  { store, registry }: AdminParts,
): RolloutAdministration {
  return createRolloutAdministration({ store, registry, circumstances: () => circumstances });
}
