/** SCIM credentials of a connection in the admin API: their tokens are shown once (RFC 7644 §7.4). */
import { z } from "zod";
import { parseCidr } from "../domain/cidr.ts";
import type {
  Credential,
  CredentialScope,
  CredentialState,
  KeptToken,
} from "../domain/credential.ts";
import { credentialStateOf } from "../domain/credential.ts";
import { lifetimeMember, nameSchema } from "./names.ts";
import type { Operation, Page, PageQuery } from "./operation.ts";
import {
  named,
  noBody,
  noQuery,
  pageOf,
  pageQuery,
  timeOrNullSchema,
  timeSchema,
} from "./operation.ts";

/** What every token shows of itself. */
export interface KeptTokenJson {
  readonly credentialId: string;
  readonly name: string;
  readonly lastFour: string;
  readonly state: CredentialState;
  readonly created: string;
  readonly creator: string;
  /** Null for never. */
  readonly expires: string | null;
  readonly revoked: string | null;
  readonly lastUsed: string | null;
}

/** Shows what is kept of a token. */
export function keptTokenJsonOf(token: KeptToken, nowMs: number): KeptTokenJson {
  return {
    credentialId: token.credentialId,
    name: token.name,
    lastFour: token.lastFour,
    state: credentialStateOf(token, nowMs),
    created: token.created,
    creator: token.creator,
    expires: token.expires ?? null,
    revoked: token.revoked ?? null,
    lastUsed: token.lastUsed ?? null,
  };
}

/** A credential as the command line and the admin API show it. */
export interface CredentialJson extends KeptTokenJson {
  readonly scopes: readonly CredentialScope[];
  readonly cidrs: readonly string[];
  /** Whose token it is; null for nobody's. */
  readonly userId: string | null;
}

/** Shows a credential. */
export function credentialJsonOf(credential: Credential, nowMs: number): CredentialJson {
  const { scopes, cidrs, userId = null } = credential;
  return { ...keptTokenJsonOf(credential, nowMs), scopes, cidrs, userId };
}

/** A new credential: the one time that its token is shown. */
export interface IssuedCredentialJson extends CredentialJson {
  readonly token: string;
  readonly baseUrl: string;
}

/** The schema of a scope. */
export const scopeSchema: z.ZodType<CredentialScope> = z.enum(["scim:read", "scim:write"]);

/** The members of {@link KeptTokenJson}. */
export const keptTokenMembers: {
  readonly [Name in keyof KeptTokenJson]: z.ZodType<KeptTokenJson[Name]>;
} = {
  credentialId: z.string(),
  name: z.string(),
  lastFour: z.string().describe("The end of the token, to recognise it by"),
  state: z.enum(["active", "expired", "revoked"]),
  created: timeSchema,
  creator: z.string(),
  expires: timeOrNullSchema,
  revoked: timeOrNullSchema,
  lastUsed: timeOrNullSchema,
};

const credentialMembers = {
  ...keptTokenMembers,
  scopes: z.array(scopeSchema),
  cidrs: z.array(z.string()),
  userId: z.string().nullable().describe("The User whose token it is, whom /Me stands for"),
};

const credentialSchema: z.ZodType<CredentialJson> = named(
  "Credential",
  z.object(credentialMembers),
);
const issuedCredentialSchema: z.ZodType<IssuedCredentialJson> = named(
  "IssuedCredential",
  z.object({
    token: z.string().describe("Shown this once"),
    baseUrl: z.string().describe("Where the client reaches SCIM"),
    ...credentialMembers,
  }),
);

/** What a new credential shall be. */
export interface CredentialCreation {
  readonly name?: string | undefined;
  readonly expires?: string | undefined;
  readonly scopes?: readonly CredentialScope[] | undefined;
  readonly cidrs?: readonly string[] | undefined;
  readonly userId?: string | undefined;
}

const credentialCreationSchema: z.ZodType<CredentialCreation> = named(
  "CredentialCreation",
  z.strictObject({
    name: nameSchema
      .optional()
      .describe("What it is for; no other active token of the connection has this name"),
    expires: lifetimeMember,
    scopes: z.array(scopeSchema).min(1).optional().describe("Both by default"),
    cidrs: z
      .array(
        z.string().refine((text) => parseCidr(text) !== undefined, {
          message: "expected an address or a block such as 192.0.2.0/24",
        }),
      )
      .max(100)
      .optional()
      .describe("Networks it works from, everywhere by default"),
    userId: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe(
        "The User of the connection whose token it is, whom /Me stands for; it gives no right",
      ),
  }),
);

/** The longest overlap of a rotation, in hours. */
export const overlapHoursMax: number = 720;
/** How long the old token of a rotation works when nothing is said, in hours. */
export const overlapHoursDefault: number = 24;

/** How a credential shall be replaced. */
export interface CredentialRotation {
  readonly overlapHours?: number | undefined;
  readonly expires?: string | undefined;
}

/** The schema of a rotation. */
export const credentialRotationSchema: z.ZodType<CredentialRotation> = named(
  "CredentialRotation",
  z.strictObject({
    overlapHours: z
      .int()
      .min(0)
      .max(overlapHoursMax)
      .optional()
      .describe(`How long the old token still works, ${overlapHoursDefault} by default`),
    expires: lifetimeMember,
  }),
);

const path = "/tenants/{tenant}/connections/{connection}/credentials";

/** Lists credentials. */
export const listCredentials: Operation<PageQuery, undefined, Page<CredentialJson>> = {
  operationId: "listCredentials",
  method: "GET",
  path,
  noun: "credentials",
  summary: "List the tokens of a connection, oldest first; the tokens themselves are nowhere",
  scope: "tenant",
  query: pageQuery,
  body: noBody,
  statuses: [200],
  answer: pageOf("CredentialPage", credentialSchema),
};

/** Makes a credential. */
export const createCredential: Operation<object, CredentialCreation, IssuedCredentialJson> = {
  operationId: "createCredential",
  method: "POST",
  path,
  noun: "credentials",
  summary: "Make a token of a connection and show it, this once",
  scope: "tenant",
  query: noQuery,
  body: credentialCreationSchema,
  statuses: [201],
  answer: issuedCredentialSchema,
  conflict: "An active token of the connection has that name",
};

/** Rotates a credential. */
export const rotateCredential: Operation<object, CredentialRotation, IssuedCredentialJson> = {
  operationId: "rotateCredential",
  method: "POST",
  path: `${path}/{credential}/rotate`,
  noun: "credentials",
  summary: "Make a new token like an old one, which goes on working for a while",
  scope: "tenant",
  query: noQuery,
  body: credentialRotationSchema,
  statuses: [201],
  answer: issuedCredentialSchema,
  conflict: "The old token does not work any more",
};

/** Revokes a credential. */
export const revokeCredential: Operation<object, undefined, CredentialJson> = {
  operationId: "revokeCredential",
  method: "DELETE",
  path: `${path}/{credential}`,
  noun: "credentials",
  summary: "Make a token useless, within five seconds; it stays in the list",
  scope: "tenant",
  query: noQuery,
  body: noBody,
  statuses: [200],
  answer: credentialSchema,
};
