/** Makes bearer tokens: the server alone makes them, and shows each once (RFC 7644 §7.4). */
import { randomBytes } from "node:crypto";
import type { Circumstances } from "../domain/audit-entry.ts";
import { checkedName } from "../domain/checked-name.ts";
import type { Credential, CredentialScope, LifetimeReading } from "../domain/credential.ts";
import {
  credentialStateOf,
  expiryOf,
  formatToken,
  tokenBytes,
  tokenPartsOf,
} from "../domain/credential.ts";
import { refusal } from "../domain/refusal.ts";
import type { Scope } from "../domain/tenant.ts";
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

/** A new credential with its token, which is nowhere else. */
export interface IssuedCredential {
  readonly token: string;
  readonly credential: Credential;
}

/** Makes a credential and stores what is kept of it; refuses a bad name and one that is taken. */
export async function issueCredential(
  store: Store,
  { hash, pepperVersion }: SecretHash,
  wish: CredentialWish,
  circumstances: Circumstances & { readonly nowMs: number },
): Promise<IssuedCredential> {
  await checkName(store, wish, circumstances.nowMs);
  const parts = tokenPartsOf(randomBytes(tokenBytes));
  const token = formatToken(parts);
  const credential: Credential = {
    credentialId: parts.credentialId,
    tenantId: wish.scope.tenantId,
    connectionId: wish.scope.connectionId,
    name: wish.name,
    secretHash: hash(parts.secret),
    pepperVersion,
    lastFour: token.slice(-4),
    scopes: wish.scopes,
    cidrs: wish.cidrs,
    created: new Date(circumstances.nowMs).toISOString(),
    creator: wish.creator,
    expires: expiryOf(wish.lifetime, circumstances.nowMs),
    revoked: undefined,
    lastUsed: undefined,
  };
  await store.credentials.create(credential, circumstances);
  return { token, credential };
}

/** The name is for people, so of two commands at the same moment both may win. */
async function checkName(
  { credentials }: Store,
  { scope, name }: CredentialWish,
  nowMs: number,
): Promise<void> {
  if (name === "") {
    return;
  }
  checkedName(name);
  const taken = (await credentials.list(scope)).find(
    (other) => other.name === name && credentialStateOf(other, nowMs) === "active",
  );
  if (taken !== undefined) {
    throw refusal(
      `the token ${taken.credentialId} is called "${name}" already: give another name, or revoke it first`,
    );
  }
}
