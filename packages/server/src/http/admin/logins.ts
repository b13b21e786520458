/** Lets people in over the admin API, and says how the people of a tenant log in. */
import type { LoginBody } from "../../admin-contract/logins.ts";
import { logIn, loginJsonOf } from "../../admin-contract/logins.ts";
import {
  oidcConnectionJsonOf,
  readOidcConnection,
  removeOidcConnection,
  saveOidcConnection,
} from "../../admin-contract/oidc-connection.ts";
import { problemTypes } from "../../admin-contract/problem.ts";
import type { AssertedLogin, LoginRefusal } from "../../domain/login.ts";
import { loginRefusals } from "../../domain/login.ts";
import type { OidcConnection } from "../../domain/oidc-connection.ts";
import { loginSettingsDefault } from "../../domain/oidc-connection.ts";
import type { Tenant } from "../../domain/tenant.ts";
import type { LoginAdministration } from "../../provisioning/login-administration.ts";
import {
  assertedLoginOf,
  checkedIssuer,
  createLoginAdministration,
} from "../../provisioning/login-administration.ts";
import type { Problem } from "./problem.ts";
import { checkedPart, notFound, problem } from "./problem.ts";
import type { AdminCall, AdminParts, ServedOperation } from "./served-operation.ts";
import { served, servedInTenant } from "./served-operation.ts";

/** The operations. */
export const servedLogins: readonly ServedOperation[] = [
  servedInTenant(readOidcConnection, async ({ tenant }, { store }) => ({
    body: oidcConnectionJsonOf(known(await store.oidcConnections.read(tenant.tenantId))),
  })),
  servedInTenant(saveOidcConnection, async (call, parts) => {
    const { issuer, clientId, clientSecret, ...settings } = call.body;
    checkedPart("issuer", () => checkedIssuer(issuer, parts.loginTools.allowed));
    const { scopes, groupsClaim, subjectClaim, mode, jit } = loginSettingsDefault;
    const wish = {
      issuer,
      clientId,
      clientSecret,
      scopes: settings.scopes ?? scopes,
      groupsClaim: settings.groupsClaim ?? groupsClaim,
      subjectClaim: settings.subjectClaim ?? subjectClaim,
      mode: settings.mode ?? mode,
      jit: settings.jit ?? jit,
    };
    const saved = await loginsOf(call, parts).saveConnection(call.tenant, wish);
    if (saved === undefined) {
      throw notFound("tenant");
    }
    return { body: oidcConnectionJsonOf(saved) };
  }),
  servedInTenant(removeOidcConnection, async (call, parts) => {
    if (!(await loginsOf(call, parts).removeConnection(call.tenant))) {
      throw notFound("OIDC connection");
    }
    return { body: { removed: true as const } };
  }),
  served(logIn, async (call, parts) => {
    const tenant = await tenantOf(call, parts);
    const login = await loginOf(call, tenant, parts);
    const outcome = await loginsOf(call, parts).logIn(tenant, login);
    if (outcome.kind === "gone") {
      throw notFound("tenant");
    }
    if (outcome.kind === "refused") {
      throw refused(outcome.reason);
    }
    return { body: loginJsonOf(tenant.slug, outcome, login.warnings) };
  }),
];

type LoginCall = AdminCall<unknown, LoginBody>;

function loginsOf(
  { circumstances, nowMs }: Pick<LoginCall, "circumstances" | "nowMs">,
  { store, loginTools }: AdminParts,
): LoginAdministration {
  return createLoginAdministration({
    ...loginTools,
    store,
    now: () => nowMs,
    circumstances: () => circumstances,
  });
}

/** Another tenant is answered like one that does not exist. */
async function tenantOf({ body, caller }: LoginCall, { store }: AdminParts): Promise<Tenant> {
  const tenant = await store.tenants.bySlug(body.tenant);
  if (
    tenant === undefined ||
    (caller.tenantId !== undefined && caller.tenantId !== tenant.tenantId)
  ) {
    throw notFound("tenant");
  }
  return tenant;
}

async function loginOf(call: LoginCall, tenant: Tenant, parts: AdminParts): Promise<AssertedLogin> {
  const { idToken, nonce, asserted } = call.body;
  if (asserted !== undefined) {
    return checkedPart("asserted", () => assertedLoginOf(asserted));
  }
  // A provider may take its time, in which others of the tenant are served.
  const token = await call.away(() =>
    loginsOf(call, parts).readToken(tenant, { idToken: idToken ?? "", nonce }),
  );
  switch (token.kind) {
    case "login":
      return token.login;
    case "refused":
      throw refused("invalid-token", token.why);
    case "unavailable":
      throw problem(503, `The keys of the identity provider cannot be read: ${token.why}.`, {
        headers: { "Retry-After": "5" },
      });
  }
}

function refused(whyNot: LoginRefusal, why?: string): Problem {
  const detail = why === undefined ? loginRefusals[whyNot] : `The ID token is not good: ${why}.`;
  return problem(403, detail, { type: problemTypes.loginRefused, whyNot });
}

function known(connection: OidcConnection | undefined): OidcConnection {
  if (connection === undefined) {
    throw notFound("OIDC connection");
  }
  return connection;
}
