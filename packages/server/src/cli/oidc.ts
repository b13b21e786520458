/** `rollcall oidc`: how the people of a tenant log in over OpenID Connect. */
import { oidcConnectionJsonOf } from "../admin-contract/oidc-connection.ts";
import type { OidcConnection } from "../domain/oidc-connection.ts";
import {
  jitRules,
  loginModes,
  loginSettingsDefault,
  parseJitRule,
  parseLoginMode,
} from "../domain/oidc-connection.ts";
import { refusal } from "../domain/refusal.ts";
import type { Call, Command } from "./command.ts";
import { findTenant } from "./find-connection.ts";
import { formatFields } from "./format-table.ts";
import { textOrStdin } from "./text-or-stdin.ts";

const shared = { usedBy: "all", folder: "need" } as const;

/** The commands. */
export const oidcCommands: readonly Command[] = [
  {
    ...shared,
    usage: "oidc set <tenant>",
    summary: "say whose ID tokens are good, and whom a login lets in; what is left out stays",
    options: [
      ["--issuer <url>", "the provider, as it writes itself in tokens"],
      ["--client-id <id>", "the client that tokens are made for"],
      ["--client-secret <->", "- reads its secret from stdin; none takes it away"],
      ["--scopes <scopes>", "separated by blanks (default: openid email profile)"],
      ["--groups-claim <name>", "the claim with the groups (default: groups)"],
      ["--subject-claim <name>", "the claim that names a person (default: sub)"],
      ["--mode <mode>", `${loginModes.join(" or ")} (default: scim)`],
      ["--jit <rule>", `whom a login makes a member: ${jitRules.join(", ")} (default: off)`],
    ],
    run: setOidc,
  },
  {
    ...shared,
    usage: "oidc show <tenant>",
    summary: "show how the people of a tenant log in",
    options: [],
    run: showOidc,
  },
  {
    ...shared,
    usage: "oidc remove <tenant>",
    summary: "accept no ID tokens any more; what logins gave stays",
    options: [],
    run: removeOidc,
  },
];

async function setOidc(call: Call): Promise<number> {
  const { store, logins } = await call.open();
  const tenant = await findTenant(store, call.args[0] ?? "");
  const before = await store.oidcConnections.read(tenant.tenantId);
  const issuer = call.text("issuer") ?? before?.issuer;
  const clientId = call.text("clientId") ?? before?.clientId;
  if (issuer === undefined || clientId === undefined) {
    throw refusal("a new OIDC connection needs --issuer and --client-id");
  }
  const known = before ?? loginSettingsDefault;
  const [mode, jit] = [call.text("mode"), call.text("jit")];
  const saved = await logins.saveConnection(tenant, {
    issuer,
    clientId,
    clientSecret: await secretOf(call),
    scopes: call.text("scopes")?.split(/\s+/).filter(Boolean) ?? known.scopes,
    groupsClaim: call.text("groupsClaim") ?? known.groupsClaim,
    subjectClaim: call.text("subjectClaim") ?? known.subjectClaim,
    mode: mode === undefined ? known.mode : parseLoginMode(mode),
    jit: jit === undefined ? known.jit : parseJitRule(jit),
  });
  if (saved === undefined) {
    throw refusal(`there is no tenant ${tenant.slug} any more`);
  }
  answerConnection(call, saved);
  return 0;
}

async function secretOf(call: Call): Promise<string | null | undefined> {
  const text = call.text("clientSecret");
  if (text === undefined || text === "none") {
    return text === undefined ? undefined : null;
  }
  if (text !== "-") {
    throw refusal("--client-secret - reads the secret from stdin: others could see it here");
  }
  return await textOrStdin(call, "--client-secret", text);
}

async function showOidc(call: Call): Promise<number> {
  const { store } = await call.open();
  const { tenantId, slug } = await findTenant(store, call.args[0] ?? "");
  const connection = await store.oidcConnections.read(tenantId);
  if (connection === undefined) {
    throw unknownConnection(call, slug);
  }
  answerConnection(call, connection);
  return 0;
}

async function removeOidc(call: Call): Promise<number> {
  const { store, logins } = await call.open();
  const tenant = await findTenant(store, call.args[0] ?? "");
  if (!(await logins.removeConnection(tenant))) {
    throw unknownConnection(call, tenant.slug);
  }
  call.answer({ removed: true }, [`The OIDC connection of tenant ${tenant.slug} is removed.`]);
  return 0;
}

function unknownConnection({ io }: Call, slug: string): Error {
  return refusal(`tenant ${slug} has no OIDC connection; ${io.program} oidc set ${slug} makes one`);
}

function answerConnection(call: Call, connection: OidcConnection): void {
  const shown = oidcConnectionJsonOf(connection);
  call.answer(
    shown,
    formatFields([
      ["Issuer", shown.issuer],
      ["Client", shown.clientId],
      ["Secret", shown.hasClientSecret ? "set" : "none"],
      ["Scopes", shown.scopes.join(" ")],
      ["Groups", shown.groupsClaim],
      ["Subject", shown.subjectClaim],
      ["Mode", shown.mode],
      ["JIT", shown.jit],
    ]),
  );
}
