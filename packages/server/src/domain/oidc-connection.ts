/** How people of a tenant log in over OpenID Connect, and what a login may do there (OpenID Connect Core 1.0 §3.1.3.7). */
import type { JsonObject } from "@rollcall/scim";
import { isJsonArray, isJsonObject, memberOf } from "@rollcall/scim";
import { cleanText } from "./clean-text.ts";
import { parseOutboundUrl } from "./outbound-address.ts";
import { refusal } from "./refusal.ts";
import type { TenantId } from "./tenant.ts";

/**
 * Who may come in: `scim` whom a connection has linked, or who is a member by hand; `login` every member, and whom the
 * rule `jit` lets in.
 */
export const loginModes = ["scim", "login"] as const;

/** One of them. */
export type LoginMode = (typeof loginModes)[number];

/** Just in time: whom a login makes a member in the mode `login`: nobody, people of verified domains, anybody. */
export const jitRules = ["off", "verified-domains", "any"] as const;

/** One of them. */
export type JitRule = (typeof jitRules)[number];

/** What of an OIDC connection has a default. */
export interface LoginSettings {
  /** What the browser flow asks for. */
  readonly scopes: readonly string[];
  /** The claim that has the names of the groups. */
  readonly groupsClaim: string;
  /** The claim that the externalId of a User is compared with. */
  readonly subjectClaim: string;
  readonly mode: LoginMode;
  readonly jit: JitRule;
}

/** The OIDC connection of a tenant. */
export interface OidcConnection extends LoginSettings {
  readonly tenantId: TenantId;
  /** As the provider writes itself. */
  readonly issuer: string;
  readonly clientId: string;
  /** Under the instance key; undefined for a client without. */
  readonly sealedSecret: string | undefined;
  /** xsd:dateTime in UTC. */
  readonly updated: string;
}

/** The settings of a connection about which nothing was said, and of logins where there is none. */
export const loginSettingsDefault: LoginSettings = {
  scopes: ["openid", "email", "profile"],
  groupsClaim: "groups",
  subjectClaim: "sub",
  mode: "scim",
  jit: "off",
};

/** The most scopes of an OIDC connection. */
const oidcScopesMax = 20;
/** The longest scope of an OIDC connection, in characters. */
const oidcScopeLengthMax = 128;
/** The longest client id of an OIDC connection, in characters. */
const clientIdLengthMax = 256;
/** The longest name of a claim of an OIDC connection, in characters. */
const claimLengthMax = 256;
/** The longest client secret of an OIDC connection, in characters. */
export const clientSecretLengthMax: number = 1024;

/** Says what is wrong with an issuer; undefined for a good one. */
export function issuerProblemOf(issuer: string, allowed: readonly string[]): string | undefined {
  const parsed = parseOutboundUrl(issuer, allowed);
  if (parsed.kind === "refused") {
    return `the issuer cannot be this one: ${parsed.reason}`;
  }
  const { url } = parsed;
  // Compared as text: what the URL standard would write differently never equals the claim.
  return url.search === "" && url.hash === "" && !issuer.includes("?") && !issuer.includes("#")
    ? undefined
    : "the issuer cannot be this one: expected a URL without query and fragment";
}

/** Says what is wrong with a client id; undefined for a good one. */
export function clientIdProblemOf(clientId: string): string | undefined {
  return isPlain(clientId, clientIdLengthMax)
    ? undefined
    : `a client id has 1 to ${clientIdLengthMax} characters, none of them blank or invisible`;
}

/** Says what is wrong with the name of a claim; undefined for a good one. */
export function claimProblemOf(claim: string): string | undefined {
  return isPlain(claim, claimLengthMax)
    ? undefined
    : `a claim has 1 to ${claimLengthMax} characters, none of them blank or invisible`;
}

/** Says what is wrong with scopes; undefined for good ones. */
export function scopesProblemOf(scopes: readonly string[]): string | undefined {
  if (scopes.length > oidcScopesMax) {
    return `expected at most ${oidcScopesMax} scopes`;
  }
  if (!scopes.every((scope) => isPlain(scope, oidcScopeLengthMax))) {
    return `a scope has 1 to ${oidcScopeLengthMax} characters, none of them blank or invisible`;
  }
  return scopes.includes("openid") ? undefined : "expected openid among the scopes";
}

/** Answers with the settings; refuses what does not fit. */
export function checkedLoginSettings(settings: LoginSettings): LoginSettings {
  const problem =
    scopesProblemOf(settings.scopes) ??
    claimProblemOf(settings.groupsClaim) ??
    claimProblemOf(settings.subjectClaim) ??
    jitProblemOf(settings);
  if (problem !== undefined) {
    throw refusal(problem);
  }
  return settings;
}

/** Says what is wrong with a rule of jit; undefined where it fits to the mode. */
export function jitProblemOf({
  mode,
  jit,
}: Pick<LoginSettings, "mode" | "jit">): string | undefined {
  return mode === "scim" && jit !== "off"
    ? "in the mode scim a login makes nobody a member: jit is off, or the mode is login"
    : undefined;
}

/** Reads a mode; refuses what is none. */
export function parseLoginMode(text: string): LoginMode {
  return oneOf(loginModes, text, "a mode");
}

/** Reads a rule of jit; refuses what is none. */
export function parseJitRule(text: string): JitRule {
  return oneOf(jitRules, text, "a rule of jit");
}

/** The settings as they are kept: what differs from the defaults. */
export function keptLoginSettings({
  scopes,
  groupsClaim,
  subjectClaim,
  mode,
  jit,
}: LoginSettings): JsonObject {
  const all = { scopes, groupsClaim, subjectClaim, mode, jit };
  const defaults = new Map<string, unknown>(Object.entries(loginSettingsDefault));
  return Object.fromEntries(
    Object.entries(all).filter(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify(defaults.get(name)),
    ),
  );
}

/** Reads settings as they are kept. */
export function loginSettingsOf(kept: string): LoginSettings {
  const json: unknown = JSON.parse(kept);
  if (!isJsonObject(json)) {
    throw new TypeError("the settings of an OIDC connection are a JSON object");
  }
  const text = (name: "groupsClaim" | "subjectClaim" | "mode" | "jit") => {
    const value = memberOf(json, name);
    return typeof value === "string" ? value : loginSettingsDefault[name];
  };
  const scopes = memberOf(json, "scopes");
  return {
    scopes: isJsonArray(scopes)
      ? scopes.filter((scope) => typeof scope === "string")
      : loginSettingsDefault.scopes,
    groupsClaim: text("groupsClaim"),
    subjectClaim: text("subjectClaim"),
    mode: parseLoginMode(text("mode")),
    jit: parseJitRule(text("jit")),
  };
}

/** What the seal of a client secret is made for. */
export function oidcSecretPlaceOf({ tenantId }: Pick<OidcConnection, "tenantId">): string {
  return `${tenantId}/oidc`;
}

function oneOf<Value extends string>(values: readonly Value[], text: string, what: string): Value {
  const found = values.find((value) => value === text);
  if (found === undefined) {
    throw refusal(`"${cleanText(text, 64)}" is not ${what}: expected ${values.join(", ")}`);
  }
  return found;
}

function isPlain(text: string, lengthMax: number): boolean {
  return (
    text !== "" && [...text].length <= lengthMax && cleanText(text) === text && !/\s/.test(text)
  );
}
