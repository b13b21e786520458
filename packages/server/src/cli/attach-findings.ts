/** What `rollcall doctor` says of tenants whose syncs may attach everybody's accounts. */
import type { TenantSettings } from "../domain/tenant-settings.ts";
import type { Finding } from "./finding.ts";

/** What a tenant may attach. */
export interface AttachFacts {
  readonly slug: string;
  readonly settings: Pick<TenantSettings, "accounts" | "attachPolicy">;
  readonly hasVerifiedDomain: boolean;
}

/** The most tenants that are named. */
const namedMax = 10;

/** Puts open policies into words. A single tenant has nobody's accounts to reach but its own. */
export function attachFindings(tenants: readonly AttachFacts[]): readonly Finding[] {
  const open = tenants
    .filter(
      ({ settings, hasVerifiedDomain }) =>
        settings.accounts && settings.attachPolicy === "attach" && !hasVerifiedDomain,
    )
    .map(({ slug }) => slug);
  if (tenants.length < 2 || open.length === 0) {
    const text = "no tenant attaches accounts of others without a verified domain";
    return [{ check: "attach", state: "ok", text }];
  }
  const more = open.length > namedMax ? ` and ${open.length - namedMax} more` : "";
  const names = `${open.slice(0, namedMax).join(", ")}${more}`;
  return [
    {
      check: "attach",
      state: "warning",
      text:
        `${names}: attach policy "attach" and no verified domain, so that the identity provider there gets to accounts ` +
        "of any e-mail address: verify the domains with rollcall domain, and set attachPolicy to verified-or-invite, " +
        "or for all tenants --attach-policy-max verified-or-invite",
    },
  ];
}
