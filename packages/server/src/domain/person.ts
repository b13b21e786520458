/** What of a User resource concerns the account behind it, and what changes of it make the link be tried again. Pure. */
import type { JsonObject, JsonValue } from "@rollcall/scim";
import { fold, isJsonObject, memberOf } from "@rollcall/scim";
import type { EmailAddress } from "./email-address.ts";
import { loginEmailOf } from "./email-address.ts";

/** The resource type that stands for people. */
export const personType = "User";

/** A User as far as accounts are concerned. */
export interface Person {
  readonly active: boolean;
  readonly userName: string | undefined;
  readonly externalId: string | undefined;
  /** The address that an account is found by, and gets. */
  readonly email: EmailAddress | undefined;
  readonly name: string | undefined;
  readonly language: string | undefined;
  readonly roles: JsonValue | undefined;
}

/** Reads a User's stored attributes. */
export function personOf(attributes: JsonObject): Person {
  return {
    active: memberOf(attributes, "active") !== false,
    userName: textOf(memberOf(attributes, "userName")),
    externalId: textOf(memberOf(attributes, "externalId")),
    email: loginEmailOf(attributes),
    name: nameOf(attributes),
    language: textOf(memberOf(attributes, "preferredLanguage")),
    roles: memberOf(attributes, "roles"),
  };
}

/** Tells whether a link without an account is to be tried again: after a change of `active`, `userName` or the address. */
export function isToBeTriedAgain(before: Person, after: Person): boolean {
  return (
    before.active !== after.active ||
    fold(before.userName ?? "") !== fold(after.userName ?? "") ||
    before.email?.key !== after.email?.key
  );
}

function nameOf(attributes: JsonObject): string | undefined {
  const name = memberOf(attributes, "name");
  const parts = isJsonObject(name) ? name : {};
  const whole = [memberOf(parts, "givenName"), memberOf(parts, "familyName")]
    .map(textOf)
    .filter((part) => part !== undefined)
    .join(" ");
  return (
    textOf(memberOf(attributes, "displayName")) ??
    textOf(memberOf(parts, "formatted")) ??
    textOf(whole)
  );
}

function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
