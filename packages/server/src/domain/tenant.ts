/** Tenants and the scope that every store function takes first. */
import type { JsonObject } from "@rollcall/scim";

/** The id of a tenant. */
export type TenantId = string & { readonly tenant: unique symbol };
/** The id of a connection. */
export type ConnectionId = string & { readonly connection: unique symbol };
/** The id of a credential: the 12 characters in the middle of a token. */
export type CredentialId = string & { readonly credential: unique symbol };

/** The id of a team. */
export type TeamId = string & { readonly team: unique symbol };
/** The id of a group mapping. */
export type MappingId = string & { readonly mapping: unique symbol };

/** An organisation whose directory is provisioned. */
export interface Tenant {
  readonly tenantId: TenantId;
  /** Lower-case letters, digits and hyphens; unique in the instance. */
  readonly slug: string;
  readonly name: string;
  /** Where the tenant differs from the defaults, as it is stored. */
  readonly settings: JsonObject;
  /** xsd:dateTime in UTC. */
  readonly created: string;
}

/** One population: it comes from the credential alone and never from a body or a path. */
export interface Scope {
  readonly tenantId: TenantId;
  readonly connectionId: ConnectionId;
}

/** The longest slug. */
export const slugLengthMax = 63;

/** Says what is wrong with a slug; undefined for a good one. */
export function slugProblemOf(slug: string): string | undefined {
  return slug.length <= slugLengthMax && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(slug)
    ? undefined
    : `a slug has up to ${slugLengthMax} lower-case letters, digits and single hyphens between them, such as "acme-corp"`;
}

/** The first of `slug`, `slug-2`, `slug-3` … that is not taken. */
export function freeSlugOf(slug: string, taken: readonly string[]): string {
  let candidate = slug;
  for (let number = 2; taken.includes(candidate); number += 1) {
    candidate = `${slug}-${number}`;
  }
  return candidate;
}
