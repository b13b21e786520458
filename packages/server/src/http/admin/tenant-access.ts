/** What operations on teams, mappings and grants have in common: in whose name, which team, and what things are called. */
import type { MappingNames } from "../../admin-contract/mappings.ts";
import { teamNamed, teamNamesOf } from "../../domain/find-team.ts";
import { isRefusal } from "../../domain/refusal.ts";
import type { Team } from "../../domain/team.ts";
import type { Tenant } from "../../domain/tenant.ts";
import type { AccessAdministration } from "../../provisioning/access-administration.ts";
import { createAccessAdministration } from "../../provisioning/access-administration.ts";
import { connectionSlugs } from "./people.ts";
import { notFound } from "./problem.ts";
import type { AdminCall, AdminParts } from "./served-operation.ts";

/** A call about a tenant. */
export type CallInTenant = AdminCall<unknown, unknown> & { readonly tenant: Tenant };

/** What is done about access, in the name of the caller. */
export function accessAdministrationOf(
  { circumstances, nowMs }: Pick<CallInTenant, "circumstances" | "nowMs">,
  { store, registry }: Pick<AdminParts, "store" | "registry">,
): AccessAdministration {
  return createAccessAdministration({
    store,
    registry,
    now: () => nowMs,
    circumstances: () => circumstances,
  });
}

/** Finds the team that a path names by its id or its name. */
export async function teamIn(
  text: string,
  { tenantId }: Tenant,
  { store }: Pick<AdminParts, "store">,
): Promise<Team> {
  const teams = await store.teams.list(tenantId);
  try {
    return teamNamed(text, teams);
  } catch (error) {
    throw isRefusal(error) ? notFound("team") : error;
  }
}

/** What teams and connections of a tenant are called. */
export async function namesIn(tenant: Tenant, parts: AdminParts): Promise<MappingNames> {
  const [teams, connections] = await Promise.all([
    parts.store.teams.list(tenant.tenantId),
    connectionSlugs(tenant, parts),
  ]);
  return { teams: teamNamesOf(teams), connections };
}
