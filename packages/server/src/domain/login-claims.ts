/** Reads the claims of an ID token as a login (OpenID Connect Core 1.0 §5.1). Pure. */
import type { JsonObject, JsonValue } from "@rollcall/scim";
import { isJsonArray, isJsonObject, memberOf } from "@rollcall/scim";
import { parseEmailAddress } from "./email-address.ts";
import type { AssertedLogin } from "./login.ts";
import { personNameOf, subjectProblemOf, takenGroupsOf } from "./login.ts";
import type { LoginSettings } from "./oidc-connection.ts";

/** A login, or why the claims are none. */
export type ClaimedLogin =
  | { readonly kind: "login"; readonly login: AssertedLogin }
  | { readonly kind: "refused"; readonly why: string };

/** Reads a login from claims that were verified. */
export function loginOfClaims(
  claims: JsonObject,
  { groupsClaim, subjectClaim }: Pick<LoginSettings, "groupsClaim" | "subjectClaim">,
): ClaimedLogin {
  const subject = textAt(claims, subjectClaim);
  if (subject === undefined || subjectProblemOf(subject) !== undefined) {
    return { kind: "refused", why: `the claim ${subjectClaim} is missing or no subject` };
  }
  const emailText = textAt(claims, "email");
  const email = emailText === undefined ? undefined : parseEmailAddress(emailText);
  const { groups, warnings } = groupsOf(claims, groupsClaim);
  return {
    kind: "login",
    login: {
      subject,
      email,
      isEmailVerified: email !== undefined && isTrue(memberOf(claims, "email_verified")),
      name: personNameOf(textAt(claims, "name")),
      groups,
      warnings: [
        ...(emailText !== undefined && email === undefined
          ? ["the claim email is no address that mail can go to"]
          : []),
        ...warnings,
      ],
    },
  };
}

function groupsOf(
  claims: JsonObject,
  groupsClaim: string,
): Pick<AssertedLogin, "groups" | "warnings"> {
  if (isElsewhere(claims, groupsClaim)) {
    return {
      groups: undefined,
      warnings: [
        `the token does not have the claim ${groupsClaim}, because there are too many groups for it: those of the last login are kept as they are`,
      ],
    };
  }
  // Providers leave a claim out that would be empty.
  const claim = memberOf(claims, groupsClaim) ?? [];
  const values = isJsonArray(claim) ? claim : [claim];
  const names = values.filter((value) => typeof value === "string");
  const taken = takenGroupsOf(names);
  return names.length === values.length
    ? taken
    : {
        ...taken,
        warnings: [...taken.warnings, `the claim ${groupsClaim} has other values than names`],
      };
}

/** Tells of a claim that the provider has, and does not put into the token (Core §5.6.2; Microsoft calls it overage). */
function isElsewhere(claims: JsonObject, name: string): boolean {
  const names = memberOf(claims, "_claim_names");
  return (
    (isJsonObject(names) && memberOf(names, name) !== undefined) ||
    (memberOf(claims, name) === undefined && isTrue(memberOf(claims, "hasgroups")))
  );
}

/** Some providers write booleans as text. */
function isTrue(value: JsonValue | undefined): boolean {
  return value === true || value === "true";
}

function textAt(claims: JsonObject, name: string): string | undefined {
  const value = memberOf(claims, name);
  return typeof value === "string" ? value : undefined;
}
