/** What `rollcall doctor` says of tokens: which end soon, and which cannot be checked any more. */
import type { Instance } from "../compose.ts";
import { scopeOf } from "../domain/connection.ts";
import type { KeptToken } from "../domain/credential.ts";
import { credentialStateOf, daysLeftOf } from "../domain/credential.ts";
import type { Store } from "../store/store.ts";
import type { Finding } from "./finding.ts";

/** Tokens that end within so many days deserve a warning. */
const expiryDaysWarn = 30;

/** A token that works, with what it is good for. */
export interface NamedToken {
  /** TENANT/CONNECTION, or the admin API of a tenant or of the instance. */
  readonly name: string;
  readonly token: Pick<KeptToken, "credentialId" | "pepperVersion" | "expires">;
}

/** Finds every token that works. */
export async function activeTokens(
  { tenants, connections, credentials, adminCredentials }: Store,
  nowMs: number,
): Promise<readonly NamedToken[]> {
  const found: NamedToken[] = [];
  const slugs = new Map<string, string>();
  const add = (name: string, tokens: readonly KeptToken[]): void => {
    const active = tokens.filter((token) => credentialStateOf(token, nowMs) === "active");
    found.push(...active.map((token) => ({ name, token })));
  };
  for (const tenant of await tenants.list()) {
    slugs.set(tenant.tenantId, tenant.slug);
    for (const connection of await connections.list(tenant.tenantId)) {
      add(`${tenant.slug}/${connection.slug}`, await credentials.list(scopeOf(connection)));
    }
  }
  for (const token of await adminCredentials.list()) {
    const { tenantId } = token;
    const whose = tenantId === undefined ? "the instance" : (slugs.get(tenantId) ?? tenantId);
    add(`the admin API of ${whose}`, [token]);
  }
  return found;
}

/** A token can be checked only with the version of the key that it was hashed under. */
export function foreignKeyFindings(
  tokens: readonly NamedToken[],
  { pepperVersions }: Pick<Instance["secretHash"], "pepperVersions">,
): readonly Finding[] {
  const foreign = tokens.filter(({ token }) => !pepperVersions.includes(token.pepperVersion));
  if (foreign.length === 0) {
    const text = `version ${pepperVersions.join(", ")}, the one that the tokens are hashed under`;
    return [{ check: "key", state: "ok", text }];
  }
  const versions = [...new Set(foreign.map(({ token }) => token.pepperVersion))];
  return [
    {
      check: "key",
      state: "problem",
      text: `${foreign.length} token(s) are hashed under version ${versions.join(", ")} of the instance key, which is not given, and are refused`,
    },
  ];
}

/** Puts what ends soon into words. */
export function expiringTokens(tokens: readonly NamedToken[], nowMs: number): readonly Finding[] {
  const findings = tokens.flatMap((token) => expiryFindings(token, nowMs));
  const text = `none ends within ${expiryDaysWarn} days`;
  return findings.length > 0 ? findings : [{ check: "tokens", state: "ok", text }];
}

function expiryFindings({ token, name }: NamedToken, nowMs: number): readonly Finding[] {
  const days = daysLeftOf(token, nowMs);
  if (days === undefined || days >= expiryDaysWarn) {
    return [];
  }
  const text = `token ${token.credentialId} of ${name} ends in ${days} days: make another and change over`;
  return [{ check: "tokens", state: "warning", text }];
}
