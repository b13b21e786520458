/** What `rollcall doctor` says of tenants whose syncs may attach everybody's accounts. */
import type { TenantSettings } from "../domain/tenant-settings.ts";
import type { Finding } from "./finding.ts";

/** What a tenant may attach. */
export interface AttachFacts {
  readonly slug: string;
  readonly settings: Pick<TenantSettings, "accounts" | "attachPolicy">;
}

/** The most tenants that are named. */
const namedMax = 10;

/** Puts open policies into words: a verified domain does not close one, as every other domain is attached all the same. */
export function attachFindings(tenants: readonly AttachFacts[]): readonly Finding[] {
  const open = tenants
    .filter(({ settings }) => settings.accounts && settings.attachPolicy === "attach")
    .map(({ slug }) => slug);
  if (open.length === 0) {
    const text = "no tenant attaches accounts without the person's consent or a verified domain";
    return [{ check: "attach", state: "ok", text }];
  }
  return [{ check: "attach", state: "warning", text: textOf(open, tenants.length) }];
}

function textOf(open: readonly string[], tenants: number): string {
  const more = open.length > namedMax ? ` and ${open.length - namedMax} more` : "";
  const names = `${open.slice(0, namedMax).join(", ")}${more}`;
  // Nobody else's accounts are there to be reached, but those that the application has made itself.
  if (tenants === 1) {
    return `${names}: attach policy "attach": the identity provider gets to the account of any e-mail address; stricter: attachPolicy=verified-or-invite`;
  }
  return (
    `${names}: attach policy "attach", so that the identity provider there gets to accounts of any e-mail address, also ` +
    "of domains that the tenant has not verified: set attachPolicy to verified-or-invite, or for all tenants " +
    "--attach-policy-max verified-or-invite, and verify the domains with rollcall domain"
  );
}
