/** Schemas of what is said of accounts: addresses, names, languages, the application's own ids. */
import { z } from "zod";
import type { AccountChange } from "../domain/account.ts";
import { checkedAccountChange, personTextMax } from "../domain/checked-account.ts";
import { isRefusal } from "../domain/refusal.ts";

const plainText = `expected 1 to ${personTextMax} characters, not all of them blank and none of them invisible`;

/** A login e-mail. */
export const emailSchema: z.ZodType<string> = textOf("email", "expected an e-mail address");

/** The application's own id of a person. */
export const refSchema: z.ZodType<string> = textOf("ref", plainText);

/** How a person is called. */
export const personNameSchema: z.ZodType<string> = textOf("name", plainText);

/** The language of mails to a person. */
export const languageSchema: z.ZodType<string> = textOf(
  "preferredLanguage",
  "expected a language tag such as de or de-CH",
);

/** The id of an account. */
export const accountIdSchema: z.ZodType<string> = z.string().min(1).max(personTextMax);

/** Whom a body names, by one of these. */
export interface NamedPerson {
  readonly accountId?: string | undefined;
  readonly email?: string | undefined;
  readonly ref?: string | undefined;
}

/** The members of a body that name a person. */
export const personMembers: {
  readonly [Name in keyof NamedPerson]-?: z.ZodType<NamedPerson[Name]>;
} = {
  accountId: accountIdSchema.optional(),
  email: emailSchema.optional(),
  ref: refSchema.optional(),
};

/** What refines a body that names a person, so that it is one. */
export const onePerson: readonly [
  (body: NamedPerson) => boolean,
  { readonly path: string[]; readonly message: string },
] = [
  ({ accountId, email, ref }) =>
    [accountId, email, ref].filter((one) => one !== undefined).length === 1,
  { path: ["email"], message: "expected one of accountId, email and ref" },
];

function textOf(
  member: "email" | "ref" | "name" | "preferredLanguage",
  message: string,
): z.ZodType<string> {
  return z.string().refine((text) => canBe({ [member]: text }), { message });
}

function canBe(change: AccountChange): boolean {
  try {
    checkedAccountChange(change);
    return true;
  } catch (error) {
    if (isRefusal(error)) {
      return false;
    }
    throw error;
  }
}
