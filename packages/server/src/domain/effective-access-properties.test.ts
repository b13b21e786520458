/** Effective access over generated facts (semantics.md §3 I7, §4 and §6). */
import fc from "fast-check";
import { expect, test } from "vitest";
import { accountId, at, entra, link, lock, okta, settings } from "../../../../test/access-facts.ts";
import type { GrantSource, LinkState, LockSource, MembershipFacts } from "./account.ts";
import { effectiveAccessOf, keepsMembership } from "./effective-access.ts";
import type { ConnectionId, MappingId, TeamId } from "./tenant.ts";

const roleName = fc.constantFrom("owner", "admin", "member", "viewer", "king");
const anyTeam = fc.constantFrom(undefined, "team-1" as TeamId, "team-2" as TeamId);
const anyGroupGrants = fc.array(
  fc.record({
    groupId: fc.constantFrom("g", "h"),
    mappingId: fc.constant("m" as MappingId),
    teamId: anyTeam,
    role: roleName,
    at: fc.constant(at),
    requestId: fc.constant(undefined),
  }),
  { maxLength: 2 },
);
const anyLinks = fc.uniqueArray(
  fc.record({
    connectionId: fc.constantFrom(okta, entra, "ping" as ConnectionId),
    resourceId: fc.constant("user-1"),
    state: fc.constantFrom<LinkState>("pending", "linked", "declined"),
    accountId: fc.constant(accountId),
    active: fc.boolean(),
    role: fc.option(roleName, { nil: undefined }),
    groupGrants: anyGroupGrants,
  }),
  { selector: ({ connectionId }) => connectionId },
);
const anyGrants = fc.array(
  fc.record({
    source: fc.constantFrom<GrantSource>("manual", "login", "retained"),
    sourceId: fc.constantFrom("m", undefined),
    teamId: anyTeam,
    role: roleName,
    at: fc.constant(at),
  }),
  { maxLength: 3 },
);
const anyLocks = fc.array(
  fc.oneof(
    fc.constantFrom(okta, entra).map((connectionId) => lock("scim", connectionId)),
    fc.constantFrom<LockSource>("admin", "security", "erasure").map((source) => lock(source)),
  ),
  { maxLength: 3 },
);
const anyFacts: fc.Arbitrary<MembershipFacts> = fc.record({
  accountId: fc.constant(accountId),
  protection: fc.constantFrom(undefined, "break-glass" as const),
  links: anyLinks,
  grants: anyGrants,
  locks: anyLocks,
});

test("§6: the default stands exactly while somebody is linked and no other grant stands (seed 6)", () => {
  fc.assert(
    fc.property(anyFacts, (given) => {
      const { grants } = effectiveAccessOf(given, settings);
      const isLinked = given.links.some(({ state }) => state === "linked");
      // Without the locks, which take the effect from every grant, standing is being effective where a link is active.
      const unlocked = effectiveAccessOf({ ...given, locks: [] }, settings).grants;
      const others = unlocked.filter(({ source }) => source !== "default");
      const isActive = given.links.some(({ state, active }) => state === "linked" && active);
      const defaults = grants.filter(({ source }) => source === "default");
      if (!isLinked) {
        expect(defaults).toEqual([]);
      } else if (isActive) {
        expect(defaults.length).toBe(others.some(({ isEffective }) => isEffective) ? 0 : 1);
      } else {
        expect(defaults.length === 0 || others.every(({ isEffective }) => !isEffective)).toBe(true);
        expect(defaults.every(({ isEffective }) => !isEffective)).toBe(true);
        expect(others.length + defaults.length).toBeGreaterThan(0);
      }
    }),
    { seed: 6, numRuns: 2000 },
  );
});

test("§6: whoever is linked and active without locks has a role (seed 61)", () => {
  fc.assert(
    fc.property(anyFacts, (given) => {
      const links = [...given.links, link("own" as ConnectionId)];
      const access = effectiveAccessOf({ ...given, links, locks: [] }, settings);
      expect(access.state).toBe("active");
      expect(access.role !== undefined || access.teams.length > 0).toBe(true);
      expect([undefined, ...settings.roles]).toContain(access.role);
      expect(access.teams.every(({ role }) => settings.teamRoles.includes(role))).toBe(true);
    }),
    { seed: 61, numRuns: 1000 },
  );
});

test("§4: an admin's lock suspends every member, in any order of locks (seed 4)", () => {
  fc.assert(
    fc.property(anyFacts, fc.boolean(), (given, isFirst) => {
      const locks = isFirst ? [lock("admin"), ...given.locks] : [...given.locks, lock("admin")];
      const access = effectiveAccessOf({ ...given, locks }, settings);
      expect(access.state).toBe(keepsMembership(given) ? "suspended" : "none");
      expect(access.role).toBeUndefined();
      expect(access.isOwner).toBe(false);
      expect(access.suspendedBy).toContain("admin");
      expect(access.grants.some(({ isEffective }) => isEffective)).toBe(false);
    }),
    { seed: 4, numRuns: 1000 },
  );
});

test("state, role and effect agree, and what is no membership has no access (seed 41)", () => {
  fc.assert(
    fc.property(anyFacts, (given) => {
      const access = effectiveAccessOf(given, settings);
      const hasEffect = access.grants.some(({ isEffective }) => isEffective);
      expect(access.state === "active").toBe(hasEffect);
      expect(access.role !== undefined || access.teams.length > 0).toBe(hasEffect);
      expect(access.state === "none" || keepsMembership(given)).toBe(true);
      expect(access.grants.every(({ why }) => why !== "")).toBe(true);
    }),
    { seed: 41, numRuns: 2000 },
  );
});

test("§3 I7: a pending or declined link changes nobody's access (seed 7)", () => {
  fc.assert(
    fc.property(anyFacts, fc.constantFrom<LinkState>("pending", "declined"), (given, state) => {
      const grouped = { groupId: "g", mappingId: "m" as MappingId, teamId: undefined, at };
      const groupGrants = [{ ...grouped, role: "owner", requestId: undefined }];
      const more = link("new" as ConnectionId, { state, role: "owner", groupGrants });
      const before = effectiveAccessOf(given, settings);
      const after = effectiveAccessOf({ ...given, links: [...given.links, more] }, settings);
      expect([after.state, after.role, after.teams]).toEqual([
        before.state,
        before.role,
        before.teams,
      ]);
    }),
    { seed: 7, numRuns: 1000 },
  );
});
