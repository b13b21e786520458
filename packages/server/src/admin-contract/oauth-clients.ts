/** OAuth clients of a connection in the admin API: a secret is shown once, access tokens are nowhere (RFC 6749 §2, RFC 7523). */
import { z } from "zod";
import { parseCidr } from "../domain/cidr.ts";
import type { CredentialScope } from "../domain/credential.ts";
import type { OauthClient } from "../domain/oauth-client.ts";
import {
  claimValueMax,
  clientMethods,
  clientSecretsMax,
  secretsAt,
} from "../domain/oauth-client.ts";
import { accessTokenSeconds } from "../domain/oauth-token.ts";
import { overlapHoursDefault, overlapHoursMax, scopeSchema } from "./credentials.ts";
import { nameSchema } from "./names.ts";
import type { Operation, Page, PageQuery } from "./operation.ts";
import {
  named,
  noBody,
  noContent,
  noQuery,
  pageOf,
  pageQuery,
  shaped,
  timeOrNullSchema,
  timeSchema,
} from "./operation.ts";

/** A secret as it is shown: the secret itself is nowhere. */
export interface ClientSecretJson {
  readonly lastFour: string;
  readonly created: string;
  /** Null for the newest. */
  readonly ends: string | null;
}

/** A client as the command line and the admin API show it. */
export interface OauthClientJson {
  readonly clientId: string;
  readonly name: string;
  readonly method: OauthClient["proof"]["method"];
  /** Null where the keys are not at a URL of their own. */
  readonly jwksUrl: string | null;
  /** How its own keys are called; null where they are elsewhere. */
  readonly keyIds: readonly string[] | null;
  readonly issuer: string | null;
  readonly subject: string | null;
  readonly audience: string | null;
  readonly secrets: readonly ClientSecretJson[];
  readonly scopes: readonly CredentialScope[];
  readonly cidrs: readonly string[];
  readonly created: string;
  readonly creator: string;
  readonly lastUsed: string | null;
}

/** Shows a client. */
export function oauthClientJsonOf(client: OauthClient, nowMs: number): OauthClientJson {
  const { proof } = client;
  const keys = proof.method === "client_secret_basic" ? undefined : proof.keys;
  const { issuer, subject, audience } =
    proof.method === "federated" ? proof : { issuer: null, subject: null, audience: null };
  return {
    clientId: client.clientId,
    name: client.name,
    method: proof.method,
    jwksUrl: keys?.kind === "url" ? keys.url : null,
    keyIds: keys?.kind === "inline" ? keys.keys.map(({ kid, kty }) => String(kid ?? kty)) : null,
    issuer,
    subject,
    audience,
    secrets: secretsAt(client, nowMs).map(({ lastFour, created, ends }) => ({
      lastFour,
      created,
      ends: ends ?? null,
    })),
    scopes: client.scopes,
    cidrs: client.cidrs,
    created: client.created,
    creator: client.creator,
    lastUsed: client.lastUsed ?? null,
  };
}

/** What a client needs to be set up. */
export interface IssuedOauthClientJson extends OauthClientJson {
  /** Null for a client without. */
  readonly clientSecret: string | null;
  readonly tokenUrl: string;
  readonly baseUrl: string;
}

const clientMembers: {
  readonly [Name in keyof OauthClientJson]: z.ZodType<OauthClientJson[Name]>;
} = {
  clientId: z.string(),
  name: z.string(),
  method: z
    .enum(clientMethods)
    .describe(
      "client_secret_basic: by a secret; private_key_jwt: by assertions that it signs; federated: by assertions of somebody else, such as Microsoft Entra ID",
    ),
  jwksUrl: z.string().nullable().describe("Where its keys, or those of the issuer, are read"),
  keyIds: z.array(z.string()).nullable().describe("What keys that are kept here are called"),
  issuer: z.string().nullable(),
  subject: z.string().nullable(),
  audience: z.string().nullable(),
  secrets: z
    .array(z.object({ lastFour: z.string(), created: timeSchema, ends: timeOrNullSchema }))
    .describe(`Newest first, at most ${clientSecretsMax}; the secrets themselves are nowhere`),
  scopes: z.array(scopeSchema),
  cidrs: z.array(z.string()),
  created: timeSchema,
  creator: z.string(),
  lastUsed: timeOrNullSchema.describe("When it got an access token last, to the minute"),
};

const oauthClientSchema: z.ZodType<OauthClientJson> = named("OauthClient", z.object(clientMembers));

const issuedOauthClientSchema: z.ZodType<IssuedOauthClientJson> = named(
  "IssuedOauthClient",
  z.object({
    clientSecret: z.string().nullable().describe("Shown this once; null for a client with keys"),
    tokenUrl: z
      .string()
      .describe(`Where it gets access tokens, each for ${accessTokenSeconds} seconds`),
    baseUrl: z.string().describe("Where it reaches SCIM"),
    ...clientMembers,
  }),
);

