/** The OIDC connection of a tenant in the admin API: how its people log in. */
import { z } from "zod";
import type { JitRule, LoginMode, OidcConnection } from "../domain/oidc-connection.ts";
import {
  claimProblemOf,
  clientIdProblemOf,
  clientSecretLengthMax,
  jitProblemOf,
  jitRules,
  loginModes,
  loginSettingsDefault,
  scopesProblemOf,
} from "../domain/oidc-connection.ts";
import type { Operation } from "./operation.ts";
import { named, noBody, noQuery, timeSchema } from "./operation.ts";

/** An OIDC connection as the command line and the admin API show it. */
export interface OidcConnectionJson {
  readonly issuer: string;
  readonly clientId: string;
  /** The secret itself is nowhere. */
  readonly hasClientSecret: boolean;
  readonly scopes: readonly string[];
  readonly groupsClaim: string;
  readonly subjectClaim: string;
  readonly mode: LoginMode;
  readonly jit: JitRule;
  readonly updatedAt: string;
}

/** Shows an OIDC connection. */
export function oidcConnectionJsonOf(connection: OidcConnection): OidcConnectionJson {
  const { issuer, clientId, sealedSecret, scopes, groupsClaim, subjectClaim } = connection;
  return {
    issuer,
    clientId,
    hasClientSecret: sealedSecret !== undefined,
    scopes,
    groupsClaim,
    subjectClaim,
    mode: connection.mode,
    jit: connection.jit,
    updatedAt: connection.updated,
  };
}

const modeSchema = z
  .enum(loginModes)
  .describe(
    "scim: whoever a connection has linked, or is a member by hand, may come in; login: every member, and whom jit lets in",
  );
const jitSchema = z
  .enum(jitRules)
  .describe(
    "Whom a login makes a member in the mode login: nobody, people with a verified e-mail of a domain that the tenant has verified, or anybody; the attach policy may be stricter",
  );
const groupsClaimText = "The claim of the ID token that has the names of the groups";
const subjectClaimText =
  "The claim that names a person for good, and that the externalId of users is compared with; oid for Microsoft Entra ID";

const oidcConnectionSchema: z.ZodType<OidcConnectionJson> = named(
  "OidcConnection",
  z.object({
    issuer: z.string(),
    clientId: z.string(),
    hasClientSecret: z.boolean().describe("The secret itself is not shown"),
    scopes: z.array(z.string()),
    groupsClaim: z.string().describe(groupsClaimText),
    subjectClaim: z.string().describe(subjectClaimText),
    mode: modeSchema,
    jit: jitSchema,
    updatedAt: timeSchema,
  }),
);

/** What an OIDC connection shall be. */
export interface OidcConnectionBody {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret?: string | null | undefined;
  readonly scopes?: readonly string[] | undefined;
  readonly groupsClaim?: string | undefined;
  readonly subjectClaim?: string | undefined;
  readonly mode?: LoginMode | undefined;
  readonly jit?: JitRule | undefined;
}

const oidcConnectionBodySchema: z.ZodType<OidcConnectionBody> = named(
  "OidcConnectionBody",
  z
    .strictObject({
      issuer: z
        .string()
        .min(1)
        .max(2048)
        .describe("As the provider writes itself in tokens; an https URL with a public address"),
      clientId: checkedText(clientIdProblemOf),
      clientSecret: z
        .string()
        .min(1)
        .max(clientSecretLengthMax)
        .nullable()
        .optional()
        .describe(
          "Null takes it away; left out, the same client at the same issuer keeps the one it has",
        ),
      scopes: z
        .array(z.string())
        .superRefine((scopes, context) => addProblem(context, scopesProblemOf(scopes)))
        .optional()
        .describe(`${loginSettingsDefault.scopes.join(" ")} by default`),
      groupsClaim: checkedText(claimProblemOf)
        .optional()
        .describe(`${groupsClaimText}; ${loginSettingsDefault.groupsClaim} by default`),
      subjectClaim: checkedText(claimProblemOf)
        .optional()
        .describe(`${subjectClaimText}; ${loginSettingsDefault.subjectClaim} by default`),
      mode: modeSchema.optional(),
      jit: jitSchema.optional(),
    })
    .superRefine(
      ({ mode = loginSettingsDefault.mode, jit = loginSettingsDefault.jit }, context) => {
        const problem = jitProblemOf({ mode, jit });
        if (problem !== undefined) {
          context.addIssue({ code: "custom", path: ["jit"], message: problem });
        }
      },
    ),
);

/** An OIDC connection that is removed. */
export interface RemovedOidcConnectionJson {
  readonly removed: true;
}

const removedSchema: z.ZodType<RemovedOidcConnectionJson> = named(
  "RemovedOidcConnection",
  z.object({ removed: z.literal(true) }),
);

const shared = {
  noun: "logins",
  scope: "tenant",
  path: "/tenants/{tenant}/oidc-connection",
  query: noQuery,
  statuses: [200],
} as const;

/** Reads it. */
export const readOidcConnection: Operation<object, undefined, OidcConnectionJson> = {
  ...shared,
  operationId: "readOidcConnection",
  method: "GET",
  summary: "Read how the people of a tenant log in; a tenant has one OIDC connection or none",
  body: noBody,
  answer: oidcConnectionSchema,
};

/** Makes it, or takes its place. */
export const saveOidcConnection: Operation<object, OidcConnectionBody, OidcConnectionJson> = {
  ...shared,
  operationId: "saveOidcConnection",
  method: "PUT",
  summary:
    "Say how the people of a tenant log in; with another issuer everybody is recognised anew, by externalId or e-mail",
  body: oidcConnectionBodySchema,
  answer: oidcConnectionSchema,
};

/** Removes it. */
export const removeOidcConnection: Operation<object, undefined, RemovedOidcConnectionJson> = {
  ...shared,
  operationId: "removeOidcConnection",
  method: "DELETE",
  summary: "Accept no ID tokens any more; what logins gave stays until it is taken by hand",
  body: noBody,
  answer: removedSchema,
};

function checkedText(problemOf: (text: string) => string | undefined): z.ZodString {
  return z.string().superRefine((text, context) => addProblem(context, problemOf(text)));
}

function addProblem(
  context: { addIssue(message: string): void },
  problem: string | undefined,
): void {
  if (problem !== undefined) {
    context.addIssue(problem);
  }
}
