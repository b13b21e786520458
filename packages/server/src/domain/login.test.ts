/** The table of logins, row by row, and what may be kept of one. */
import { describe, expect, test } from "vitest";
import type { AccountId, Grant, Link, MembershipFacts } from "./account.ts";
import { parseEmailAddress } from "./email-address.ts";
import type { FoundLogin, LoginDecision, LoginGround } from "./login.ts";
import {
  decideLogin,
  groupDifferencesOf,
  isFoundByEmail,
  loginGroupNameMax,
  loginGroupsMax,
  loginRefusalReasons,
  loginRefusals,
  personNameOf,
  subjectProblemOf,
  takenGroupsOf,
} from "./login.ts";
import type { ConnectionId } from "./tenant.ts";

const accountId = "account-1" as AccountId;
const accept = (joins = false): LoginDecision => ({ kind: "accept", joins });
const refuse = (reason: (typeof loginRefusalReasons)[number]): LoginDecision => ({
  kind: "refuse",
  reason,
});

function link(state: Link["state"], active = true): Link {
  return {
    connectionId: "okta" as ConnectionId,
    resourceId: "user-1",
    state,
    accountId,
    active,
    role: undefined,
    groupGrants: [],
  };
}
function grant(source: Grant["source"]): Grant {
  return { source, sourceId: undefined, teamId: undefined, role: "user", at: undefined };
}
function found(
  facts: Partial<MembershipFacts>,
  more: Partial<FoundLogin> & { readonly hasDeclined?: boolean } = {},
): FoundLogin {
  const all = { accountId, protection: undefined, links: [], grants: [], locks: [], ...facts };
  const isMember =
    all.byLogin === true ||
    all.grants.length > 0 ||
    all.links.some((one) => one.state === "linked");
  const { hasDeclined = false, ...others } = more;
  return {
    by: "subject",
    suspendedBy: [],
    ...others,
    inTenant: { facts: all, isMember, hasDeclined },
  };
}
function ground(differences: {
  readonly found?: FoundLogin;
  readonly mode?: "scim" | "login";
  readonly jit?: "off" | "verified-domains" | "any";
  readonly policy?: LoginGround["settings"]["attachPolicy"];
  readonly accounts?: boolean;
  readonly email?: string;
  readonly isEmailVerified?: boolean;
  readonly isDomainVerified?: boolean;
}): LoginGround {
  const { mode = "login", jit = "any", policy = "attach", accounts = true } = differences;
  const { email = "ann@acme.example", isEmailVerified = true } = differences;
  return {
    login: { email: parseEmailAddress(email), isEmailVerified },
    rules: { mode, jit },
    settings: { accounts, attachPolicy: policy },
    isDomainVerified: differences.isDomainVerified ?? false,
    found: differences.found,
  };
}

const linked = { links: [link("linked")] };

describe("a login is decided on", () => {
  test.each<[string, Parameters<typeof ground>[0], LoginDecision]>([
    [
      "locked, before anything else",
      { found: found(linked, { suspendedBy: ["admin"], hasDeclined: true }) },
      refuse("locked"),
    ],
    [
      "locked by a sync",
      { found: found(linked, { suspendedBy: ["scim"] }), mode: "scim", jit: "off" },
      refuse("locked"),
    ],
    [
      "locked although no member",
      { found: found({}, { suspendedBy: ["security"] }) },
      refuse("locked"),
    ],
    [
      "declined, also where anybody may join",
      { found: found({}, { hasDeclined: true }) },
      refuse("declined"),
    ],
    ["scim: linked", { found: found(linked), mode: "scim" }, accept()],
    [
      "scim: linked, found by e-mail",
      { found: found(linked, { by: "email" }), mode: "scim" },
      accept(),
    ],
    ["scim: by hand", { found: found({ grants: [grant("manual")] }), mode: "scim" }, accept()],
    [
      "scim: kept as the last owner",
      { found: found({ grants: [grant("retained")] }), mode: "scim" },
      accept(),
    ],
    [
      "scim: invited",
      { found: found({ links: [link("pending")] }), mode: "scim" },
      refuse("not-provisioned"),
    ],
    [
      "scim: nobody is behind the User",
      { found: found({ links: [link("none")] }), mode: "scim" },
      refuse("not-provisioned"),
    ],
    [
      "scim: a member by a login of before",
      { found: found({ byLogin: true, grants: [grant("login")] }), mode: "scim" },
      refuse("not-provisioned"),
    ],
    ["scim: unknown", { mode: "scim" }, refuse("not-provisioned")],
    [
      "scim: unknown, whatever jit says",
      { mode: "scim", jit: "any", isDomainVerified: true },
      refuse("not-provisioned"),
    ],
    ["login: a member", { found: found({ byLogin: true }), jit: "off" }, accept()],
    [
      "login: a member by hand",
      { found: found({ grants: [grant("manual")] }), jit: "off" },
      accept(),
    ],
    ["login: was a member once", { found: found({}), jit: "off" }, refuse("jit-off")],
    ["login: was a member once, anybody may join", { found: found({}) }, accept(true)],
    ["login: unknown, jit off", { jit: "off", isDomainVerified: true }, refuse("jit-off")],
    ["login: unknown, any", { isEmailVerified: false }, accept(true)],
    ["login: unknown without e-mail, any", { email: "", isEmailVerified: false }, accept(true)],
    [
      "login: unknown, verified domain",
      { jit: "verified-domains", isDomainVerified: true },
      accept(true),
    ],
    ["login: another domain", { jit: "verified-domains" }, refuse("domain-unverified")],
    [
      "login: the provider does not vouch for the address",
      { jit: "verified-domains", isDomainVerified: true, isEmailVerified: false },
      refuse("email-unverified"),
    ],
    ["login: no address", { jit: "verified-domains", email: "" }, refuse("email-unverified")],
    ["login: a mere directory", { accounts: false }, refuse("accounts-off")],
    [
      "policy verified-or-invite, domain not verified",
      { policy: "verified-or-invite" },
      refuse("domain-unverified"),
    ],
    [
      "policy verified-or-invite, domain verified",
      { policy: "verified-or-invite", isDomainVerified: true },
      accept(true),
    ],
    [
      "policy verified-only, domain not verified",
      { policy: "verified-only" },
      refuse("domain-unverified"),
    ],
    ["policy invite", { policy: "invite", isDomainVerified: true }, refuse("attach-policy")],
    ["policy reject", { policy: "reject", isDomainVerified: true }, refuse("attach-policy")],
    [
      "policy reject says nothing about members",
      { policy: "reject", found: found(linked) },
      accept(),
    ],
  ])("%s", (_, differences, decision) => {
    expect(decideLogin(ground(differences))).toEqual(decision);
  });
});

