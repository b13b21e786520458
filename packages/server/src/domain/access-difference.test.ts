/** The difference between two states of access, and the form they are shown in (semantics.md §7, access.changed). */
import { expect, test } from "vitest";
import { at, settings } from "../../../../test/access-facts.ts";
import { accessJson, sameAccess } from "./access-difference.ts";
import type { AccountId, Grant, Lock, MembershipFacts } from "./account.ts";
import { effectiveAccessOf } from "./effective-access.ts";

const grant = (source: Grant["source"], role: string): Grant => ({
  source,
  sourceId: undefined,
  teamId: undefined,
  role,
  at,
});
const lock = (source: Lock["source"]): Lock => ({
  source,
  connectionId: undefined,
  reason: undefined,
  at,
});
const accessWith = (given: Partial<MembershipFacts>) =>
  effectiveAccessOf(
    {
      accountId: "account-1" as AccountId,
      protection: undefined,
      links: [],
      grants: [],
      locks: [],
      ...given,
    },
    settings,
  );

const admin = accessWith({ grants: [grant("manual", "admin")] });
test.each([
  ["itself", accessWith({ grants: [grant("manual", "admin")] }), true],
  ["the same role of another source", accessWith({ grants: [grant("login", "admin")] }), true],
  [
    "a lower grant beside it",
    accessWith({ grants: [grant("manual", "admin"), grant("login", "viewer")] }),
    true,
  ],
  ["another role", accessWith({ grants: [grant("manual", "viewer")] }), false],
  ["a lock", accessWith({ grants: [grant("manual", "admin")], locks: [lock("admin")] }), false],
  ["nothing", accessWith({}), false],
  ["no facts", effectiveAccessOf(undefined, settings), false],
])("an admin compared with %s", (_, other, expected) => {
  expect(sameAccess(admin, other)).toBe(expected);
  expect(sameAccess(other, admin)).toBe(expected);
});

test("whoever is suspended stays as suspended by one more lock, and is not as one without membership", () => {
  const grants = [grant("manual", "admin")];
  const suspended = accessWith({ grants, locks: [lock("admin")] });
  expect(
    sameAccess(suspended, accessWith({ grants, locks: [lock("admin"), lock("security")] })),
  ).toBe(true);
  expect(sameAccess(suspended, accessWith({ locks: [lock("admin")] }))).toBe(false);
});

test("the complete state is shown, with null for what is not there", () => {
  const access = accessWith({
    grants: [grant("manual", "admin"), { ...grant("login", "viewer"), sourceId: "staff" }],
  });
  expect(accessJson(access)).toEqual({
    state: "active",
    role: "admin",
    teams: [],
    grants: [
      {
        source: "manual",
        sourceId: null,
        teamId: null,
        role: "admin",
        effective: true,
        why: "given by hand",
      },
      {
        source: "login",
        sourceId: "staff",
        teamId: null,
        role: "viewer",
        effective: true,
        why: "given by the groups of a login",
      },
    ],
    locks: [],
  });
  expect(
    accessJson(accessWith({ grants: [grant("manual", "admin")], locks: [lock("security")] })),
  ).toEqual({
    state: "suspended",
    role: null,
    teams: [],
    grants: [
      {
        source: "manual",
        sourceId: null,
        teamId: null,
        role: "admin",
        effective: false,
        why: "suspended by security",
      },
    ],
    locks: ["security"],
  });
  expect(accessJson(effectiveAccessOf(undefined, settings))).toEqual({
    state: "none",
    role: null,
    teams: [],
    grants: [],
    locks: [],
  });
});
