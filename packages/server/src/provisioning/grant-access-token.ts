/** The token endpoint's story: which client asks, whether it is the one, what it may have (RFC 6749 §4.4, RFC 7523 §2). */
import { createHash } from "node:crypto";
import { isJsonObject, memberOf } from "@rollcall/scim";
import type { Connection } from "../domain/connection.ts";
import type { CredentialScope } from "../domain/credential.ts";
import { parseToken } from "../domain/credential.ts";
import type { OauthClient } from "../domain/oauth-client.ts";
import { secretsAt } from "../domain/oauth-client.ts";
import { grantedScopesOf, mayAskFrom } from "../domain/oauth-token.ts";
import type { CredentialId } from "../domain/tenant.ts";
import type { Store } from "../store/store.ts";
import type { AccessTokens } from "./access-tokens.ts";
import type { SecretHash } from "./secret-hash.ts";
import type { VerifyAssertion } from "./verify-assertion.ts";

/** The errors of a token endpoint (RFC 6749 §5.2), and the one for a server that cannot tell now (§4.1.2.1). */
export type TokenError =
  | "invalid_request"
  | "invalid_client"
  | "invalid_grant"
  | "unauthorized_client"
  | "unsupported_grant_type"
  | "invalid_scope"
  | "temporarily_unavailable";

/** The grants there are. */
export const grantTypes = [
  "client_credentials",
  "urn:ietf:params:oauth:grant-type:jwt-bearer",
] as const;

/** The one kind of assertion by which clients authenticate. */
export const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** A request of a client, with every parameter at most once. */
export interface TokenRequest {
  readonly parameters: ReadonlyMap<string, string>;
  /** Id and secret of the Authorization header; undefined without one. */
  readonly basic: { readonly clientId: string; readonly secret: string } | undefined;
  readonly address: string;
  readonly audiences: readonly string[];
  readonly nowMs: number;
}

/** Who asked, as far as it is proven. */
export type ProvenClient = Pick<OauthClient, "clientId" | "tenantId" | "connectionId">;

/** What a request came to. */
export type TokenOutcome =
  | {
      readonly kind: "granted";
      readonly token: string;
      readonly scopes: readonly CredentialScope[];
      readonly client: ProvenClient;
    }
  | {
      readonly kind: "refused";
      readonly error: TokenError;
      readonly description: string;
      /** Undefined unless the client has proven who it is. */
      readonly client: ProvenClient | undefined;
    };

/** Grants access tokens. */
export type GrantAccessToken = (request: TokenRequest) => Promise<TokenOutcome>;

/** What it needs. */
export interface GrantAccessTokenParts {
  readonly store: Pick<Store, "oauthClients" | "connections">;
  readonly secretHash: SecretHash;
  readonly accessTokens: AccessTokens;
  readonly verifyAssertion: VerifyAssertion;
}

type Refused = Extract<TokenOutcome, { readonly kind: "refused" }>;

/** A client that has proven who it is, and what must not be used again. */
interface Proven {
  readonly kind: "proven";
  readonly client: OauthClient;
  readonly used:
    | { readonly jti: string; readonly endsMs: number; readonly error: TokenError }
    | undefined;
}

/** How a request says who it is from. */
type Claimed =
  | { readonly kind: "secret"; readonly clientId: string; readonly secret: string }
  | {
      readonly kind: "assertion";
      readonly clientId: string;
      readonly assertion: string;
      /** Whether it stands for a grant, and not for the authentication of the client. */
      readonly isGrant: boolean;
    };

/** Makes the function. */
export function createGrantAccessToken(parts: GrantAccessTokenParts): GrantAccessToken {
  return async (request) => {
    const claimed = claimedIn(request);
    if (claimed.kind === "refused") {
      return claimed;
    }
    const proven = await proofOf(claimed, request, parts);
    if (proven.kind === "refused") {
      return proven;
    }
    const { client } = proven;
    const { tenantId, connectionId } = client;
    const connection = await parts.store.connections.read({ tenantId, connectionId });
    return (
      refusalOf(client, connection, request) ??
      (await replayOf(proven, parts)) ??
      (await granted(client, request, parts))
    );
  };
}

function claimedIn({ parameters, basic }: TokenRequest): Claimed | Refused {
  const grant = parameters.get("grant_type");
  if (grant === undefined) {
    return refused("invalid_request", "grant_type is missing.");
  }
  if (!grantTypes.some((one) => one === grant)) {
    return refused("unsupported_grant_type", `grant_type is none of ${grantTypes.join(", ")}.`);
  }
  if (parameters.has("client_secret")) {
    const where = "send it in the Authorization header (client_secret_basic)";
    return refused("invalid_request", `client_secret is not read from the body: ${where}.`);
  }
  const isGrant = grant !== "client_credentials";
  const assertion = parameters.get(isGrant ? "assertion" : "client_assertion");
  if (basic !== undefined) {
    return assertion === undefined && !parameters.has("client_assertion")
      ? secretIn(basic, isGrant, parameters)
      : refused("invalid_request", "The client authenticates in two ways at once.");
  }
  if (assertion === undefined) {
    return isGrant
      ? refused("invalid_request", "assertion is missing.")
      : refused("invalid_client", "The client does not authenticate.");
  }
  if (!isGrant && parameters.get("client_assertion_type") !== assertionType) {
    return refused("invalid_request", `client_assertion_type is not ${assertionType}.`);
  }
  const clientId = parameters.get("client_id") ?? subjectIn(assertion) ?? "";
  return { kind: "assertion", clientId, assertion, isGrant };
}

