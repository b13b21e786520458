/** `rollcall token`: makes, lists, replaces and revokes the bearer tokens of a connection (RFC 7644 §7.4). */
import { credentialJsonOf } from "../admin-contract/credentials.ts";
import type { Instance } from "../compose.ts";
import { parseCidr } from "../domain/cidr.ts";
import { scopeOf } from "../domain/connection.ts";
import type { Credential, KeptToken } from "../domain/credential.ts";
import { credentialStateOf } from "../domain/credential.ts";
import { personType } from "../domain/person.ts";
import { refusal } from "../domain/refusal.ts";
import type { Scope } from "../domain/tenant.ts";
import type { Call, Command } from "./command.ts";
import type { NamedConnection } from "./find-connection.ts";
import { findConnection } from "./find-connection.ts";
import { findResource, typeNamed } from "./find-resource.ts";
import { formatTable } from "./format-table.ts";
import { lifetimeOption, lifetimeOptionRow } from "./lifetime-option.ts";
import { endOf, oldExpiresOption, overlapOption } from "./overlap-option.ts";

/** The commands. */
export const tokenCommands: readonly Command[] = [
  {
    usage: "token create <tenant/connection>",
    summary: "make a bearer token and print it, alone and this once",
    options: [
      ["--name <name>", "what it is for; no other token of the connection has this name"],
      lifetimeOptionRow,
      ["--read-only", "a token that reads and never writes"],
      ["--user <id>", "the User of the connection whose token it is, by id or userName, for /Me"],
      ["--cidr <block...>", "networks it works from, such as 192.0.2.0/24; everywhere by default"],
    ],
    usedBy: "all",
    folder: "need",
    run: createToken,
  },
  {
    usage: "token list <tenant/connection>",
    summary: "list the tokens of a connection; the tokens themselves are nowhere",
    options: [],
    usedBy: "all",
    folder: "need",
    run: listTokens,
  },
  {
    usage: "token rotate <tenant/connection> <id>",
    summary: "make a new token like an old one, which goes on working for a while",
    options: [overlapOption, lifetimeOptionRow],
    usedBy: "all",
    folder: "need",
    run: rotateToken,
  },
  {
    usage: "token revoke <tenant/connection> <id>",
    summary: "make a token useless, within five seconds",
    options: [],
    usedBy: "all",
    folder: "need",
    run: revokeToken,
  },
];

async function createToken(call: Call): Promise<number> {
  const instance = await call.open();
  const found = await findConnection(instance.store, call.args[0] ?? "");
  const { connection, name } = found;
  const { token, credential } = await instance.issueCredential({
    scope: scopeOf(connection),
    userId: await userIdOption(call, instance, found),
    name: call.text("name") ?? "",
    lifetime: lifetimeOption(call),
    scopes: call.has("readOnly") ? ["scim:read"] : ["scim:read", "scim:write"],
    cidrs: call.list("cidr").map(checkedCidr),
    creator: "cli",
  });
  if (!call.json) {
    call.io.err(
      `Token ${credential.credentialId} of ${name}, ${expiryText(credential)}; it is shown this once. ` +
        `SCIM base URL: ${instance.scimUrl()}\n`,
    );
  }
  call.answer(
    { token, baseUrl: instance.scimUrl(), ...credentialJsonOf(credential, call.io.now()) },
    [token],
  );
  return 0;
}

/** The User whose token it is to be. */
async function userIdOption(
  call: Call,
  instance: Instance,
  found: NamedConnection,
): Promise<string | undefined> {
  const user = call.text("user");
  if (user === undefined) {
    return undefined;
  }
  const stored = await findResource(instance, found, typeNamed(instance, personType), user);
  if (stored === undefined) {
    throw refusal(`--user ${user}: ${found.name} has no such user`);
  }
  return stored.id;
}

/** Reads a network; refuses what is none. */
export function checkedCidr(text: string): string {
  if (parseCidr(text) === undefined) {
    throw refusal(`--cidr ${text}: expected an address or a block such as 192.0.2.0/24`);
  }
  return text;
}

async function listTokens(call: Call): Promise<number> {
  const { store } = await call.open();
  const { connection } = await findConnection(store, call.args[0] ?? "");
  const credentials = await store.credentials.list(scopeOf(connection));
  const now = call.io.now();
  call.answer(
    credentials.map((credential) => credentialJsonOf(credential, now)),
    formatTable(
      ["TOKEN", "NAME", "LAST 4", "STATE", "SCOPES", "NETWORKS", "EXPIRES", "LAST USED"],
      credentials.map((credential) => [
        credential.credentialId,
        credential.name,
        credential.lastFour,
        credentialStateOf(credential, now),
        credential.scopes.join(" "),
        credential.cidrs.join(" ") || "any",
        credential.expires ?? "never",
        credential.lastUsed ?? "never",
      ]),
    ),
  );
  return 0;
}

async function rotateToken(call: Call): Promise<number> {
  const instance = await call.open();
  const { credential: old, name } = await namedToken(call, instance);
  const oldExpires = oldExpiresOption(call);
  const wish = { old, oldExpires, lifetime: lifetimeOption(call), creator: "cli" };
  const issued = await instance.rotateCredential(wish);
  if (issued === undefined) {
    throw refusal(`token ${old.credentialId} of ${name} does not work any more: make a new one`);
  }
  const { token, credential } = issued;
  if (!call.json) {
    call.io.err(
      `Token ${credential.credentialId} of ${name} takes the place of ${old.credentialId}, which works until ${endOf(old, oldExpires)}; it is shown this once.\n`,
    );
  }
  call.answer(
    { token, baseUrl: instance.scimUrl(), ...credentialJsonOf(credential, call.io.now()) },
    [token],
  );
  return 0;
}

async function namedToken(
  { args, io }: Call,
  { store }: Instance,
): Promise<{ readonly credential: Credential; readonly scope: Scope; readonly name: string }> {
  const [name = "", id = ""] = args;
  const { connection } = await findConnection(store, name);
  const scope = scopeOf(connection);
  const listed = await store.credentials.list(scope);
  const credential = listed.find(({ credentialId }) => credentialId === id);
  if (credential === undefined) {
    throw refusal(`${name} has no token ${id}; see ${io.program} token list ${name}`);
  }
  return { credential, scope, name };
}

async function revokeToken(call: Call): Promise<number> {
  const instance = await call.open();
  const { store, circumstances } = instance;
  const { credential, scope, name } = await namedToken(call, instance);
  const id = credential.credentialId;
  const at = new Date(call.io.now()).toISOString();
  if (!(await store.credentials.revoke(scope, id, at, circumstances()))) {
    throw refusal(`token ${id} was revoked before`);
  }
  call.answer(credentialJsonOf({ ...credential, revoked: at }, call.io.now()), [
    `Token ${id} of ${name} is revoked.`,
  ]);
  return 0;
}

function expiryText({ expires }: Pick<KeptToken, "expires">): string {
  return expires === undefined ? "never expires" : `expires ${expires}`;
}
