/** Makes bearer tokens: the server alone makes them, and shows each once (RFC 7644 §7.4). */
import { randomBytes } from "node:crypto";
import type { AdminCredential } from "../domain/admin-credential.ts";
import type { Circumstances } from "../domain/audit-entry.ts";
import { checkedName } from "../domain/checked-name.ts";
import type {
  Credential,
  CredentialScope,
  KeptToken,
  LifetimeReading,
  TokenKind,
} from "../domain/credential.ts";
import {
  credentialStateOf,
  expiryOf,
  formatToken,
  tokenBytes,
  tokenPartsOf,
} from "../domain/credential.ts";
import { refusal } from "../domain/refusal.ts";
import type { Scope, TenantId } from "../domain/tenant.ts";
import type { Store } from "../store/store.ts";
import type { SecretHash } from "./secret-hash.ts";

/** What a new credential shall be. */
export interface CredentialWish {
  readonly scope: Scope;
  /** Empty, or one that no other active credential of the connection has. */
  readonly name: string;
  readonly lifetime: LifetimeReading;
  readonly scopes: readonly CredentialScope[];
  readonly cidrs: readonly string[];
  readonly creator: string;
}

/** What a new admin credential shall be. */
export interface AdminCredentialWish {
  /** The one tenant it is good for; undefined for the whole instance. */
  readonly tenantId: TenantId | undefined;
  /** Empty, or one that no other active admin credential has. */
  readonly name: string;
  readonly lifetime: LifetimeReading;
  readonly creator: string;
}

/** A new credential with its token, which is nowhere else. */
export interface IssuedCredential<Kind extends KeptToken = Credential> {
  readonly token: string;
  readonly credential: Kind;
}

/** Makes a credential of a connection and stores what is kept of it; refuses a bad name and one that is taken. */
export async function issueCredential(
  { credentials }: Pick<Store, "credentials">,
  secretHash: SecretHash,
  wish: CredentialWish,
  circumstances: Circumstances & { readonly nowMs: number },
): Promise<IssuedCredential> {
  const { nowMs } = circumstances;
  await checkName(wish.name, nowMs, () => credentials.list(wish.scope));
  const { token, kept } = newToken("scim", secretHash, wish, nowMs);
  const { tenantId, connectionId } = wish.scope;
  const { scopes, cidrs } = wish;
  const credential: Credential = { ...kept, tenantId, connectionId, scopes, cidrs };
  await credentials.create(credential, circumstances);
  return { token, credential };
}

/** Which credential shall be replaced, and how. */
export interface RotationWish {
  readonly old: Credential;
  /** When the old one ends, an xsd:dateTime in UTC. */
  readonly oldExpires: string;
  readonly lifetime: LifetimeReading;
  readonly creator: string;
}

/** Makes a credential like an old one, which ends soon; undefined when the old one does not work any more. */
export async function rotateCredential(
  { credentials }: Pick<Store, "credentials">,
  secretHash: SecretHash,
  { old, oldExpires, lifetime, creator }: RotationWish,
  circumstances: Circumstances & { readonly nowMs: number },
): Promise<IssuedCredential | undefined> {
  const { nowMs } = circumstances;
  if (credentialStateOf(old, nowMs) !== "active") {
    return undefined;
  }
  const { token, kept } = newToken(
    "scim",
    secretHash,
    { name: old.name, lifetime, creator },
    nowMs,
  );
  const credential: Credential = { ...old, ...kept };
  const replaced = { credentialId: old.credentialId, expires: oldExpires };
  return (await credentials.rotate(credential, replaced, circumstances))
    ? { token, credential }
    : undefined;
}

/** Makes a credential of the admin API and stores what is kept of it; refuses a bad name and one that is taken. */
export async function issueAdminCredential(
  { adminCredentials }: Pick<Store, "adminCredentials">,
  secretHash: SecretHash,
  wish: AdminCredentialWish,
  circumstances: Circumstances & { readonly nowMs: number },
): Promise<IssuedCredential<AdminCredential>> {
  const { nowMs } = circumstances;
  await checkName(wish.name, nowMs, adminCredentials.list);
  const { token, kept } = newToken("admin", secretHash, wish, nowMs);
  const credential: AdminCredential = { ...kept, tenantId: wish.tenantId };
  await adminCredentials.create(credential, circumstances);
  return { token, credential };
}

function newToken(
  kind: TokenKind,
  { hash, pepperVersion }: SecretHash,
  wish: Pick<CredentialWish, "name" | "lifetime" | "creator">,
  nowMs: number,
): { readonly token: string; readonly kept: KeptToken } {
  const parts = tokenPartsOf(randomBytes(tokenBytes));
  const token = formatToken(parts, kind);
  const kept: KeptToken = {
    credentialId: parts.credentialId,
    name: wish.name,
    secretHash: hash(parts.secret),
    pepperVersion,
    lastFour: token.slice(-4),
    created: new Date(nowMs).toISOString(),
    creator: wish.creator,
    expires: expiryOf(wish.lifetime, nowMs),
    revoked: undefined,
    lastUsed: undefined,
  };
  return { token, kept };
}

/** The name is for people, so of two commands at the same moment both may win. */
async function checkName(
  name: string,
  nowMs: number,
  list: () => Promise<readonly KeptToken[]>,
): Promise<void> {
  if (name === "") {
    return;
  }
  checkedName(name);
  const taken = (await list()).find(
    (other) => other.name === name && credentialStateOf(other, nowMs) === "active",
  );
  if (taken !== undefined) {
    throw refusal(
      `the token ${taken.credentialId} is called "${name}" already: give another name, or revoke it first`,
    );
  }
}
