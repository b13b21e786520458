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
