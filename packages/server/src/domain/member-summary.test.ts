import { expect, test } from "vitest";
import type { Account, AccountId, Link, LinkState, MembershipFacts } from "./account.ts";
import { keepsMembership } from "./effective-access.ts";
import type { Member } from "./member.ts";
import type { MemberSummary } from "./member-summary.ts";
import { memberSummaryOf, whyNoAccess } from "./member-summary.ts";

const settings = {
  roles: ["owner", "admin", "member"],
  defaultRole: "member",
  teamRoles: ["admin", "viewer"],
  defaultTeam: undefined,
  defaultTeamRole: "viewer",
};
const accountId = "ann" as AccountId;
const at = "2025-06-15T12:00:00.000Z";
const account: Account = {
  accountId,
  email: undefined,
  emailVerified: false,
  hasLogin: false,
  name: undefined,
  preferredLanguage: undefined,
  ref: undefined,
  madeBy: undefined,
  created: at,
  revision: 1,
};
const link = (state: LinkState, more: Partial<Link> = {}): Link => ({
  connectionId: `connection of ${state}` as never,
  resourceId: "user",
  state,
  accountId,
  active: true,
  role: undefined,
  groupGrants: [],
  ...more,
});
function member(facts: Partial<MembershipFacts>, hasDeclined = false): Member {
  const whole = { accountId, protection: undefined, links: [], grants: [], locks: [], ...facts };
  return { account, facts: whole, isMember: keepsMembership(whole), hasDeclined };
}
const manual = (role: string) => ({
  source: "manual" as const,
  sourceId: undefined,
  teamId: undefined,
  role,
  at,
});
const lock = (source: "scim" | "admin" | "security") => ({
  source,
  connectionId: source === "scim" ? ("gone" as never) : undefined,
  reason: undefined,
  at,
});

const cases: readonly (readonly [string, Member, Partial<MemberSummary>, string | undefined])[] = [
  [
    "a linked User gives the default role",
    member({ links: [link("declined"), link("linked"), link("pending")] }),
    { role: "member", link: "linked", locks: [], effective: true },
    undefined,
  ],
  [
    "locks suspend, and the role that is held is told",
    member({
      links: [link("linked", { active: false })],
      grants: [manual("admin"), manual("owner")],
      locks: [lock("security"), lock("scim"), lock("admin")],
    }),
    { role: "owner", link: "linked", locks: ["admin", "scim", "security"], effective: false },
    "suspended by scim, admin, security",
  ],
  [
    "a lock of a connection that another one outweighs is told, and does not suspend",
    member({ links: [link("linked")], locks: [lock("scim")] }),
    { role: "member", link: "linked", locks: ["scim"], effective: true },
    undefined,
  ],
  [
    "an invited person has a role that waits",
    member({ links: [link("pending", { role: "admin" })] }),
    { role: "admin", link: "pending", effective: false },
    "the invitation is not accepted yet",
  ],
  [
    "whoever has left has nothing",
    member({ links: [link("declined")] }, true),
    { role: null, link: "declined", effective: false },
    "the person has left or declined",
  ],
  [
    "a role that the tenant does not have any more counts as the default",
    member({ grants: [manual("king")] }),
    { role: "member", link: "none", effective: true },
    undefined,
  ],
  [
    "a stranger has nothing",
    member({}),
    { role: null, link: "none", locks: [], effective: false },
    "no member: no user of an identity provider is linked and nothing is given by hand",
  ],
];

test.each(cases)("%s", (_, someone, expected, whyNot) => {
  expect(memberSummaryOf(someone, settings)).toMatchObject(expected);
  expect(whyNoAccess(someone, settings)).toBe(whyNot);
});

test("the members of a summary are those of the contract, in its order", () => {
  expect(Object.keys(memberSummaryOf(member({}), settings))).toEqual([
    "accountId",
    "email",
    "role",
    "link",
    "locks",
    "effective",
  ]);
});
