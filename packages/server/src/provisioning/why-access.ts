/** Gathers what is needed to say why somebody has a role in a tenant or a team, or why not. */
import { fold } from "@rollcall/scim";
import type { AccountId } from "../domain/account.ts";
import { teamNamed } from "../domain/find-team.ts";
import type { Team } from "../domain/team.ts";
import type { Tenant } from "../domain/tenant.ts";
import type { WhyAccess } from "../domain/why-access.ts";
import { whyAccess } from "../domain/why-access.ts";
import type { Store } from "../store/store.ts";

/** What is asked: a person and the tenant itself (`tenant`), a team by its name (`team:NAME`) or a team by its id. */
export interface WhyQuestion {
  readonly accountId: AccountId;
  readonly target: string;
}

/** Answers it; undefined where there is no such account. */
export async function explainAccess(
  store: Pick<Store, "memberships" | "teams" | "mappings" | "connections">,
  { tenantId }: Tenant,
  { accountId, target }: WhyQuestion,
): Promise<WhyAccess | undefined> {
  const team = teamAsked(target, await store.teams.list(tenantId));
  const [settings, member, mappings, connections] = await Promise.all([
    store.memberships.settings(tenantId),
    store.memberships.read(tenantId, accountId),
    store.mappings.list(tenantId),
    store.connections.list(tenantId),
  ]);
  if (settings === undefined || member === undefined) {
    return undefined;
  }
  const steps = await Promise.all(
    member.facts.links.map(({ connectionId, resourceId }) =>
      store.memberships.groupPaths({ tenantId, connectionId }, resourceId),
    ),
  );
  return whyAccess({
    member,
    settings,
    team,
    mappings,
    steps: steps.flat(),
    connectionNames: new Map(
      connections.map(({ connectionId, slug: name }) => [connectionId, name]),
    ),
  });
}

function teamAsked(target: string, teams: readonly Team[]): Team | undefined {
  return fold(target) === "tenant" ? undefined : teamNamed(target.replace(/^team:/i, ""), teams);
}
