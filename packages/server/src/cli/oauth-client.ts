/** `rollcall oauth-client`: clients of a connection that get access tokens for an hour (RFC 6749 §4.4, RFC 7523). */
import { readFile } from "node:fs/promises";
import { oauthClientJsonOf } from "../admin-contract/oauth-clients.ts";
import type { Instance } from "../compose.ts";
import { scopeOf } from "../domain/connection.ts";
import type { IssuedOauthClient, OauthClient, ProofWish } from "../domain/oauth-client.ts";
import { refusal } from "../domain/refusal.ts";
import type { Call, Command } from "./command.ts";
import { findConnection } from "./find-connection.ts";
import { formatTable } from "./format-table.ts";
import { oldExpiresOption, overlapOption } from "./overlap-option.ts";
import { textOrStdin } from "./text-or-stdin.ts";
import { checkedCidr } from "./token.ts";

const shared = { usedBy: "all", folder: "need" } as const;
const jwksOption = ["--jwks <file>", "public keys, a JSON Web Key Set; - reads stdin"] as const;

/** The commands. */
export const oauthClientCommands: readonly Command[] = [
  {
    ...shared,
    usage: "oauth-client add <tenant/connection>",
    summary: "make an OAuth client; without keys it has a secret, which is printed this once",
    options: [
      ["--name <name>", "what it is for; no other client of the connection has this name"],
      jwksOption,
      ["--jwks-url <url>", "where the public keys are read"],
      ["--issuer <issuer>", "who vouches for it, such as Microsoft Entra ID (iss of assertions)"],
      ["--subject <subject>", "as whom (sub of assertions)"],
      ["--audience <audience>", "to whom (aud of assertions)"],
      ["--read-only", "a client that reads and never writes"],
      ["--cidr <block...>", "networks it works from, such as 192.0.2.0/24; everywhere by default"],
    ],
    run: addClient,
  },
  {
    ...shared,
    usage: "oauth-client list <tenant/connection>",
    summary: "list the OAuth clients of a connection; their secrets are nowhere",
    options: [],
    run: listClients,
  },
  {
    ...shared,
    usage: "oauth-client rotate <tenant/connection> <id>",
    summary: "make a new secret beside the old one, or put new keys in the place of the old ones",
    options: [overlapOption, jwksOption],
    run: rotateClient,
  },
  {
    ...shared,
    usage: "oauth-client remove <tenant/connection> <id>",
    summary: "remove an OAuth client; its access tokens are useless within five seconds",
    options: [],
    run: removeClient,
  },
];

async function addClient(call: Call): Promise<number> {
  const instance = await call.open();
  const { connection, name } = await findConnection(instance.store, call.args[0] ?? "");
  const issued = await instance.oauthClients.create({
    ...(await proofWishOf(call)),
    scope: scopeOf(connection),
    name: call.text("name") ?? "",
    scopes: call.has("readOnly") ? ["scim:read"] : ["scim:read", "scim:write"],
    cidrs: call.list("cidr").map(checkedCidr),
    creator: "cli",
  });
  answerIssued(call, issued, instance, `OAuth client ${issued.client.clientId} of ${name}`);
  return 0;
}

/** How a client proves itself follows from what is given. */
async function proofWishOf(call: Call): Promise<ProofWish> {
  const [jwks, jwksUrl] = [await keySetOption(call), call.text("jwksUrl")];
  const [issuer, subject, audience] = [
    call.text("issuer"),
    call.text("subject"),
    call.text("audience"),
  ];
  const hasClaims = [issuer, subject, audience].some((claim) => claim !== undefined);
  const hasKeys = jwks !== undefined || jwksUrl !== undefined;
  const keyed = hasKeys ? "private_key_jwt" : "client_secret_basic";
  return { method: hasClaims ? "federated" : keyed, jwks, jwksUrl, issuer, subject, audience };
}

async function keySetOption(call: Call): Promise<unknown> {
  const file = call.text("jwks");
  if (file === undefined) {
    return undefined;
  }
  const text =
    file === "-" ? await textOrStdin(call, "--jwks", file) : await readFile(file, "utf8");
  try {
    return JSON.parse(text);
  } catch (error) {
    throw refusal(`--jwks ${file} is no JSON: ${error instanceof Error ? error.message : error}`);
  }
}

async function listClients(call: Call): Promise<number> {
  const { store } = await call.open();
  const { connection } = await findConnection(store, call.args[0] ?? "");
  const now = call.io.now();
  const shown = (await store.oauthClients.list(scopeOf(connection))).map((client) =>
    oauthClientJsonOf(client, now),
  );
  call.answer(
    shown,
    formatTable(
      ["CLIENT", "NAME", "METHOD", "SECRETS", "KEYS", "SCOPES", "NETWORKS", "LAST USED"],
      shown.map((client) => [
        client.clientId,
        client.name,
        client.method,
        client.secrets.map(({ lastFour }) => lastFour).join(" ") || "none",
        client.keyIds?.join(" ") ?? client.jwksUrl ?? client.issuer ?? "none",
        client.scopes.join(" "),
        client.cidrs.join(" ") || "any",
        client.lastUsed ?? "never",
      ]),
    ),
  );
  return 0;
}

async function rotateClient(call: Call): Promise<number> {
  const instance = await call.open();
  const { client, name } = await namedClient(call, instance);
  const wish = { oldEnds: oldExpiresOption(call), jwks: await keySetOption(call) };
  const issued = await instance.oauthClients.renew(client, wish);
  const what = issued.secret === undefined ? "New keys" : "New secret";
  answerIssued(call, issued, instance, `${what} of OAuth client ${client.clientId} of ${name}`);
  return 0;
}

async function removeClient(call: Call): Promise<number> {
  const instance = await call.open();
  const { client, name } = await namedClient(call, instance);
  if (!(await instance.oauthClients.remove(client))) {
    throw refusal(`${name} has no OAuth client ${client.clientId} any more`);
  }
  call.answer({ removed: true }, [`OAuth client ${client.clientId} of ${name} is removed.`]);
  return 0;
}

async function namedClient(
  { args, io }: Call,
  { store }: Instance,
): Promise<{ readonly client: OauthClient; readonly name: string }> {
  const [name = "", id = ""] = args;
  const { connection } = await findConnection(store, name);
  const listed = await store.oauthClients.list(scopeOf(connection));
  const client = listed.find(({ clientId }) => clientId === id);
  if (client === undefined) {
    throw refusal(`${name} has no OAuth client ${id}; see ${io.program} oauth-client list ${name}`);
  }
  return { client, name };
}

/** The secret stands alone on stdout, as tokens do. */
function answerIssued(
  call: Call,
  { client, secret }: IssuedOauthClient,
  instance: Instance,
  what: string,
): void {
  const [tokenUrl, baseUrl] = [instance.tokenUrl(), instance.scimUrl()];
  if (!call.json) {
    const shown = secret === undefined ? "" : "; its secret is shown this once";
    call.io.err(`${what}${shown}. Token URL: ${tokenUrl}, SCIM base URL: ${baseUrl}\n`);
  }
  const json = oauthClientJsonOf(client, call.io.now());
  call.answer({ clientSecret: secret ?? null, tokenUrl, baseUrl, ...json }, [
    secret ?? client.clientId,
  ]);
}
