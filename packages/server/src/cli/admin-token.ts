/** `rollcall admin-token`: makes, lists and revokes the bearer tokens of the admin API. */
import type { KeptTokenJson } from "../admin-contract/credentials.ts";
import { keptTokenJsonOf } from "../admin-contract/credentials.ts";
import type { AdminCredential, AdminScope } from "../domain/admin-credential.ts";
import { adminScopeOf } from "../domain/admin-credential.ts";
import { credentialStateOf, lifetimeDaysDefault } from "../domain/credential.ts";
import { refusal } from "../domain/refusal.ts";
import type { TenantId } from "../domain/tenant.ts";
import type { Call, Command } from "./command.ts";
import { findTenant } from "./find-connection.ts";
import { formatTable } from "./format-table.ts";
import { lifetimeOption } from "./lifetime-option.ts";

/** The commands. */
export const adminTokenCommands: readonly Command[] = [
  {
    usage: "admin-token create",
    summary: "make a bearer token of the admin API and print it, alone and this once",
    options: [
      ["--tenant <slug>", "the one tenant it is good for, the whole instance by default"],
      ["--name <name>", "what it is for; no other token of the admin API has this name"],
      ["--expires <lifetime>", `30d to 730d, or never (default: ${lifetimeDaysDefault}d)`],
    ],
    usedBy: "all",
    folder: "need",
    run: createToken,
  },
  {
    usage: "admin-token list",
    summary: "list the tokens of the admin API; the tokens themselves are nowhere",
    options: [],
    usedBy: "all",
    folder: "need",
    run: listTokens,
  },
  {
    usage: "admin-token revoke <id>",
    summary: "make a token of the admin API useless, within five seconds",
    options: [],
    usedBy: "all",
    folder: "need",
    run: revokeToken,
  },
];

/** An admin credential as the command line shows it. */
interface AdminTokenJson extends KeptTokenJson {
  readonly scope: AdminScope;
  /** The slug of the one tenant it is good for. */
  readonly tenant: string | null;
}

async function createToken(call: Call): Promise<number> {
  const instance = await call.open();
  const slug = call.text("tenant");
  const tenant = slug === undefined ? undefined : await findTenant(instance.store, slug);
  const { token, credential } = await instance.issueAdminCredential({
    tenantId: tenant?.tenantId,
    name: call.text("name") ?? "",
    lifetime: lifetimeOption(call),
    creator: "cli",
  });
  if (!call.json) {
    const ends =
      credential.expires === undefined ? "never expires" : `expires ${credential.expires}`;
    call.io.err(
      `Token ${credential.credentialId} of the admin API for ${tenant === undefined ? "the whole instance" : `tenant ${tenant.slug}`}, ${ends}; it is shown this once.\n`,
    );
  }
  call.answer({ token, ...shown(credential, tenant?.slug, call.io.now()) }, [token]);
  return 0;
}

async function listTokens(call: Call): Promise<number> {
  const { store } = await call.open();
  const credentials = await store.adminCredentials.list();
  const slugs = new Map<TenantId | undefined, string>(
    (await store.tenants.list()).map(({ tenantId, slug }) => [tenantId, slug]),
  );
  const now = call.io.now();
  const slugOf = ({ tenantId }: AdminCredential) => slugs.get(tenantId);
  call.answer(
    credentials.map((credential) => shown(credential, slugOf(credential), now)),
    formatTable(
      ["TOKEN", "NAME", "LAST 4", "STATE", "GOOD FOR", "EXPIRES", "LAST USED"],
      credentials.map((credential) => [
        credential.credentialId,
        credential.name,
        credential.lastFour,
        credentialStateOf(credential, now),
        slugOf(credential) ?? "the instance",
        credential.expires ?? "never",
        credential.lastUsed ?? "never",
      ]),
    ),
  );
  return 0;
}

async function revokeToken(call: Call): Promise<number> {
  const { store, circumstances } = await call.open();
  const [id = ""] = call.args;
  const credential = (await store.adminCredentials.list()).find(
    ({ credentialId }) => credentialId === id,
  );
  if (credential === undefined) {
    throw refusal(`the admin API has no token ${id}; see ${call.io.program} admin-token list`);
  }
  const at = new Date(call.io.now()).toISOString();
  if (!(await store.adminCredentials.revoke(credential.credentialId, at, circumstances()))) {
    throw refusal(`token ${id} was revoked before`);
  }
  const { tenantId } = credential;
  const tenant = tenantId === undefined ? undefined : await store.tenants.byId(tenantId);
  call.answer(shown({ ...credential, revoked: at }, tenant?.slug, call.io.now()), [
    `Token ${id} of the admin API is revoked.`,
  ]);
  return 0;
}

function shown(
  credential: AdminCredential,
  tenant: string | undefined,
  nowMs: number,
): AdminTokenJson {
  return {
    ...keptTokenJsonOf(credential, nowMs),
    scope: adminScopeOf(credential),
    tenant: tenant ?? null,
  };
}
