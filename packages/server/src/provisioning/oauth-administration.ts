/** What operators do with OAuth clients of a connection. A secret is shown when it is made and never again (RFC 6749 §2.3.1). */
import { randomBytes } from "node:crypto";
import type { Circumstances } from "../domain/audit-entry.ts";
import { checkedName } from "../domain/checked-name.ts";
import type { CredentialScope } from "../domain/credential.ts";
import { formatToken, tokenBytes, tokenPartsOf } from "../domain/credential.ts";
import type {
  ClientKeys,
  ClientProof,
  ClientSecret,
  IssuedOauthClient,
  OauthClient,
  ProofWish,
} from "../domain/oauth-client.ts";
import {
  claimValueProblemOf,
  oauthClientsMax,
  parseKeySet,
  secretsWith,
} from "../domain/oauth-client.ts";
import { issuerProblemOf } from "../domain/oidc-connection.ts";
import { parseOutboundUrl } from "../domain/outbound-address.ts";
import { refusal } from "../domain/refusal.ts";
import type { CredentialId, Scope } from "../domain/tenant.ts";
import type { Store } from "../store/store.ts";
import type { SecretHash } from "./secret-hash.ts";

/** What a new client shall be. */
export interface OauthClientWish extends ProofWish {
  readonly scope: Scope;
  readonly name: string;
  readonly scopes: readonly CredentialScope[];
  readonly cidrs: readonly string[];
  readonly creator: string;
}

/** How a client shall be given something new to prove itself with. */
export interface RenewalWish {
  /** When the secret before ends, an xsd:dateTime in UTC; one that is over ends its access tokens too. */
  readonly oldEnds: string;
  /** In place of the keys before, which end at once. */
  readonly jwks?: unknown;
}

/** What is done with clients. Whatever cannot be done is a refusal. */
export interface OauthAdministration {
  create(wish: OauthClientWish): Promise<IssuedOauthClient>;
  renew(client: OauthClient, wish: RenewalWish): Promise<IssuedOauthClient>;
  /** Answers false when it was gone. */
  remove(client: OauthClient): Promise<boolean>;
}

/** What it needs. */
export interface OauthAdministrationParts {
  readonly store: Pick<Store, "oauthClients">;
  readonly secretHash: SecretHash;
  /** What the operator of the instance allows beyond public addresses, blocks in CIDR notation. */
  readonly allowed: readonly string[];
  readonly now: () => number;
  readonly circumstances: () => Circumstances;
}

/** Makes it. */
export function createOauthAdministration(parts: OauthAdministrationParts): OauthAdministration {
  const { oauthClients } = parts.store;
  return {
    create: (wish) => createClient(wish, parts),
    renew: (client, wish) => renewClient(client, wish, parts),
    remove: ({ tenantId, connectionId, clientId }) =>
      oauthClients.remove({ tenantId, connectionId }, clientId, parts.circumstances()),
  };
}

async function createClient(
  { scope, name, scopes, cidrs, creator, ...proofWish }: OauthClientWish,
  parts: OauthAdministrationParts,
): Promise<IssuedOauthClient> {
  const { oauthClients } = parts.store;
  if (name !== "") {
    checkedName(name);
  }
  if ((await oauthClients.list(scope)).length >= oauthClientsMax) {
    throw refusal(
      `the connection has ${oauthClientsMax} OAuth clients, which is as many as it may`,
    );
  }
  const proof = checkedProof(proofWish, parts.allowed);
  const { credentialId: clientId, secret } = tokenPartsOf(randomBytes(tokenBytes));
  const made =
    proof.method === "client_secret_basic" ? keptSecretOf({ clientId, secret }, parts) : undefined;
  const client: OauthClient = {
    ...scope,
    clientId,
    name,
    proof,
    secrets: made === undefined ? [] : [made.kept],
    scopes,
    cidrs,
    created: new Date(parts.now()).toISOString(),
    creator,
    tokensSince: undefined,
    lastUsed: undefined,
  };
  const outcome = await oauthClients.create(client, parts.circumstances());
  if (outcome !== "created") {
    throw refusal(
      outcome === "taken"
        ? `another OAuth client of the connection is called "${name}": give another name`
        : "the connection is not there any more",
    );
  }
  return { client, secret: made?.text };
}

