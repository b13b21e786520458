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
import type { Refusal } from "../domain/refusal.ts";
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
  /** The id of the User of the connection whose token it is. */
  readonly userId?: string | undefined;
  readonly creator: string;
}

/** What a new admin credential shall be. */
export interface AdminCredentialWish {
  /** The one tenant it is good for; undefined for the whole instance. */
  readonly tenantId: TenantId | undefined;
  /** Empty, or one that no other active admin credential has that is good for the same. */
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
  const list = () => credentials.list(wish.scope);
  await checkName(wish.name, nowMs, list);
  const { token, kept } = newToken("scim", secretHash, wish, nowMs);
  const { tenantId, connectionId } = wish.scope;
  const { scopes, cidrs, userId } = wish;
  const credential: Credential = {
    ...kept,
    tenantId,
    connectionId,
    scopes,
    cidrs,
    ...(userId === undefined ? {} : { userId }),
  };
  const outcome = await credentials.create(credential, circumstances);
  if (outcome === "taken") {
    throw nameTaken(wish.name, await holderOf(wish.name, nowMs, list));
  }
  return { token, credential };
}

/** Which credential shall be replaced, and how. */
export interface RotationWish<Kind extends KeptToken = Credential> {
  readonly old: Kind;
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
  // Of the same tenant alone: a name that is taken elsewhere would tell what there is.
  const list = async () =>
    (await adminCredentials.list()).filter(({ tenantId }) => tenantId === wish.tenantId);
  await checkName(wish.name, nowMs, list);
  const { token, kept } = newToken("admin", secretHash, wish, nowMs);
  const credential: AdminCredential = { ...kept, tenantId: wish.tenantId };
  const outcome = await adminCredentials.create(credential, circumstances);
  if (outcome === "taken") {
    throw nameTaken(wish.name, await holderOf(wish.name, nowMs, list));
  }
  return { token, credential };
}

/** Makes an admin credential like an old one, which ends soon; undefined when the old one does not work any more. */
export async function rotateAdminCredential(
  { adminCredentials }: Pick<Store, "adminCredentials">,
  secretHash: SecretHash,
  { old, oldExpires, lifetime, creator }: RotationWish<AdminCredential>,
  circumstances: Circumstances & { readonly nowMs: number },
): Promise<IssuedCredential<AdminCredential> | undefined> {
  const { nowMs } = circumstances;
  if (credentialStateOf(old, nowMs) !== "active") {
    return undefined;
  }
  const { name, tenantId } = old;
  const { token, kept } = newToken("admin", secretHash, { name, lifetime, creator }, nowMs);
  const credential: AdminCredential = { ...kept, tenantId };
  const replaced = { credentialId: old.credentialId, expires: oldExpires };
  return (await adminCredentials.rotate(credential, replaced, circumstances))
    ? { token, credential }
    : undefined;
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

/**
 * Refuses a name early, and with it that of one which was replaced and still works. What holds is the unique index of the
 * store: of two commands at the same moment one wins.
 */
async function checkName(name: string, nowMs: number, list: ListTokens): Promise<void> {
  if (name === "") {
    return;
  }
  checkedName(name);
  const holder = await holderOf(name, nowMs, list);
  if (holder !== undefined) {
    throw nameTaken(name, holder);
  }
}

type ListTokens = () => Promise<readonly KeptToken[]>;

async function holderOf(
  name: string,
  nowMs: number,
  list: ListTokens,
): Promise<KeptToken | undefined> {
  return (await list()).find(
    (other) => other.name === name && credentialStateOf(other, nowMs) === "active",
  );
}

function nameTaken(name: string, holder: KeptToken | undefined): Refusal {
  const which = holder === undefined ? "another token" : `the token ${holder.credentialId}`;
  return refusal(`${which} is called "${name}" already: give another name, or revoke it first`);
}
