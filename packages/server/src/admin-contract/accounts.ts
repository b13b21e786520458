/** Accounts in the admin API: people on the platform, of whom a credential of one tenant sees its members alone. */
import { z } from "zod";
import type { Account, AccountChange } from "../domain/account.ts";
import type { AskedPerson } from "../domain/asked-person.ts";
import { askedPersonsMax } from "../domain/asked-person.ts";
import type { Member } from "../domain/member.ts";
import type { MemberSummary } from "../domain/member-summary.ts";
import { memberSummaryOf } from "../domain/member-summary.ts";
import type { Tenant } from "../domain/tenant.ts";
import type { TenantSettings } from "../domain/tenant-settings.ts";
import {
  accountIdSchema,
  emailSchema,
  languageSchema,
  personNameSchema,
  refSchema,
} from "./account-texts.ts";
import { membershipMembers } from "./members.ts";
import type { Operation, Page, PageQuery } from "./operation.ts";
import { named, noBody, noQuery, pageOf, pageQuery, timeSchema } from "./operation.ts";

/** An account as lists of the command line and the admin API show it. */
export interface AccountSummaryJson {
  readonly id: string;
  readonly email: string | null;
  readonly emailVerified: boolean;
  readonly hasLogin: boolean;
  readonly name: string | null;
  readonly preferredLanguage: string | null;
  readonly ref: string | null;
  readonly created: string;
}

/** Shows an account. */
export function accountSummaryOf({
  accountId,
  email,
  emailVerified,
  hasLogin,
  ...more
}: Account): AccountSummaryJson {
  return {
    id: accountId,
    email: email ?? null,
    emailVerified,
    hasLogin,
    name: more.name ?? null,
    preferredLanguage: more.preferredLanguage ?? null,
    ref: more.ref ?? null,
    created: more.created,
  };
}

/** What one tenant has on an account, as it is shown with the account. */
export interface MembershipJson extends Omit<MemberSummary, "accountId" | "email"> {
  /** The slug of the tenant. */
  readonly tenant: string;
}

/** Shows what a tenant has on an account. */
export function membershipJsonOf(part: {
  readonly tenant: Pick<Tenant, "slug">;
  readonly settings: TenantSettings;
  readonly member: Member;
}): MembershipJson {
  const { role, link, locks, effective } = memberSummaryOf(part.member, part.settings);
  return { tenant: part.tenant.slug, role, link, locks, effective };
}

/** An account with its memberships. */
export interface AccountJson extends AccountSummaryJson {
  readonly memberships: readonly MembershipJson[];
}

const accountMembers = {
  id: z.string(),
  email: z.string().nullable().describe("The login e-mail, unique over all accounts"),
  emailVerified: z.boolean().describe("Whether somebody has shown that the address is theirs"),
  hasLogin: z.boolean().describe("Whether somebody can log in as this account"),
  name: z.string().nullable(),
  preferredLanguage: z.string().nullable().describe("A language tag, such as de-CH"),
  ref: z.string().nullable().describe("The application's own id"),
  created: timeSchema,
};
const summarySchema: z.ZodType<AccountSummaryJson> = named(
  "AccountSummary",
  z.object(accountMembers),
);
const accountSchema: z.ZodType<AccountJson> = named(
  "Account",
  z.object({
    ...accountMembers,
    memberships: z
      .array(z.object({ tenant: z.string().describe("Its slug"), ...membershipMembers }))
      .describe("What every tenant that the credential may see has on the account"),
  }),
);

const flags = {
  emailVerified: z
    .boolean()
    .optional()
    .describe("That the address is theirs; false for a new address when nothing is said"),
  hasLogin: z.boolean().optional().describe("Whether the application lets them log in"),
};

/** What a new account shall be. */
export interface AccountCreation {
  readonly email: string;
  readonly emailVerified?: boolean | undefined;
  readonly hasLogin?: boolean | undefined;
  readonly name?: string | undefined;
  readonly preferredLanguage?: string | undefined;
  readonly ref?: string | undefined;
}

const creationSchema: z.ZodType<AccountCreation> = named(
  "AccountCreation",
  z.strictObject({
    email: emailSchema,
    ...flags,
    name: personNameSchema.optional(),
    preferredLanguage: languageSchema.optional(),
    ref: refSchema.optional(),
  }),
);

/** What is said of an account; what is not said stays, and null takes it away. */
export interface AccountSaving {
  readonly email?: string | null | undefined;
  readonly emailVerified?: boolean | undefined;
  readonly hasLogin?: boolean | undefined;
  readonly name?: string | null | undefined;
  readonly preferredLanguage?: string | null | undefined;
}

/** What to change of an account. */
export interface AccountChanging extends AccountSaving {
  readonly ref?: string | null | undefined;
}

const savingMembers = {
  email: emailSchema.nullable().optional(),
  ...flags,
  name: personNameSchema.nullable().optional(),
  preferredLanguage: languageSchema.nullable().optional(),
};
const isSensible = ({ email, emailVerified }: AccountSaving): boolean =>
  email !== null || emailVerified !== true;
const notSensible = {
  path: ["emailVerified"],
  message: "without an address there is none to be verified",
};
const savingSchema: z.ZodType<AccountSaving> = named(
  "AccountSaving",
  z.strictObject(savingMembers).refine(isSensible, notSensible),
);
const changingSchema: z.ZodType<AccountChanging> = named(
  "AccountChange",
  z
    .strictObject({ ...savingMembers, ref: refSchema.nullable().optional() })
    .refine(isSensible, notSensible),
);

