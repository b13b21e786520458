/** Effective access, membership and protection (semantics.md §2 row 3, §3 I7, §4 and §6; lessons, VectorFlow). */
import { expect, test } from "vitest";
import { accountId, at, entra, link, lock, okta, settings } from "../../../../test/access-facts.ts";
import type { Grant, GrantSource, Link, MembershipFacts } from "./account.ts";
import { effectiveAccessOf, keepsMembership, protectionOf } from "./effective-access.ts";
import type { ConnectionId, MappingId } from "./tenant.ts";

const grant = (source: GrantSource, role: string, sourceId?: string): Grant => ({
  source,
  sourceId,
  teamId: undefined,
  role,
  at,
});
/** A link whose User is in a group that gives this role. */
const inGroup = (connectionId: ConnectionId, role: string, changes: Partial<Link> = {}): Link => {
  const mapped = { groupId: "g", mappingId: "m" as MappingId, teamId: undefined, role };
  return link(connectionId, { ...changes, groupGrants: [{ ...mapped, at, requestId: undefined }] });
};
const facts = (given: Partial<MembershipFacts>): MembershipFacts => ({
  accountId,
  protection: undefined,
  links: [],
  grants: [],
  locks: [],
  ...given,
});

/** What it comes to, in one line: state, role, the grants (those in brackets without effect), the locks. */
function told(given: Partial<MembershipFacts>): string {
  const access = effectiveAccessOf(facts(given), settings);
  const grants = access.grants.map(({ source, role, isEffective }) =>
    isEffective ? `${source}:${role}` : `(${source}:${role})`,
  );
  return [access.state, access.role ?? "-", grants.join(" "), access.suspendedBy.join("+")]
    .join(" | ")
    .replace(/[ |]+$/, "");
}

const manual = grant("manual", "admin");
const cases: readonly (readonly [string, Partial<MembershipFacts>, string])[] = [
  ["nothing", {}, "none | -"],
  ["§2 row 2: linked", { links: [link(okta)] }, "active | member | default:member"],
  [
    "the roles of the user",
    { links: [link(okta, { role: "viewer" })] },
    "active | viewer | roles:viewer",
  ],
  [
    "§2 row 3: linked, with a manual grant",
    { links: [link(okta)], grants: [manual] },
    "active | admin | manual:admin",
  ],
  [
    "§6: the highest role wins",
    {
      links: [link(okta, { role: "viewer" }), link(entra, { role: "admin" })],
      grants: [grant("login", "member")],
    },
    "active | admin | login:member roles:viewer roles:admin",
  ],
  ["a manual member without a link", { grants: [manual] }, "active | admin | manual:admin"],
  [
    "a login member without a link",
    { grants: [grant("login", "viewer")] },
    "active | viewer | login:viewer",
  ],
  [
    "§6: a retained grant",
    { links: [link(okta)], grants: [grant("retained", "owner")] },
    "active | owner | retained:owner",
  ],
  [
    "§3 I7: pending",
    { links: [link(okta, { state: "pending", role: "admin" })] },
    "none | - | (roles:admin)",
  ],
  ["§3 I7: pending without roles", { links: [link(okta, { state: "pending" })] }, "none | -"],
  [
    "§3 I7: the groups of a pending link",
    { links: [inGroup(okta, "admin", { state: "pending" })] },
    "none | - | (group:admin)",
  ],
  [
    "§3 I7: the groups of a pending link beside a linked one",
    {
      links: [inGroup(okta, "admin", { state: "pending" }), inGroup(entra, "viewer")],
    },
    "active | viewer | (group:admin) group:viewer",
  ],
  [
    "§3 I7: they do not keep the default away",
    {
      links: [inGroup(okta, "admin", { state: "pending", role: "admin" }), link(entra)],
    },
    "active | member | (roles:admin) (group:admin) default:member",
  ],
  ["a group", { links: [inGroup(okta, "viewer")] }, "active | viewer | group:viewer"],
  [
    "a group of a User that is inactive",
    { links: [inGroup(okta, "viewer", { active: false })] },
    "none | - | (group:viewer)",
  ],
  [
    "declined",
    { links: [link(okta, { state: "declined", role: "admin" })] },
    "none | - | (roles:admin)",
  ],
  [
    "declined, with a manual grant",
    { links: [link(okta, { state: "declined", role: "owner" })], grants: [manual] },
    "active | admin | manual:admin (roles:owner)",
  ],
  [
    "§4 active: false",
    { links: [link(okta, { active: false, role: "admin" })], locks: [lock("scim", okta)] },
    "suspended | - | (roles:admin) | scim",
  ],
  [
    "§4 active: false, without roles",
    { links: [link(okta, { active: false })], locks: [lock("scim", okta)] },
    "suspended | - | (default:member) | scim",
  ],
  [
    "inactive, the lock not yet there",
    { links: [link(okta, { active: false })] },
    "none | - | (default:member)",
  ],
  [
    "§4 a lock of Okta does not suspend while Entra says active",
    {
      links: [link(okta, { active: false, role: "owner" }), link(entra)],
      locks: [lock("scim", okta)],
    },
    "active | member | (roles:owner) default:member",
  ],
  [
    "§4 nor after Okta has deleted the user",
    { links: [link(entra)], locks: [lock("scim", okta)] },
    "active | member | default:member",
  ],
  [
    "§4 but it does while Entra is only pending",
    {
      links: [link(entra, { state: "pending" }), link(okta, { active: false })],
      locks: [lock("scim", okta)],
    },
    "suspended | - | (default:member) | scim",
  ],
  [
    "§4 or says inactive as well",
    {
      links: [link(okta, { active: false }), link(entra, { active: false })],
      locks: [lock("scim", okta), lock("scim", entra)],
    },
    "suspended | - | (default:member) | scim",
  ],
  [
    "§4 two locks, one active link: the lock of the other does not count, its own does",
    { links: [link(okta), link(entra, { active: false })], locks: [lock("scim", okta)] },
    "suspended | - | (default:member) | scim",
  ],
  [
    "§4 DELETE with a manual grant left: kept with lock scim",
    { grants: [manual], locks: [lock("scim", okta)] },
    "suspended | - | (manual:admin) | scim",
  ],
  [
    "§4 the other locks stay when scim's goes",
    { links: [link(okta)], locks: [lock("erasure"), lock("admin"), lock("security")] },
    "suspended | - | (default:member) | admin+security+erasure",
  ],
  [
    "an admin's lock suspends, whoever says active",
    { links: [link(okta), link(entra)], locks: [lock("admin")] },
    "suspended | - | (default:member) | admin",
  ],
  ["locks on somebody who is no member", { locks: [lock("admin")] }, "none | - |  | admin"],
  [
    "a role that the tenant does not have any more",
    { grants: [grant("manual", "king")] },
    "active | member | manual:king",
  ],
];
test.each(cases)("%s", (_, given, expected) => {
  expect(told(given)).toBe(expected);
});

