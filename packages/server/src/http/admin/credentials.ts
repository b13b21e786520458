/** Does what the admin API does to the tokens of a connection. */
import type { CredentialRotation, IssuedCredentialJson } from "../../admin-contract/credentials.ts";
import {
  createCredential,
  credentialJsonOf,
  listCredentials,
  overlapHoursDefault,
  revokeCredential,
  rotateCredential,
} from "../../admin-contract/credentials.ts";
import { scopeOf } from "../../domain/connection.ts";
import type { Credential, KeptToken, LifetimeReading } from "../../domain/credential.ts";
import { credentialStateOf, lifetimeDaysDefault, parseLifetime } from "../../domain/credential.ts";
import { personType } from "../../domain/person.ts";
import type { Scope } from "../../domain/tenant.ts";
import type { IssuedCredential, RotationWish } from "../../provisioning/issue-credential.ts";
import {
  issueCredential,
  rotateCredential as rotate,
} from "../../provisioning/issue-credential.ts";
import { scimRoot } from "../scim-endpoint.ts";
import { connectionOf } from "./connections.ts";
import { pageOfAll } from "./cursor.ts";
import { invalidRequest, notFound, problem } from "./problem.ts";
import type { AdminCall, AdminParts, ServedOperation } from "./served-operation.ts";
import { servedInTenant } from "./served-operation.ts";

const hourMs = 3_600_000;

/** The operations. */
export const servedCredentials: readonly ServedOperation[] = [
  servedInTenant(listCredentials, async ({ tenant, path, query, nowMs }, parts) => {
    const scope = scopeOf(await connectionOf(tenant, path, parts));
    return {
      body: pageOfAll(await parts.store.credentials.list(scope), query, {
        list: "credentials",
        keyOf: ({ created, credentialId }) => `${created} ${credentialId}`,
        shown: (credential) => credentialJsonOf(credential, nowMs),
      }),
    };
  }),
  servedInTenant(createCredential, async (call, parts) => {
    const { tenant, path, body, caller, circumstances, nowMs } = call;
    const scope = scopeOf(await connectionOf(tenant, path, parts));
    const wish = {
      scope,
      name: body.name ?? "",
      lifetime: lifetimeOf(body.expires),
      scopes: [...new Set(body.scopes ?? (["scim:read", "scim:write"] as const))],
      cidrs: body.cidrs ?? [],
      userId: await knownUser(scope, body.userId, parts),
      creator: `admin:${caller.credentialId}`,
    };
    const occasion = { ...circumstances, nowMs };
    return shownOnce(
      await issueCredential(parts.store, parts.secretHash, wish, occasion),
      nowMs,
      parts,
    );
  }),
  servedInTenant(rotateCredential, async (call, parts) => {
    const { tenant, path, circumstances, nowMs } = call;
    const scope = scopeOf(await connectionOf(tenant, path, parts));
    const old = await credentialOf(scope, path, parts);
    const wish = rotationWishOf(call, old);
    const occasion = { ...circumstances, nowMs };
    const issued = await rotate(parts.store, parts.secretHash, wish, occasion);
    return shownOnce(issued ?? hasEnded(old, nowMs), nowMs, parts);
  }),
  servedInTenant(revokeCredential, async (call, parts) => {
    const { tenant, path, circumstances, nowMs } = call;
    const scope = scopeOf(await connectionOf(tenant, path, parts));
    const credential = await credentialOf(scope, path, parts);
    const at = new Date(nowMs).toISOString();
    const { credentials } = parts.store;
    // One that was revoked before stays as it is: whoever repeats the request wanted no more.
    await credentials.revoke(scope, credential.credentialId, at, circumstances);
    return { body: credentialJsonOf(await credentialOf(scope, path, parts), nowMs) };
  }),
];

/** Refuses a token of a User whom the connection does not have. */
async function knownUser(
  scope: Scope,
  userId: string | undefined,
  { store, registry }: Pick<AdminParts, "store" | "registry">,
): Promise<string | undefined> {
  const type = registry.named(personType);
  if (userId === undefined || type === undefined) {
    return undefined;
  }
  if ((await store.resources.read(scope, type, userId, [])) === undefined) {
    throw invalidRequest([{ path: "userId", detail: "the connection has no User with this id" }]);
  }
  return userId;
}

async function credentialOf(
  scope: Scope,
  path: Readonly<Record<string, string>>,
  { store }: Pick<AdminParts, "store">,
): Promise<Credential> {
  const all = await store.credentials.list(scope);
  const credential = all.find(({ credentialId }) => credentialId === path["credential"]);
  if (credential === undefined) {
    throw notFound("credential");
  }
  return credential;
}

/** How long a new token lives; the contract has checked it. */
export function lifetimeOf(text = `${lifetimeDaysDefault}d`): LifetimeReading {
  return parseLifetime(text);
}

/** How a request wants a token to be replaced. */
export function rotationWishOf<Kind extends KeptToken>(
  {
    body,
    caller,
    nowMs,
  }: Pick<AdminCall<unknown, CredentialRotation>, "body" | "caller" | "nowMs">,
  old: Kind,
): RotationWish<Kind> {
  const overlapMs = (body.overlapHours ?? overlapHoursDefault) * hourMs;
  return {
    old,
    oldExpires: new Date(nowMs + overlapMs).toISOString(),
    lifetime: lifetimeOf(body.expires),
    creator: `admin:${caller.credentialId}`,
  };
}

/** Refuses to replace a token that does not work any more. */
export function hasEnded(old: KeptToken, nowMs: number): never {
  const state = credentialStateOf(old, nowMs);
  const how = state === "active" ? "revoked" : state;
  throw problem(409, `The token ${old.credentialId} is ${how}.`);
}

function shownOnce(
  { token, credential }: IssuedCredential,
  nowMs: number,
  { site }: Pick<AdminParts, "site">,
): { readonly body: IssuedCredentialJson } {
  const baseUrl = `${site().url}${scimRoot}`;
  return { body: { token, baseUrl, ...credentialJsonOf(credential, nowMs) } };
}
