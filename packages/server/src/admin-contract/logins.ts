/** Logins in the admin API: an application asks whether somebody may come in, and what they may do there. */
import { z } from "zod";
import type { EffectiveAccessJson } from "../domain/access-difference.ts";
import { accessJson } from "../domain/access-difference.ts";
import type { LoginOutcome, LoginRefusal } from "../domain/login.ts";
import {
  groupNameProblemOf,
  loginGroupsMax,
  loginRefusalReasons,
  subjectProblemOf,
} from "../domain/login.ts";
import { effectiveAccessMembers } from "./access.ts";
import { emailSchema, personNameSchema } from "./account-texts.ts";
import type { Operation } from "./operation.ts";
import { named, noQuery } from "./operation.ts";

/** What an application, or another protocol for it, says of somebody who logs in. */
export interface AssertedLoginBody {
  readonly subject: string;
  readonly email?: string | undefined;
  readonly emailVerified?: boolean | undefined;
  readonly name?: string | undefined;
  readonly groups?: readonly string[] | undefined;
}

/** Somebody who logs in. */
export interface LoginBody {
  /** The slug of the tenant. */
  readonly tenant: string;
  readonly idToken?: string | undefined;
  readonly nonce?: string | undefined;
  readonly asserted?: AssertedLoginBody | undefined;
}

/** Somebody who is let in. */
export interface LoginJson {
  readonly allowed: boolean;
  /** The slug of the tenant. */
  readonly tenant: string;
  /** Null where nobody is let in. */
  readonly account: {
    readonly id: string;
    readonly email: string | null;
    readonly name: string | null;
    readonly ref: string | null;
    readonly isNew: boolean;
  } | null;
  /** Whether the person is a member since this login. */
  readonly joined: boolean;
  /** Null where nobody is let in. */
  readonly access: EffectiveAccessJson | null;
  readonly whyNot: LoginRefusal | null;
  readonly warnings: readonly string[];
}

/** Shows what became of a login. */
export function loginJsonOf(
  tenant: string,
  outcome: Exclude<LoginOutcome, { readonly kind: "gone" }>,
  warnings: readonly string[],
): LoginJson {
  if (outcome.kind === "refused") {
    const { reason } = outcome;
    const nobody = { account: null, joined: false, access: null };
    return { allowed: false, tenant, ...nobody, whyNot: reason, warnings };
  }
  const { accountId, email, name, ref } = outcome.member.account;
  return {
    allowed: true,
    tenant,
    account: {
      id: accountId,
      email: email ?? null,
      name: name ?? null,
      ref: ref ?? null,
      isNew: outcome.isNew,
    },
    joined: outcome.hasJoined,
    access: accessJson(outcome.access),
    whyNot: null,
    warnings,
  };
}

const loginSchema: z.ZodType<LoginJson> = named(
  "Login",
  z.object({
    allowed: z.boolean().describe("True: whoever is not let in is answered 403"),
    tenant: z.string().describe("The slug of the tenant"),
    account: z
      .object({
        id: z.string(),
        email: z.string().nullable(),
        name: z.string().nullable(),
        ref: z.string().nullable().describe("The application's own id of the person"),
        isNew: z.boolean().describe("Whether this login has made the account"),
      })
      .nullable(),
    joined: z.boolean().describe("Whether this login has made the person a member"),
    access: z.object(effectiveAccessMembers).nullable(),
    whyNot: z.enum(loginRefusalReasons).nullable().describe("Null where somebody is let in"),
    warnings: z.array(z.string()).describe("What of the login was not taken"),
  }),
);

const assertedSchema: z.ZodType<AssertedLoginBody> = z.strictObject({
  subject: z
    .string()
    .superRefine((subject, context) => addProblem(context, subjectProblemOf(subject)))
    .describe("How the identity provider calls the person, for good"),
  email: emailSchema.optional(),
  emailVerified: z
    .boolean()
    .optional()
    .describe("Whether the provider says that the address is the person's; false by default"),
  name: personNameSchema.optional(),
  groups: z
    .array(z.string().superRefine((name, context) => addProblem(context, groupNameProblemOf(name))))
    .max(loginGroupsMax)
    .optional()
    .describe("All groups of the person; left out where they are not known, and then kept"),
});

const loginBodySchema: z.ZodType<LoginBody> = named(
  "LoginBody",
  z
    .strictObject({
      tenant: z.string().max(256).describe("The slug of a tenant"),
      idToken: z
        .string()
        .min(1)
        .optional()
        .describe("An ID token for the client of the tenant's OIDC connection"),
      nonce: z
        .string()
        .min(1)
        .max(1024)
        .optional()
        .describe("What the token has to repeat, if it was asked to"),
      asserted: assertedSchema
        .optional()
        .describe("In place of a token: what the application itself has verified, as by SAML"),
    })
    .refine(({ idToken, asserted }) => (idToken === undefined) !== (asserted === undefined), {
      message: "expected one of idToken and asserted",
    })
    .refine(({ nonce, asserted }) => nonce === undefined || asserted === undefined, {
      message: "is of an ID token",
      path: ["nonce"],
    }),
);

/** Lets somebody in. */
export const logIn: Operation<object, LoginBody, LoginJson> = {
  operationId: "logIn",
  method: "POST",
  path: "/logins",
  noun: "logins",
  summary:
    "Let somebody in who logs in, with their groups; whoever may not come in is answered 403 with whyNot",
  scope: "tenant",
  query: noQuery,
  body: loginBodySchema,
  statuses: [200],
  answer: loginSchema,
  conflict: "The tenant has no OIDC connection, which says whose tokens are good",
};

function addProblem(
  context: { addIssue(message: string): void },
  problem: string | undefined,
): void {
  if (problem !== undefined) {
    context.addIssue(problem);
  }
}
