/** Does what the admin API does to OAuth clients of a connection. */
import { overlapHoursDefault } from "../../admin-contract/credentials.ts";
import type { IssuedOauthClientJson } from "../../admin-contract/oauth-clients.ts";
import {
  createOauthClient,
  listOauthClients,
  oauthClientJsonOf,
  removeOauthClient,
  rotateOauthClient,
} from "../../admin-contract/oauth-clients.ts";
import { scopeOf } from "../../domain/connection.ts";
import type { IssuedOauthClient, OauthClient } from "../../domain/oauth-client.ts";
import { parseKeySet } from "../../domain/oauth-client.ts";
import { refusal } from "../../domain/refusal.ts";
import type { Scope } from "../../domain/tenant.ts";
import type { OauthAdministration } from "../../provisioning/oauth-administration.ts";
import {
  checkedProof,
  createOauthAdministration,
} from "../../provisioning/oauth-administration.ts";
import { tokenPath } from "../oauth-token-endpoint.ts";
import { scimRoot } from "../scim-endpoint.ts";
import { connectionOf } from "./connections.ts";
import { pageOfAll } from "./cursor.ts";
import { checkedPart, notFound } from "./problem.ts";
import type { AdminParts, ServedOperation } from "./served-operation.ts";
import { servedInTenant } from "./served-operation.ts";
import type { CallInTenant } from "./tenant-access.ts";

const hourMs = 3_600_000;

/** The operations. */
export const servedOauthClients: readonly ServedOperation[] = [
  servedInTenant(listOauthClients, async ({ tenant, path, query, nowMs }, parts) => {
    const scope = scopeOf(await connectionOf(tenant, path, parts));
    return {
      body: pageOfAll(await parts.store.oauthClients.list(scope), query, {
        list: "oauth-clients",
        keyOf: ({ created, clientId }) => `${created} ${clientId}`,
        shown: (client) => oauthClientJsonOf(client, nowMs),
      }),
    };
  }),
  servedInTenant(createOauthClient, async (call, parts) => {
    const { tenant, path, body, caller, nowMs } = call;
    const { name = "", scopes = ["scim:read", "scim:write"], cidrs = [], ...proof } = body;
    const scope = scopeOf(await connectionOf(tenant, path, parts));
    checkedPart("method", () => checkedProof(proof, parts.webhookTools.allowed));
    const creator = `admin:${caller.credentialId}`;
    const wish = { ...proof, scope, name, scopes: [...new Set(scopes)], cidrs, creator };
    return shownOnce(await clientsOf(call, parts).create(wish), nowMs, parts);
  }),
  servedInTenant(rotateOauthClient, async (call, parts) => {
    const { tenant, path, body, nowMs } = call;
    const scope = scopeOf(await connectionOf(tenant, path, parts));
    const client = await clientIn(scope, path, parts);
    const { overlapHours = overlapHoursDefault, jwks } = body;
    if (jwks !== undefined) {
      checkedPart("jwks", () => checkKeys(jwks));
    }
    const wish = { oldEnds: new Date(nowMs + overlapHours * hourMs).toISOString(), jwks };
    return shownOnce(await clientsOf(call, parts).renew(client, wish), nowMs, parts);
  }),
  servedInTenant(removeOauthClient, async (call, parts) => {
    const scope = scopeOf(await connectionOf(call.tenant, call.path, parts));
    if (!(await clientsOf(call, parts).remove(await clientIn(scope, call.path, parts)))) {
      throw notFound("OAuth client");
    }
    return { body: undefined };
  }),
];

function checkKeys(jwks: unknown): void {
  const read = parseKeySet(jwks);
  if (read.kind === "problem") {
    throw refusal(read.problem);
  }
}

function clientsOf(
  { circumstances, nowMs }: Pick<CallInTenant, "circumstances" | "nowMs">,
  { store, secretHash, webhookTools }: AdminParts,
): OauthAdministration {
  return createOauthAdministration({
    store,
    secretHash,
    allowed: webhookTools.allowed,
    now: () => nowMs,
    circumstances: () => circumstances,
  });
}

async function clientIn(
  scope: Scope,
  path: Readonly<Record<string, string>>,
  { store }: Pick<AdminParts, "store">,
): Promise<OauthClient> {
  const all = await store.oauthClients.list(scope);
  const client = all.find(({ clientId }) => clientId === path["client"]);
  if (client === undefined) {
    throw notFound("OAuth client");
  }
  return client;
}

function shownOnce(
  { client, secret }: IssuedOauthClient,
  nowMs: number,
  { site }: Pick<AdminParts, "site">,
): { readonly body: IssuedOauthClientJson } {
  const { url } = site();
  return {
    body: {
      clientSecret: secret ?? null,
      tokenUrl: `${url}${tokenPath}`,
      baseUrl: `${url}${scimRoot}`,
      ...oauthClientJsonOf(client, nowMs),
    },
  };
}
