/** Whether and how a User is tied to an account: create, link, invite, refuse (semantics §2, rows 2–6 and 13, and §3). */
import type { AccountId } from "./account.ts";
import type { EmailAddress } from "./email-address.ts";
import type { AttachPolicy, TenantSettings } from "./tenant-settings.ts";

/** The account that a User may stand for. */
export interface FoundAccount {
  readonly accountId: AccountId;
  readonly by: "login-identity" | "tombstone" | "email";
  readonly isMember: boolean;
  /** To another live User of the connection: linked, pending or declined. */
  readonly isLinkedHere: boolean;
  readonly hasDeclined: boolean;
  /** Its e-mail is verified, or there is none, or nobody can log in. */
  readonly isProven: boolean;
  /** Whether the tenant has verified the domain of the account's own address, which may be another one than the User's. */
  readonly isDomainVerified: boolean;
  /** Made by the connection and known nowhere else. */
  readonly isOwn: boolean;
}

/** What the decision depends on. */
export interface AttachGround {
  /** An update is never refused: the resource is there already. */
  readonly occasion: "post" | "update";
  readonly active: boolean;
  readonly settings: Pick<TenantSettings, "accounts" | "attachPolicy">;
  readonly email: EmailAddress | undefined;
  /** Whether the tenant has verified the domain of the User's address. */
  readonly isDomainVerified: boolean;
  readonly found: FoundAccount | undefined;
  /** Whether nobody gets anything by the connection yet. */
  readonly isStaged: boolean;
}

/** Why a User is tied to nobody. */
export type UnattachedReason = "directory-only" | "inactive" | "staged" | "taken" | "policy";

/** What becomes of the link. */
export type AttachDecision =
  /** The resource alone; the warning is for the operator. */
  | {
      readonly kind: "none";
      readonly reason: UnattachedReason;
      readonly warning?: string;
    }
  /** A new account, linked; nobody gets a mail. */
  | { readonly kind: "create"; readonly isEmailVerified: boolean }
  | { readonly kind: "link"; readonly notify: boolean }
  /** With an invitation, whose acceptance links. */
  | { readonly kind: "pending" }
  /** The person has left or declined, and no sync overrules that. */
  | { readonly kind: "declined" }
  | {
      readonly kind: "refuse";
      readonly scimType: "invalidValue" | "uniqueness";
      readonly detail: string;
    };

/** Decides by the rows of the table; the first that fits counts. */
export function decideAttachment(ground: AttachGround): AttachDecision {
  const decision = decideStrictly(ground);
  return decision.kind === "refuse" && ground.occasion === "update"
    ? { kind: "none", reason: "policy", warning: warnings[decision.scimType] }
    : decision;
}

/** Without personal data, and without the domain, which may be a person's own. */
const warnings: Readonly<Record<"invalidValue" | "uniqueness", string>> = {
  invalidValue:
    "the user stays without an account: the attach policy takes verified domains only, and that of its e-mail is not",
  uniqueness:
    "the user stays without an account: the attach policy rejects people who have an account already",
};

function decideStrictly(ground: AttachGround): AttachDecision {
  const { active, settings, found, email } = ground;
  if (!settings.accounts) {
    return { kind: "none", reason: "directory-only" };
  }
  // Row 6.
  if (!active) {
    return { kind: "none", reason: "inactive" };
  }
  // Whoever waits for the activation of the connection is refused by nothing.
  if (ground.isStaged) {
    return { kind: "none", reason: "staged" };
  }
  // Row 5.
  if (found?.isLinkedHere === true) {
    return { kind: "none", reason: "taken" };
  }
  const isVerified = email !== undefined && ground.isDomainVerified;
  // Rows 2 and 4 alike, and by the User's address alone: before it matters whether there is an account elsewhere, what its
  // address is, or that its person has left, so that the answer does not tell (I4). A member is row 3.
  const isMember = found?.isMember === true;
  if (settings.attachPolicy === "verified-only" && !isVerified && !isMember) {
    return { kind: "refuse", scimType: "invalidValue", detail: unverifiedDetail(email) };
  }
  if (found?.hasDeclined === true) {
    return { kind: "declined" };
  }
  // Row 2.
  return found === undefined
    ? { kind: "create", isEmailVerified: isVerified }
    : decideAboutAccount(found, settings.attachPolicy, isVerified);
}

/** Rows 3, 4 and 13. */
function decideAboutAccount(
  found: FoundAccount,
  policy: AttachPolicy,
  isVerified: boolean,
): AttachDecision {
  // Else whoever registered a victim's address first would receive the victim's access. A tombstone knows no better than
  // the address it came by; a login of the tenant does.
  if (found.by !== "login-identity" && !found.isProven) {
    return { kind: "pending" };
  }
  // Row 3, and one who comes back to the connection that made the account: nobody is surprised.
  if (found.isMember || found.isOwn) {
    return { kind: "link", notify: false };
  }
  return decideByPolicy(found, policy, isVerified && found.isDomainVerified);
}

/** Row 4. */
function decideByPolicy(
  { by }: FoundAccount,
  policy: AttachPolicy,
  isVerified: boolean,
): AttachDecision {
  switch (policy) {
    case "attach":
      return { kind: "link", notify: true };
    // Under verified-only the User's own address is verified by now.
    case "verified-only":
    case "verified-or-invite":
      return isVerified ? { kind: "link", notify: true } : { kind: "pending" };
    case "invite":
      return { kind: "pending" };
    case "reject":
      return { kind: "refuse", scimType: "uniqueness", detail: takenDetails[by] };
  }
}

const takenDetails: Readonly<Record<FoundAccount["by"], string>> = {
  "login-identity": takenDetail("externalId"),
  tombstone: takenDetail("externalId or userName"),
  email: takenDetail("emails or userName"),
};

function takenDetail(attributes: string): string {
  return `${attributes}: there is an account already, and the attach policy of the tenant, reject, does not take it over`;
}

function unverifiedDetail(email: EmailAddress | undefined): string {
  const found =
    email === undefined
      ? "there is no e-mail address"
      : `the domain ${email.domain} is not verified by the tenant`;
  return `emails or userName: ${found}; expected an address of a verified domain, as the attach policy verified-only demands`;
}