/** A JSON Web Key Set as it comes. */
type KeySetJson = Readonly<Record<string, unknown>>;

const keySetSchema: z.ZodType<KeySetJson> = shaped(
  z.object({ keys: z.array(z.looseObject({ kty: z.string() })).min(1) }).loose(),
);

/** What a new client shall be. */
export interface OauthClientCreation {
  readonly name?: string | undefined;
  readonly method: OauthClient["proof"]["method"];
  readonly jwks?: KeySetJson | undefined;
  readonly jwksUrl?: string | undefined;
  readonly issuer?: string | undefined;
  readonly subject?: string | undefined;
  readonly audience?: string | undefined;
  readonly scopes?: readonly CredentialScope[] | undefined;
  readonly cidrs?: readonly string[] | undefined;
}

const claimSchema = z.string().min(1).max(claimValueMax);

const oauthClientCreationSchema: z.ZodType<OauthClientCreation> = named(
  "OauthClientCreation",
  z.strictObject({
    name: nameSchema
      .optional()
      .describe("What it is for; no other client of the connection has this name"),
    method: z.enum(clientMethods),
    jwks: keySetSchema.optional().describe("Its public keys, or those of the issuer"),
    jwksUrl: z
      .string()
      .min(1)
      .max(2048)
      .optional()
      .describe("Where these keys are read, an https URL with a public address"),
    issuer: claimSchema
      .optional()
      .describe(
        "Of federated clients: the iss of assertions; without jwks and jwksUrl the keys are found there by OpenID Connect Discovery",
      ),
    subject: claimSchema.optional().describe("Of federated clients: the sub of assertions"),
    audience: claimSchema.optional().describe("Of federated clients: the aud of assertions"),
    scopes: z.array(scopeSchema).min(1).optional().describe("Both by default"),
    cidrs: z
      .array(
        z.string().refine((text) => parseCidr(text) !== undefined, {
          message: "expected an address or a block such as 192.0.2.0/24",
        }),
      )
      .max(100)
      .optional()
      .describe("Networks it may ask from and use tokens from, everywhere by default"),
  }),
);

/** How a client shall get something new to prove itself with. */
export interface OauthClientRotation {
  readonly overlapHours?: number | undefined;
  readonly jwks?: KeySetJson | undefined;
}

const oauthClientRotationSchema: z.ZodType<OauthClientRotation> = named(
  "OauthClientRotation",
  z.strictObject({
    overlapHours: z
      .int()
      .min(0)
      .max(overlapHoursMax)
      .optional()
      .describe(
        `How long the old secret still works, ${overlapHoursDefault} by default; 0 ends its access tokens too`,
      ),
    jwks: keySetSchema
      .optional()
      .describe("Of a client with keys of its own: what takes their place at once"),
  }),
);

const path = "/tenants/{tenant}/connections/{connection}/oauth-clients";

/** Lists clients. */
export const listOauthClients: Operation<PageQuery, undefined, Page<OauthClientJson>> = {
  operationId: "listOauthClients",
  method: "GET",
  path,
  noun: "OAuth clients",
  summary: "List the OAuth clients of a connection, oldest first",
  scope: "tenant",
  query: pageQuery,
  body: noBody,
  statuses: [200],
  answer: pageOf("OauthClientPage", oauthClientSchema),
};

/** Makes a client. */
export const createOauthClient: Operation<object, OauthClientCreation, IssuedOauthClientJson> = {
  operationId: "createOauthClient",
  method: "POST",
  path,
  noun: "OAuth clients",
  summary: "Make an OAuth client of a connection and show its secret, if it has one, this once",
  scope: "tenant",
  query: noQuery,
  body: oauthClientCreationSchema,
  statuses: [201],
  answer: issuedOauthClientSchema,
  conflict: "Another client of the connection has that name, or there are as many as there may be",
};

/** Rotates what a client proves itself with. */
export const rotateOauthClient: Operation<object, OauthClientRotation, IssuedOauthClientJson> = {
  operationId: "rotateOauthClient",
  method: "POST",
  path: `${path}/{client}/rotate`,
  noun: "OAuth clients",
  summary:
    "Make a new secret of a client beside the old one, or put new keys in the place of its own",
  scope: "tenant",
  query: noQuery,
  body: oauthClientRotationSchema,
  statuses: [201],
  answer: issuedOauthClientSchema,
  conflict: "The client has nothing of this kind, or somebody else has just changed it",
};

/** Removes a client. */
export const removeOauthClient: Operation<object, undefined, undefined> = {
  operationId: "removeOauthClient",
  method: "DELETE",
  path: `${path}/{client}`,
  noun: "OAuth clients",
  summary: "Remove a client; its access tokens are useless within five seconds",
  scope: "tenant",
  query: noQuery,
  body: noBody,
  statuses: [204],
  answer: noContent,
};