test("whether a stranger has an account elsewhere changes nothing (I4)", () => {
  for (const mode of ["scim", "login"] as const) {
    for (const jit of ["off", "verified-domains", "any"] as const) {
      for (const policy of [
        "attach",
        "verified-or-invite",
        "verified-only",
        "invite",
        "reject",
      ] as const) {
        for (const isDomainVerified of [true, false]) {
          const wish = { mode, jit, policy, isDomainVerified };
          const elsewhere = found({}, { by: "email" });
          expect(decideLogin(ground({ ...wish, found: elsewhere }))).toEqual(
            decideLogin(ground(wish)),
          );
        }
      }
    }
  }
});

test("whoever registered an address without proof and can log in is not found by it", () => {
  expect(isFoundByEmail({ emailVerified: false, hasLogin: true })).toBe(false);
  expect(isFoundByEmail({ emailVerified: true, hasLogin: true })).toBe(true);
  expect(isFoundByEmail({ emailVerified: false, hasLogin: false })).toBe(true);
});

test("every reason has its sentence", () => {
  expect(Object.keys(loginRefusals).toSorted()).toEqual([...loginRefusalReasons].toSorted());
});

test("groups are kept up to the limits; beyond, none are known", () => {
  const names = Array.from({ length: loginGroupsMax }, (_, index) => `group ${index}`);
  expect(takenGroupsOf([...names, "group 0"])).toEqual({ groups: names, warnings: [] });
  const { groups, warnings } = takenGroupsOf([...names, "one more"]);
  expect(groups).toBeUndefined();
  expect(warnings).toHaveLength(1);
});

test("a name that is too long or cannot be seen is left out, with a warning", () => {
  const longest = "é".repeat(loginGroupNameMax);
  const taken = takenGroupsOf([longest, `${longest}é`, "", " ", "a\0b", "\u202Eabc", "good"]);
  expect(taken.groups).toEqual([longest, "good"]);
  expect(taken.warnings).toEqual([expect.stringMatching(/^5 groups are left out/)]);
});

test("subjects and names are texts that can be seen", () => {
  for (const [text, isGood] of [
    ["00u1", true],
    ["a".repeat(256), true],
    ["a".repeat(257), false],
    ["", false],
    ["a\nb", false],
  ] as const) {
    expect(subjectProblemOf(text) === undefined).toBe(isGood);
    expect(personNameOf(text)).toBe(isGood ? text : undefined);
  }
  expect(personNameOf(undefined)).toBeUndefined();
});

test("the audit log is told of groups that changed, whatever their order", () => {
  expect(groupDifferencesOf(["a", "b"], ["b", "a"])).toEqual([]);
  expect(groupDifferencesOf(["a"], undefined)).toEqual([]);
  expect(groupDifferencesOf(["b", "a"], ["c"])).toEqual([
    { path: "login.groups", before: ["a", "b"], after: ["c"] },
  ]);
});
