/** What an operator or the application says of an account, checked: address, name, language, the application's own id. Pure. */
import type { AccountChange } from "./account.ts";
import { cleanText } from "./clean-text.ts";
import { parseEmailAddress } from "./email-address.ts";
import { refusal } from "./refusal.ts";

/** The longest name of a person and the longest id of the application, in characters. */
export const personTextMax = 256;

/** A language tag (RFC 5646 §2.1), as far as its shape goes. */
const languagePattern = /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,8}$/;

/** Answers with the change; refuses values that cannot be. */
export function checkedAccountChange(change: AccountChange): AccountChange {
  const { email, emailVerified, name, preferredLanguage, ref } = change;
  if (email !== undefined && parseEmailAddress(email) === undefined) {
    throw refusal(`"${cleanText(email, 64)}" is no e-mail address`);
  }
  if ("email" in change && email === undefined && emailVerified === true) {
    throw refusal("without an e-mail address there is none to be verified");
  }
  checkText(name, "name");
  checkText(ref, "ref");
  if (preferredLanguage !== undefined && !languagePattern.test(preferredLanguage)) {
    throw refusal(
      `"${cleanText(preferredLanguage, 64)}" is no language tag: expected one such as de or de-CH`,
    );
  }
  return change;
}

/** The address of a proof is the address it was given for: another one is unverified until somebody says otherwise. */
export function withUnprovenEmail(change: AccountChange, email: string | undefined): AccountChange {
  const isMoved = "email" in change && keyOf(change.email) !== keyOf(email);
  return isMoved && !("emailVerified" in change) ? { ...change, emailVerified: false } : change;
}

function keyOf(email: string | undefined): string | undefined {
  return email === undefined ? undefined : parseEmailAddress(email)?.key;
}

function checkText(text: string | undefined, what: string): void {
  const isGood =
    text === undefined ||
    (text.trim() !== "" && [...text].length <= personTextMax && cleanText(text) === text);
  if (!isGood) {
    throw refusal(
      `"${cleanText(text, 64)}" cannot be a ${what}: expected 1 to ${personTextMax} characters, not all of them blank and none of them invisible`,
    );
  }
}