test("undefined facts are no access", () => {
  expect(effectiveAccessOf(undefined, settings)).toEqual({
    state: "none",
    role: undefined,
    teams: [],
    grants: [],
    isOwner: false,
    suspendedBy: [],
  });
});

test("a grant of roles names its connection and resource, and the derived ones have no time", () => {
  const { grants } = effectiveAccessOf(facts({ links: [link(okta, { role: "admin" })] }), settings);
  expect(grants).toEqual([
    {
      source: "roles",
      sourceId: "okta/user-1",
      teamId: undefined,
      role: "admin",
      at: undefined,
      isEffective: true,
      why: "given by the roles of the user",
    },
  ]);
});

const reasons: readonly (readonly [Partial<MembershipFacts>, RegExp])[] = [
  [{ grants: [manual] }, /given by hand/],
  [{ grants: [manual], locks: [lock("admin"), lock("security")] }, /suspended by admin, security/],
  [{ links: [link(okta, { state: "pending", role: "admin" })] }, /invitation is not accepted/],
  [{ links: [link(okta, { state: "declined", role: "admin" })] }, /declined/],
  [
    { links: [link(okta, { active: false, role: "admin" })], locks: [lock("scim", okta)] },
    /deactivated/,
  ],
  [{ links: [inGroup(okta, "admin", { state: "none" })] }, /no user .* is linked/],
  [{ links: [inGroup(okta, "admin")] }, /members of a group/],
  [{ links: [link(okta)] }, /nothing else/],
];
test.each(reasons)("§6: every grant says why or why not (%#)", (given, why) => {
  expect(effectiveAccessOf(facts(given), settings).grants.map((one) => one.why)).toEqual([
    expect.stringMatching(why),
  ]);
});

