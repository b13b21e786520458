/** Domains of tenants, and how they are verified. */

/** A domain of a tenant. */
export interface TenantDomain {
  /** An A-label. */
  readonly domain: string;
  /** What the TXT record has to say. */
  readonly challenge: string;
  /** How it was verified; undefined until it is. */
  readonly method: "dns" | "asserted" | undefined;
  /** xsd:dateTime in UTC, as all times here. */
  readonly verified: string | undefined;
  readonly created: string;
}

/** The name whose TXT record shall have the challenge; that of the domain itself is looked at too. */
export function recordNameOf(domain: string): string {
  return `_rollcall.${domain}`;
}

/** How a domain is verified. */
export interface DomainProof {
  readonly method: "dns" | "asserted";
  /** Whether other tenants may have verified it too: an operator says so. */
  readonly isShared: boolean;
}

/** What became of verifying a domain. */
export type DomainOutcome =
  | { readonly kind: "verified"; readonly domain: TenantDomain }
  | { readonly kind: "unknown" }
  /** Another tenant has verified it. */
  | { readonly kind: "taken" };
