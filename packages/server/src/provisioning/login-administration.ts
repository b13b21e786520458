/** What is done about logins: how people of a tenant log in, and letting them in by a token or an asserted login. */
import type { Circumstances } from "../domain/audit-entry.ts";
import { parseEmailAddress } from "../domain/email-address.ts";
import type { AssertedLogin, LoginOutcome } from "../domain/login.ts";
import {
  groupNameProblemOf,
  loginGroupsMax,
  personNameOf,
  subjectProblemOf,
} from "../domain/login.ts";
import { loginOfClaims } from "../domain/login-claims.ts";
import type { LoginSettings, OidcConnection } from "../domain/oidc-connection.ts";
import {
  checkedLoginSettings,
  clientIdProblemOf,
  clientSecretLengthMax,
  issuerProblemOf,
  oidcSecretPlaceOf,
} from "../domain/oidc-connection.ts";
import { refusal } from "../domain/refusal.ts";
import type { Tenant } from "../domain/tenant.ts";
import type { Store } from "../store/store.ts";
import type { TextSeal } from "./sealed-text.ts";
import type { VerifyIdToken } from "./verify-id-token.ts";

/** What logins need beside the store. */
export interface LoginTools {
  /** What the operator of the instance allows beyond public addresses, blocks in CIDR notation. */
  readonly allowed: readonly string[];
  readonly seal: TextSeal;
  readonly verifyIdToken: VerifyIdToken;
}

/** What an OIDC connection shall be. */
export interface OidcWish extends LoginSettings {
  readonly issuer: string;
  readonly clientId: string;
  /** Null takes it away; undefined leaves what the same client at the same issuer has. */
  readonly clientSecret: string | null | undefined;
}

/** What an identity provider, or an application for it, says of somebody who logs in. */
export interface LoginWish {
  readonly subject: string;
  readonly email?: string | undefined;
  readonly emailVerified?: boolean | undefined;
  readonly name?: string | undefined;
  /** Undefined where they are not known. */
  readonly groups?: readonly string[] | undefined;
}

/** A token that somebody presents. */
export interface TokenWish {
  readonly idToken: string;
  readonly nonce: string | undefined;
}

/** What a token comes to. */
export type TokenLogin =
  | { readonly kind: "login"; readonly login: AssertedLogin }
  | { readonly kind: "refused"; readonly why: string }
  | { readonly kind: "unavailable"; readonly why: string };

/** What is done about logins. Whatever cannot be done is a refusal; what is gone is undefined or false. */
export interface LoginAdministration {
  saveConnection(tenant: Tenant, wish: OidcWish): Promise<OidcConnection | undefined>;
  /** Answers false when there is none. */
  removeConnection(tenant: Tenant): Promise<boolean>;
  /** Asks the provider for its keys where they are not known: may take a while. A refusal is in the audit log. */
  readToken(tenant: Tenant, wish: TokenWish): Promise<TokenLogin>;
  logIn(tenant: Tenant, login: AssertedLogin): Promise<LoginOutcome>;
}

/** What it needs. */
export interface LoginAdministrationParts extends LoginTools {
  readonly store: Pick<Store, "logins" | "oidcConnections">;
  readonly now: () => number;
  readonly circumstances: () => Circumstances;
}

/** Makes it. */
export function createLoginAdministration(parts: LoginAdministrationParts): LoginAdministration {
  const { store, circumstances } = parts;
  return {
    saveConnection: (tenant, wish) => saveConnection(tenant, wish, parts),
    removeConnection: ({ tenantId }) => store.oidcConnections.remove(tenantId, circumstances()),
    readToken: (tenant, wish) => readToken(tenant, wish, parts),
    logIn: ({ tenantId }, login) => store.logins.logIn(tenantId, login, circumstances()),
  };
}

/** Reads an issuer that may be connected to as far as its text tells; refuses others. */
export function checkedIssuer(issuer: string, allowed: readonly string[]): string {
  return checked(issuer, issuerProblemOf(issuer, allowed));
}

/** Reads a login that is asserted; refuses one that cannot be kept as it is. */
export function assertedLoginOf(wish: LoginWish): AssertedLogin {
  const { subject, email: emailText, emailVerified = false, name, groups } = wish;
  const email = emailText === undefined ? undefined : parseEmailAddress(emailText);
  const problem =
    subjectProblemOf(subject) ??
    (emailText !== undefined && email === undefined
      ? "the e-mail is no address that mail can go to"
      : undefined) ??
    groupsProblemOf(groups ?? []);
  if (problem !== undefined) {
    throw refusal(problem);
  }
  return {
    subject,
    email,
    isEmailVerified: email !== undefined && emailVerified,
    name: personNameOf(name),
    groups: groups && [...new Set(groups)],
    warnings: [],
  };
}

function groupsProblemOf(groups: readonly string[]): string | undefined {
  return groups.length > loginGroupsMax
    ? `expected at most ${loginGroupsMax} groups`
    : groups.map(groupNameProblemOf).find((problem) => problem !== undefined);
}

async function saveConnection(
  tenant: Tenant,
  { issuer, clientId, clientSecret, ...settings }: OidcWish,
  { store, allowed, seal, now, circumstances }: LoginAdministrationParts,
): Promise<OidcConnection | undefined> {
  const { tenantId } = tenant;
  const before = await store.oidcConnections.read(tenantId);
  const isSameClient = before?.issuer === issuer && before.clientId === clientId;
  // What one provider was told as a secret is nothing to send to another.
  const kept = isSameClient ? before.sealedSecret : undefined;
  const sealed =
    typeof clientSecret === "string"
      ? seal.seal(checkedSecret(clientSecret), oidcSecretPlaceOf(tenant))
      : undefined;
  const connection: OidcConnection = {
    tenantId,
    issuer: checkedIssuer(issuer, allowed),
    clientId: checked(clientId, clientIdProblemOf(clientId)),
    sealedSecret: clientSecret === undefined ? kept : sealed,
    updated: new Date(now()).toISOString(),
    ...checkedLoginSettings(settings),
  };
  const isSaved = await store.oidcConnections.save(connection, circumstances());
  return isSaved ? store.oidcConnections.read(tenantId) : undefined;
}

function checkedSecret(secret: string): string {
  return checked(
    secret,
    secret !== "" && secret.length <= clientSecretLengthMax
      ? undefined
      : `a client secret has 1 to ${clientSecretLengthMax} characters`,
  );
}

function checked(text: string, problem: string | undefined): string {
  if (problem !== undefined) {
    throw refusal(problem);
  }
  return text;
}

async function readToken(
  { tenantId, slug }: Tenant,
  wish: TokenWish,
  { store, verifyIdToken, circumstances }: LoginAdministrationParts,
): Promise<TokenLogin> {
  const connection = await store.oidcConnections.read(tenantId);
  if (connection === undefined) {
    throw refusal(
      `tenant ${slug} has no OIDC connection, which says whose tokens are good: make one first`,
    );
  }
  const { issuer, clientId } = connection;
  const verdict = await verifyIdToken({ ...wish, issuer, clientId });
  if (verdict.kind === "unavailable") {
    return verdict;
  }
  const read = verdict.kind === "verified" ? loginOfClaims(verdict.claims, connection) : verdict;
  if (read.kind === "refused") {
    await store.logins.refuse(tenantId, { why: read.why }, circumstances());
  }
  return read;
}