const memberships: readonly (readonly [string, Partial<MembershipFacts>, boolean])[] = [
  ["nothing", {}, false],
  ["a linked link", { links: [link(okta)] }, true],
  ["a linked link that is inactive", { links: [link(okta, { active: false })] }, true],
  ["a pending link", { links: [link(okta, { state: "pending", role: "owner" })] }, false],
  ["a declined link", { links: [link(okta, { state: "declined" })] }, false],
  ["a manual grant", { grants: [manual] }, true],
  ["a login grant", { grants: [grant("login", "viewer")] }, true],
  ["a group grant", { links: [inGroup(okta, "viewer")] }, true],
  ["a retained grant", { grants: [grant("retained", "owner")] }, true],
  [
    "a manual grant and a declined link",
    { links: [link(okta, { state: "declined" })], grants: [manual] },
    true,
  ],
  [
    "I7: a group grant of a pending link",
    { links: [inGroup(okta, "viewer", { state: "pending" })] },
    false,
  ],
  ["locks", { locks: [lock("admin"), lock("scim", okta)] }, false],
  ["protection", { protection: "break-glass" }, false],
];
test.each(memberships)("membership by %s", (_, given, expected) => {
  expect(keepsMembership(facts(given))).toBe(expected);
});

const breakGlass = { protection: "break-glass" } as const;
const owner = grant("manual", "owner");
type Change = readonly [Partial<MembershipFacts>, Partial<MembershipFacts>];
const scimLocked = { links: [link(okta, { active: false })], locks: [lock("scim", okta)] };
const protections: readonly (readonly [string, Change, number, string | undefined])[] = [
  [
    "active: false on a protected member",
    [
      { ...breakGlass, links: [link(okta)] },
      { ...breakGlass, ...scimLocked },
    ],
    9,
    "break-glass",
  ],
  [
    "DELETE of a protected member",
    [{ ...breakGlass, links: [link(okta)] }, breakGlass],
    9,
    "break-glass",
  ],
  [
    "the same when the protection goes with the membership",
    [{ ...breakGlass, links: [link(okta)] }, {}],
    9,
    "break-glass",
  ],
  [
    "active: false on a protected member whom an admin has locked",
    [
      { ...breakGlass, links: [link(okta)], locks: [lock("admin")] },
      {
        ...breakGlass,
        links: [link(okta, { active: false })],
        locks: [lock("admin"), lock("scim", okta)],
      },
    ],
    9,
    "break-glass",
  ],
  [
    "active: false while another connection says active",
    [
      { ...breakGlass, links: [link(okta), link(entra)] },
      {
        ...breakGlass,
        links: [link(okta, { active: false }), link(entra)],
        locks: [lock("scim", okta)],
      },
    ],
    0,
    undefined,
  ],
  ["active: false on anybody", [{ links: [link(okta)] }, scimLocked], 0, undefined],
  [
    "active: true on a protected member",
    [
      { ...breakGlass, ...scimLocked },
      { ...breakGlass, links: [link(okta)] },
    ],
    0,
    undefined,
  ],
  [
    "no change of a protected member",
    [
      { ...breakGlass, ...scimLocked },
      { ...breakGlass, ...scimLocked },
    ],
    0,
    undefined,
  ],
  [
    "active: false on the last owner",
    [
      { links: [link(okta)], grants: [owner] },
      { ...scimLocked, grants: [owner] },
    ],
    0,
    "last-owner",
  ],
  [
    "active: false on one owner of two",
    [
      { links: [link(okta)], grants: [owner] },
      { ...scimLocked, grants: [owner] },
    ],
    1,
    undefined,
  ],
  [
    "the last owner becomes an admin",
    [{ links: [link(okta, { role: "owner" })] }, { links: [link(okta, { role: "admin" })] }],
    0,
    "last-owner",
  ],
  [
    "the last owner keeps it by a retained grant",
    [
      { links: [inGroup(okta, "owner")] },
      { links: [link(okta)], grants: [grant("retained", "owner")] },
    ],
    0,
    undefined,
  ],
  [
    "an owner who is suspended anyway",
    [
      { grants: [owner], locks: [lock("admin")] },
      { grants: [owner], locks: [lock("admin"), lock("security")] },
    ],
    0,
    undefined,
  ],
  [
    "an owner who is only invited",
    [{ links: [link(okta, { state: "pending", role: "owner" })] }, {}],
    0,
    undefined,
  ],
];
test.each(protections)("§4: %s", (_, [before, after], otherOwners, expected) => {
  expect(protectionOf(facts(before), facts(after), settings, otherOwners)).toBe(expected);
});