async function renewClient(
  client: OauthClient,
  { oldEnds, jwks }: RenewalWish,
  parts: OauthAdministrationParts,
): Promise<IssuedOauthClient> {
  const nowMs = parts.now();
  const isCut = Date.parse(oldEnds) <= nowMs;
  const tokensSince = isCut ? new Date(nowMs).toISOString() : client.tokensSince;
  if (client.proof.method === "client_secret_basic") {
    if (jwks !== undefined) {
      throw refusal("this client proves itself by a secret: it takes no keys");
    }
    const { secret } = tokenPartsOf(randomBytes(tokenBytes));
    const { kept, text } = keptSecretOf({ clientId: client.clientId, secret }, parts);
    const secrets = secretsWith(kept, client, { nowMs, ends: oldEnds });
    return { client: await renewed(client, { secrets, tokensSince }, parts), secret: text };
  }
  const { keys } = client.proof;
  if (keys.kind !== "inline" || jwks === undefined) {
    throw refusal(
      keys.kind === "inline"
        ? "give the new keys (jwks): a set that has the old ones too lets both work for a while"
        : "the keys of this client are read from where it publishes them: renew them there",
    );
  }
  const proof = { ...client.proof, keys: inlineKeys(jwks) };
  const change = { proof, tokensSince: new Date(nowMs).toISOString() };
  return { client: await renewed(client, change, parts), secret: undefined };
}

async function renewed(
  client: OauthClient,
  change: Partial<OauthClient>,
  { store, circumstances }: OauthAdministrationParts,
): Promise<OauthClient> {
  const after = { ...client, ...change };
  if (!(await store.oauthClients.renew(client, after, circumstances()))) {
    throw refusal("somebody else has changed or removed this client just now: look at it again");
  }
  return after;
}

function keptSecretOf(
  { clientId, secret }: { readonly clientId: CredentialId; readonly secret: string },
  { secretHash, now }: OauthAdministrationParts,
): { readonly text: string; readonly kept: ClientSecret } {
  const text = formatToken({ credentialId: clientId, secret }, "client");
  const kept = {
    secretHash: secretHash.hash(secret),
    pepperVersion: secretHash.pepperVersion,
    lastFour: text.slice(-4),
    created: new Date(now()).toISOString(),
    ends: undefined,
  };
  return { text, kept };
}

/** Reads how a client shall prove itself; refuses what does not fit together, and addresses that are not connected to. */
export function checkedProof(wish: ProofWish, allowed: readonly string[]): ClientProof {
  const { method, jwks, jwksUrl, issuer, subject, audience } = wish;
  const claims = { issuer, subject, audience };
  const given = Object.entries(claims).filter(([, value]) => value !== undefined);
  if (method !== "federated" && given.length > 0) {
    throw refusal(
      `issuer, subject and audience are for clients that somebody else vouches for (federated)`,
    );
  }
  if (jwks !== undefined && jwksUrl !== undefined) {
    throw refusal("give the keys themselves or where they are, not both");
  }
  if (method === "client_secret_basic") {
    if (jwks !== undefined || jwksUrl !== undefined) {
      throw refusal("a client with keys proves itself by private_key_jwt, not by a secret");
    }
    return { method };
  }
  const keys = keysOf({ jwks, jwksUrl }, allowed);
  if (method === "private_key_jwt") {
    if (keys === undefined) {
      throw refusal("private_key_jwt needs the public keys of the client (jwks or jwksUrl)");
    }
    return { method, keys };
  }
  return {
    method,
    keys: keys ?? { kind: "issuer" },
    issuer: checkedIssuer(claimOf("issuer", issuer), keys, allowed),
    subject: claimOf("subject", subject),
    audience: claimOf("audience", audience),
  };
}

function keysOf(
  { jwks, jwksUrl }: Pick<ProofWish, "jwks" | "jwksUrl">,
  allowed: readonly string[],
): Exclude<ClientKeys, { readonly kind: "issuer" }> | undefined {
  if (jwks !== undefined) {
    return inlineKeys(jwks);
  }
  if (jwksUrl === undefined) {
    return undefined;
  }
  const parsed = parseOutboundUrl(jwksUrl, allowed);
  if (parsed.kind === "refused") {
    throw refusal(`the keys cannot be read from this address: ${parsed.reason}`);
  }
  return { kind: "url", url: parsed.url.href };
}

function inlineKeys(jwks: unknown): { readonly kind: "inline" } & ClientKeys {
  const read = parseKeySet(jwks);
  if (read.kind === "problem") {
    throw refusal(read.problem);
  }
  return { kind: "inline", keys: read.keys };
}

/** Where the keys are known, an issuer is a name and nothing is asked there. */
function checkedIssuer(
  issuer: string,
  keys: ClientKeys | undefined,
  allowed: readonly string[],
): string {
  const problem = keys === undefined ? issuerProblemOf(issuer, allowed) : undefined;
  if (problem !== undefined) {
    throw refusal(problem);
  }
  return issuer;
}

function claimOf(name: "issuer" | "subject" | "audience", value: string | undefined): string {
  if (value === undefined) {
    throw refusal(
      `a client that somebody else vouches for needs issuer, subject and audience: ${name} is missing`,
    );
  }
  const problem = claimValueProblemOf(value);
  if (problem !== undefined) {
    throw refusal(`${name}: ${problem}`);
  }
  return value;
}
