/** Locks side by side: what lifting one leaves of the others, in every order (semantics.md §4). */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { AccountId, Lock } from "./account.ts";
import type { MembershipEdit } from "./membership-edit.ts";
import { accessEffectOf } from "./membership-edit.ts";
import type { ConnectionId } from "./tenant.ts";
import { defaultInstancePolicy, tenantSettingsOf } from "./tenant-settings.ts";

const accountId = "account-1" as AccountId;
const okta = "okta" as ConnectionId;
const at = "2026-01-01T00:00:00.000Z";
const settings = tenantSettingsOf({}, defaultInstancePolicy);
const lock = (source: Lock["source"], connectionId?: ConnectionId): Lock => ({
  source,
  connectionId,
  reason: undefined,
  at,
});
const locks: readonly Lock[] = [
  lock("scim", okta),
  lock("scim", "entra" as ConnectionId),
  lock("admin"),
  lock("security"),
  lock("erasure"),
];

function locksAfter(edits: readonly MembershipEdit[]): readonly Lock[] {
  const facts = { accountId, protection: undefined, links: [], grants: [], locks: [] };
  const before = { facts, isMember: false, hasDeclined: false };
  return accessEffectOf(before, edits, settings).after.facts.locks;
}

test("lifting one lock leaves every other where it was, in any order and however often each was set (seed 4)", () => {
  const orders = fc.array(fc.constantFrom(...locks), { maxLength: 12 });
  fc.assert(
    fc.property(orders, fc.constantFrom(...locks), (set, lifted) => {
      const adding = set.map((one): MembershipEdit => ({ kind: "add-lock", lock: one }));
      const left = locksAfter([...adding, { kind: "remove-lock", lock: lifted }]);
      const expected = [...new Set(set)].filter((one) => one !== lifted);
      expect(left).toEqual(expected);
    }),
    { seed: 4 },
  );
});

test("a lock that is set again keeps its reason and its time", () => {
  const first = { ...lock("admin"), reason: "under review" };
  const again = { ...lock("admin"), reason: "something else", at: "2027-01-01T00:00:00.000Z" };
  const adding = [first, again].map((one): MembershipEdit => ({ kind: "add-lock", lock: one }));
  expect(locksAfter(adding)).toEqual([first]);
});
