/** Credentials of the admin API itself: their tokens are shown once, and none gives more than the one that makes it has. */
import { z } from "zod";
import type { AdminCredential, AdminScope } from "../domain/admin-credential.ts";
import { adminScopeOf } from "../domain/admin-credential.ts";
import type { CredentialRotation, KeptTokenJson } from "./credentials.ts";
import { credentialRotationSchema, keptTokenJsonOf, keptTokenMembers } from "./credentials.ts";
import { lifetimeMember, nameSchema } from "./names.ts";
import type { Operation, Page, PageQuery } from "./operation.ts";
import { named, noBody, noQuery, pageOf, pageQuery } from "./operation.ts";

/** An admin credential as the command line and the admin API show it. */
export interface AdminCredentialJson extends KeptTokenJson {
  readonly scope: AdminScope;
  /** The slug of the one tenant it is good for. */
  readonly tenant: string | null;
}

/** Shows an admin credential; `tenant` is the slug of its tenant. */
export function adminCredentialJsonOf(
  credential: AdminCredential,
  tenant: string | undefined,
  nowMs: number,
): AdminCredentialJson {
  return {
    ...keptTokenJsonOf(credential, nowMs),
    scope: adminScopeOf(credential),
    tenant: tenant ?? null,
  };
}

/** A new admin credential: the one time that its token is shown. */
export interface IssuedAdminCredentialJson extends AdminCredentialJson {
  readonly token: string;
}

const members = {
  ...keptTokenMembers,
  scope: z.enum(["tenant", "instance"]),
  tenant: z.string().nullable().describe("The slug of the one tenant it is good for"),
};

const adminCredentialSchema: z.ZodType<AdminCredentialJson> = named(
  "AdminCredential",
  z.object(members),
);
const issuedSchema: z.ZodType<IssuedAdminCredentialJson> = named(
  "IssuedAdminCredential",
  z.object({ token: z.string().describe("Shown this once"), ...members }),
);

/** What a new admin credential shall be. */
export interface AdminCredentialCreation {
  readonly tenant?: string | null | undefined;
  readonly name?: string | undefined;
  readonly expires?: string | undefined;
}

const creationSchema: z.ZodType<AdminCredentialCreation> = named(
  "AdminCredentialCreation",
  z.strictObject({
    tenant: z
      .string()
      .nullable()
      .optional()
      .describe(
        "The slug of the one tenant it is good for; null for the whole instance; what the token of the request is good for by default",
      ),
    name: nameSchema
      .optional()
      .describe("What it is for; no other active token that is good for the same has this name"),
    expires: lifetimeMember,
  }),
);

const path = "/admin-credentials";

/** Lists admin credentials. */
export const listAdminCredentials: Operation<PageQuery, undefined, Page<AdminCredentialJson>> = {
  operationId: "listAdminCredentials",
  method: "GET",
  path,
  noun: "admin credentials",
  summary: "List the tokens of the admin API, oldest first; the tokens themselves are nowhere",
  scope: "tenant",
  query: pageQuery,
  body: noBody,
  statuses: [200],
  answer: pageOf("AdminCredentialPage", adminCredentialSchema),
};

/** Makes an admin credential. */
export const createAdminCredential: Operation<
  object,
  AdminCredentialCreation,
  IssuedAdminCredentialJson
> = {
  operationId: "createAdminCredential",
  method: "POST",
  path,
  noun: "admin credentials",
  summary: "Make a token of the admin API and show it, this once",
  scope: "tenant",
  query: noQuery,
  body: creationSchema,
  statuses: [201],
  answer: issuedSchema,
  conflict: "An active token that is good for the same has that name",
};

/** Rotates an admin credential. */
export const rotateAdminCredential: Operation<
  object,
  CredentialRotation,
  IssuedAdminCredentialJson
> = {
  operationId: "rotateAdminCredential",
  method: "POST",
  path: `${path}/{credential}/rotate`,
  noun: "admin credentials",
  summary: "Make a new token like an old one, which goes on working for a while",
  scope: "tenant",
  query: noQuery,
  body: credentialRotationSchema,
  statuses: [201],
  answer: issuedSchema,
  conflict: "The old token does not work any more",
};

/** Revokes an admin credential. */
export const revokeAdminCredential: Operation<object, undefined, AdminCredentialJson> = {
  operationId: "revokeAdminCredential",
  method: "DELETE",
  path: `${path}/{credential}`,
  noun: "admin credentials",
  summary: "Make a token useless, within five seconds; it stays in the list",
  scope: "tenant",
  query: noQuery,
  body: noBody,
  statuses: [200],
  answer: adminCredentialSchema,
};
