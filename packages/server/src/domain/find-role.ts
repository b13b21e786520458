/** Finds the role that a text means, whatever its letter case. Pure. */
import { fold } from "@rollcall/scim";
import { cleanText } from "./clean-text.ts";
import { refusal } from "./refusal.ts";
import type { TeamId } from "./tenant.ts";
import type { TenantSettings } from "./tenant-settings.ts";

/** Finds a role of the tenant, or of teams where there is a team; a refusal lists them. */
export function roleNamed(
  text: string,
  teamId: TeamId | undefined,
  { roles, teamRoles }: Pick<TenantSettings, "roles" | "teamRoles">,
): string {
  const known = teamId === undefined ? roles : teamRoles;
  const folded = fold(text.trim());
  const role = known.find((one) => fold(one) === folded);
  if (role === undefined) {
    const whose = teamId === undefined ? "the tenant has" : "teams have";
    throw refusal(`${whose} no role "${cleanText(text, 64)}"; expected one of ${known.join(", ")}`);
  }
  return role;
}
