/** The options `--team` and `--tenant`, of which one says where a role is. */
import { liveTeamNamed } from "../domain/find-team.ts";
import { refusal } from "../domain/refusal.ts";
import type { Team } from "../domain/team.ts";
import type { Tenant } from "../domain/tenant.ts";
import type { Store } from "../store/store.ts";
import type { Call, Command } from "./command.ts";

/** The options. */
export const targetOptions: Command["options"] = [
  ["--team <team>", "a team, by its name or its id"],
  ["--tenant", "the tenant itself"],
];

/** Reads which team is meant; undefined for the tenant itself. */
export function targetOption(call: Call): string | undefined {
  const team = call.text("team");
  if ((team === undefined) === !call.has("tenant")) {
    throw refusal("say where: either --team with the name of a team, or --tenant");
  }
  return team;
}

/** Finds the team that is meant; undefined for the tenant itself. */
export async function targetTeam(
  call: Call,
  { teams }: Pick<Store, "teams">,
  { tenantId }: Tenant,
): Promise<Team | undefined> {
  const text = targetOption(call);
  return text === undefined ? undefined : liveTeamNamed(text, await teams.list(tenantId));
}