function secretIn(
  { clientId, secret }: NonNullable<TokenRequest["basic"]>,
  isGrant: boolean,
  parameters: TokenRequest["parameters"],
): Claimed | Refused {
  if (isGrant) {
    return refused("invalid_request", "assertion is missing.");
  }
  return (parameters.get("client_id") ?? clientId) === clientId
    ? { kind: "secret", clientId, secret }
    : refused("invalid_request", "client_id is not that of the Authorization header.");
}

/** Who an assertion says that it is about, to be verified. */
function subjectIn(assertion: string): string | undefined {
  try {
    const text = Buffer.from(assertion.split(".")[1] ?? "", "base64url").toString("utf8");
    const claims: unknown = JSON.parse(text);
    const subject = isJsonObject(claims) ? memberOf(claims, "sub") : undefined;
    return typeof subject === "string" ? subject : undefined;
  } catch {
    // What is no JSON names nobody, and will be refused for that.
    return undefined;
  }
}

async function proofOf(
  claimed: Claimed,
  { audiences, address, nowMs }: TokenRequest,
  parts: GrantAccessTokenParts,
): Promise<Proven | Refused> {
  const { store, secretHash, verifyAssertion } = parts;
  // Ids have a form: noise never reaches a database.
  const client = /^[0-9A-Za-z]{12}$/.test(claimed.clientId)
    ? await store.oauthClients.byId(claimed.clientId as CredentialId)
    : undefined;
  if (claimed.kind === "secret") {
    const isRight = isSecretOf(client, claimed.secret, secretHash, nowMs);
    return isRight && client !== undefined
      ? (wrongAddress(client, address) ?? { kind: "proven", client, used: undefined })
      : refused("invalid_client", "The client is unknown, or its secret is not right.");
  }
  const { proof } = client ?? {};
  const bad = claimed.isGrant ? "invalid_grant" : "invalid_client";
  if (client === undefined || proof === undefined || proof.method === "client_secret_basic") {
    return refused(bad, "No client with this client_id proves itself by assertions.");
  }
  if (claimed.isGrant && proof.method !== "federated") {
    return refused(bad, "The assertions of this client authenticate it and are no grants.");
  }
  const { assertion } = claimed;
  const verdict = await verifyAssertion({ assertion, client, proof, audiences });
  if (verdict.kind === "unavailable") {
    return refused(
      "temporarily_unavailable",
      `The keys of the assertion cannot be read now: ${verdict.why}.`,
    );
  }
  if (verdict.kind === "refused") {
    return refused(bad, `The assertion is not good: ${verdict.why}.`);
  }
  const { jti, endsMs } = verdict;
  const used = jti === undefined ? undefined : ({ jti, endsMs, error: bad } as const);
  return wrongAddress(client, address) ?? { kind: "proven", client, used };
}

/** Takes as long for a client that there is not. */
function isSecretOf(
  client: OauthClient | undefined,
  text: string,
  { matches }: SecretHash,
  nowMs: number,
): boolean {
  const parts = parseToken(text, "client");
  const secret = parts?.credentialId === client?.clientId ? (parts?.secret ?? "") : "";
  const [newest, ...others] = client === undefined ? [] : secretsAt(client, nowMs);
  const isNewest = matches(secret, newest);
  return others.some((other) => matches(secret, other)) || isNewest;
}

function wrongAddress(client: OauthClient, address: string): Refused | undefined {
  return mayAskFrom(address, client)
    ? undefined
    : refused("invalid_client", "The client may not ask from this address.");
}

function refusalOf(
  client: OauthClient,
  connection: Connection | undefined,
  { parameters }: TokenRequest,
): Refused | undefined {
  if (connection === undefined) {
    return refused("invalid_client", "The connection of the client is gone.");
  }
  if (connection.disabled) {
    return refused("unauthorized_client", "The connection is disabled.", client);
  }
  return grantedScopesOf(parameters.get("scope"), client) === undefined
    ? refused("invalid_scope", `The client may have ${client.scopes.join(" ")}.`, client)
    : undefined;
}

/** Of two requests with one assertion at the same moment the store lets one through (RFC 7523 §3, item 7). */
async function replayOf(
  { client, used }: Proven,
  { store }: GrantAccessTokenParts,
): Promise<Refused | undefined> {
  if (used === undefined) {
    return undefined;
  }
  const isFirst = await store.oauthClients.useAssertion(client.tenantId, {
    clientId: client.clientId,
    assertionId: createHash("sha256").update(used.jti).digest("base64url"),
    ends: new Date(used.endsMs).toISOString(),
  });
  return isFirst ? undefined : refused(used.error, "The assertion has been used before (jti).");
}

async function granted(
  client: OauthClient,
  { parameters, nowMs }: TokenRequest,
  { store, accessTokens }: GrantAccessTokenParts,
): Promise<TokenOutcome> {
  const scopes = grantedScopesOf(parameters.get("scope"), client) ?? [];
  const { clientId } = client;
  await store.oauthClients.touch(clientId, new Date(nowMs).toISOString());
  const token = accessTokens.make({ clientId, scopes, issuedMs: nowMs });
  return { kind: "granted", token, scopes, client };
}

function refused(error: TokenError, description: string, client?: ProvenClient): Refused {
  return { kind: "refused", error, description, client };
}