/** Reads a change: null takes a value away. */
export function accountChangeOf(changing: AccountChanging): AccountChange {
  return Object.fromEntries(
    Object.entries(changing).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value ?? undefined]],
    ),
  );
}

/** Whom to look up. */
export interface AccountLookup {
  readonly ids?: readonly string[] | undefined;
  readonly refs?: readonly string[] | undefined;
  readonly emails?: readonly string[] | undefined;
}

/** Lists whom a look-up asks about. */
export function personsOf({
  ids = [],
  refs = [],
  emails = [],
}: AccountLookup): readonly AskedPerson[] {
  return [
    ...ids.map((accountId) => ({ accountId })),
    ...refs.map((ref) => ({ ref })),
    ...emails.map((email) => ({ email })),
  ];
}

const textsSchema = z.array(accountIdSchema).max(askedPersonsMax).optional();
const lookupSchema: z.ZodType<AccountLookup> = named(
  "AccountLookup",
  z
    .strictObject({ ids: textsSchema, refs: textsSchema, emails: textsSchema })
    .refine((lookup) => personsOf(lookup).length <= askedPersonsMax, {
      message: `expected at most ${askedPersonsMax} ids, refs and emails together`,
      path: ["ids"],
    }),
);

/** Who was asked about, and who that is. */
export interface FoundAccountJson {
  readonly asked: string;
  /** Null where nobody is, as far as the credential may see. */
  readonly account: AccountSummaryJson | null;
}

/** The answer to a look-up. */
export interface FoundAccountsJson {
  readonly items: readonly FoundAccountJson[];
}

const foundSchema: z.ZodType<FoundAccountsJson> = named(
  "FoundAccounts",
  z.object({
    items: z
      .array(
        z.object({
          asked: z.string().describe("The id, ref or e-mail as it was asked for"),
          account: summarySchema.nullable().describe("Null where there is none"),
        }),
      )
      .describe("In the order ids, refs, emails"),
  }),
);

const path = "/accounts";
const accountPath = `${path}/{account}` as const;
const taken = "Another account has that e-mail address or that ref";

/** Lists accounts. */
export const listAccounts: Operation<PageQuery, undefined, Page<AccountSummaryJson>> = {
  operationId: "listAccounts",
  method: "GET",
  path,
  noun: "accounts",
  summary: "List the accounts that the credential may see, by id; a page may have fewer than limit",
  scope: "tenant",
  query: pageQuery,
  body: noBody,
  statuses: [200],
  answer: pageOf("AccountPage", summarySchema),
};

/** Makes an account. */
export const createAccount: Operation<object, AccountCreation, AccountJson> = {
  operationId: "createAccount",
  method: "POST",
  path,
  noun: "accounts",
  summary: "Make an account, as the application does for somebody who signs up",
  scope: "instance",
  query: noQuery,
  body: creationSchema,
  statuses: [201],
  answer: accountSchema,
  conflict: taken,
};

/** Looks accounts up. */
export const lookUpAccounts: Operation<object, AccountLookup, FoundAccountsJson> = {
  operationId: "lookUpAccounts",
  method: "POST",
  path: `${path}/lookup`,
  noun: "accounts",
  summary: `Look up to ${askedPersonsMax} accounts up at once`,
  scope: "tenant",
  query: noQuery,
  body: lookupSchema,
  statuses: [200],
  answer: foundSchema,
};

/** Reads the account of an id of the application. */
export const readAccountByRef: Operation<object, undefined, AccountJson> = {
  operationId: "readAccountByRef",
  method: "GET",
  path: `${path}/by-ref/{ref}`,
  noun: "accounts",
  summary: "Read the account of the application's own id",
  scope: "tenant",
  query: noQuery,
  body: noBody,
  statuses: [200],
  answer: accountSchema,
};

/** Makes or changes the account of an id of the application. */
export const saveAccountByRef: Operation<object, AccountSaving, AccountJson> = {
  operationId: "saveAccountByRef",
  method: "PUT",
  path: `${path}/by-ref/{ref}`,
  noun: "accounts",
  summary:
    "Make the account of the application's own id, or change it; what is not said stays, null takes away. An account without such an id that has the address gets it when emailVerified is true",
  scope: "instance",
  query: noQuery,
  body: savingSchema,
  statuses: [200, 201],
  answer: accountSchema,
  conflict: taken,
};

/** Reads an account. */
export const readAccount: Operation<object, undefined, AccountJson> = {
  operationId: "readAccount",
  method: "GET",
  path: accountPath,
  noun: "accounts",
  summary: "Read an account with its memberships",
  scope: "tenant",
  query: noQuery,
  body: noBody,
  statuses: [200],
  answer: accountSchema,
};

/** Changes an account. */
export const changeAccount: Operation<object, AccountChanging, AccountJson> = {
  operationId: "changeAccount",
  method: "PATCH",
  path: accountPath,
  noun: "accounts",
  summary:
    "Change an account; null takes a value away, and a new address is unverified unless it is said to be verified",
  scope: "instance",
  query: noQuery,
  body: changingSchema,
  statuses: [200],
  answer: accountSchema,
  conflict: taken,
};
