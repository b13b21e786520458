/** `rollcall admin-token`: makes, lists, replaces and revokes the bearer tokens of the admin API. */
import type { AdminCredentialJson } from "../admin-contract/admin-credentials.ts";
import { adminCredentialJsonOf } from "../admin-contract/admin-credentials.ts";
import type { Instance } from "../compose.ts";
import type { AdminCredential } from "../domain/admin-credential.ts";
import { credentialStateOf } from "../domain/credential.ts";
import { refusal } from "../domain/refusal.ts";
import type { TenantId } from "../domain/tenant.ts";
import type { Call, Command } from "./command.ts";
import { findTenant } from "./find-connection.ts";
import { formatTable } from "./format-table.ts";
import { lifetimeOption, lifetimeOptionRow } from "./lifetime-option.ts";
import { endOf, oldExpiresOption, overlapOption } from "./overlap-option.ts";

/** The commands. */
export const adminTokenCommands: readonly Command[] = [
  {
    usage: "admin-token create",
    summary: "make a bearer token of the admin API and print it, alone and this once",
    options: [
      ["--tenant <slug>", "the one tenant it is good for, the whole instance by default"],
      ["--name <name>", "what it is for; no other token that is good for the same has this name"],
      lifetimeOptionRow,
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
    usage: "admin-token rotate <id>",
    summary: "make a new token like an old one, which goes on working for a while",
    options: [overlapOption, lifetimeOptionRow],
    usedBy: "all",
    folder: "need",
    run: rotateToken,
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
  call.answer({ token, ...adminCredentialJsonOf(credential, tenant?.slug, call.io.now()) }, [
    token,
  ]);
  return 0;
}

async function listTokens(call: Call): Promise<number> {
  const { store } = await call.open();
  const credentials = await store.adminCredentials.list();
  const slugs = new Map<TenantId | undefined, string>(
    (await store.tenants.list()).map(({ tenantId, slug }) => [tenantId, slug]),
  );
  const now = call.io.now();
  call.answer(
    credentials.map((credential) =>
      adminCredentialJsonOf(credential, slugs.get(credential.tenantId), now),
    ),
    formatTable(
      ["TOKEN", "NAME", "LAST 4", "STATE", "GOOD FOR", "EXPIRES", "LAST USED"],
      credentials.map((credential) => [
        credential.credentialId,
        credential.name,
        credential.lastFour,
        credentialStateOf(credential, now),
        slugs.get(credential.tenantId) ?? "the instance",
        credential.expires ?? "never",
        credential.lastUsed ?? "never",
      ]),
    ),
  );
  return 0;
}

async function rotateToken(call: Call): Promise<number> {
  const instance = await call.open();
  const old = await namedToken(call, instance);
  const { credentialId } = old;
  const oldExpires = oldExpiresOption(call);
  const wish = { old, oldExpires, lifetime: lifetimeOption(call), creator: "cli" };
  const issued = await instance.rotateAdminCredential(wish);
  if (issued === undefined) {
    throw refusal(`token ${credentialId} does not work any more: make a new one`);
  }
  const { token, credential } = issued;
  if (!call.json) {
    call.io.err(
      `Token ${credential.credentialId} takes the place of ${credentialId}, which works until ${endOf(old, oldExpires)}; it is shown this once.\n`,
    );
  }
  const slug = await slugOf(credential, instance);
  call.answer({ token, ...adminCredentialJsonOf(credential, slug, call.io.now()) }, [token]);
  return 0;
}

async function namedToken({ args, io }: Call, { store }: Instance): Promise<AdminCredential> {
  const [id = ""] = args;
  const credential = (await store.adminCredentials.list()).find(
    ({ credentialId }) => credentialId === id,
  );
  if (credential === undefined) {
    throw refusal(`the admin API has no token ${id}; see ${io.program} admin-token list`);
  }
  return credential;
}

async function slugOf(
  { tenantId }: AdminCredential,
  { store }: Instance,
): Promise<string | undefined> {
  const tenant = tenantId === undefined ? undefined : await store.tenants.byId(tenantId);
  return tenant?.slug;
}

async function revokeToken(call: Call): Promise<number> {
  const instance = await call.open();
  const { store, circumstances } = instance;
  const credential = await namedToken(call, instance);
  const id: string = credential.credentialId;
  const at = new Date(call.io.now()).toISOString();
  if (!(await store.adminCredentials.revoke(credential.credentialId, at, circumstances()))) {
    throw refusal(`token ${id} was revoked before`);
  }
  const slug = await slugOf(credential, instance);
  const shown: AdminCredentialJson = adminCredentialJsonOf(
    { ...credential, revoked: at },
    slug,
    call.io.now(),
  );
  call.answer(shown, [`Token ${id} of the admin API is revoked.`]);
  return 0;
}
