/** Rows 2–6 and 13 of POST /Users and the attach policies (semantics.md §2 and §3), row by row and as a whole product. */
import { expect, test } from "vitest";
import type { AccountId } from "./account.ts";
import type { AttachDecision, AttachGround, FoundAccount } from "./attach-policy.ts";
import { decideAttachment } from "./attach-policy.ts";
import { parseEmailAddress } from "./email-address.ts";
import type { AttachPolicy } from "./tenant-settings.ts";
import { attachPolicies } from "./tenant-settings.ts";

const accountId = "account-1" as AccountId;
const email = parseEmailAddress("ann@acme.example");
const stranger: FoundAccount = {
  accountId,
  by: "email",
  isMember: false,
  isLinkedHere: false,
  hasDeclined: false,
  isProven: true,
  isDomainVerified: true,
  isOwn: false,
};

function decide(ground: Partial<AttachGround>, attachPolicy: AttachPolicy = "attach") {
  return decideAttachment({
    occasion: "post",
    active: true,
    settings: { accounts: true, attachPolicy },
    email,
    isDomainVerified: false,
    found: undefined,
    isStaged: false,
    ...ground,
  });
}

const linkQuietly: AttachDecision = { kind: "link", notify: false };
const link: AttachDecision = { kind: "link", notify: true };
const pending: AttachDecision = { kind: "pending" };
const created = (isEmailVerified: boolean): AttachDecision => ({ kind: "create", isEmailVerified });
const invalid = expect.objectContaining({ kind: "refuse", scimType: "invalidValue" });
const taken = expect.objectContaining({ kind: "refuse", scimType: "uniqueness" });

/** What an account can be to the tenant, as states that exclude one another. */
const states = {
  none: undefined,
  stranger,
  "stranger, by login identity": { ...stranger, by: "login-identity" },
  "stranger, by tombstone": { ...stranger, by: "tombstone" },
  member: { ...stranger, isMember: true },
  own: { ...stranger, isOwn: true },
  "own, by tombstone": { ...stranger, isOwn: true, by: "tombstone" },
  unproven: { ...stranger, isProven: false },
  "unproven member": { ...stranger, isProven: false, isMember: true },
  "unproven own": { ...stranger, isProven: false, isOwn: true },
  "unproven, by login identity": { ...stranger, isProven: false, by: "login-identity" },
  "unproven member, by login identity": {
    ...stranger,
    isProven: false,
    isMember: true,
    by: "login-identity",
  },
  "unproven own, by login identity": {
    ...stranger,
    isProven: false,
    isOwn: true,
    by: "login-identity",
  },
  "unproven, by tombstone": { ...stranger, isProven: false, by: "tombstone" },
  "unproven member, by tombstone": {
    ...stranger,
    isProven: false,
    isMember: true,
    by: "tombstone",
  },
  "unproven own, by tombstone": { ...stranger, isProven: false, isOwn: true, by: "tombstone" },
  "of an address elsewhere, by login identity": {
    ...stranger,
    isDomainVerified: false,
    by: "login-identity",
  },
  "of an address elsewhere, by tombstone": {
    ...stranger,
    isDomainVerified: false,
    by: "tombstone",
  },
  "member, of an address elsewhere": {
    ...stranger,
    isDomainVerified: false,
    isMember: true,
    by: "tombstone",
  },
  "own, of an address elsewhere": {
    ...stranger,
    isDomainVerified: false,
    isOwn: true,
    by: "tombstone",
  },
  declined: { ...stranger, hasDeclined: true },
  "declined member, unproven": { ...stranger, hasDeclined: true, isMember: true, isProven: false },
  "linked here": { ...stranger, isMember: true, isLinkedHere: true },
  "linked here and declined": { ...stranger, hasDeclined: true, isLinkedHere: true },
} satisfies Record<string, FoundAccount | undefined>;
type State = keyof typeof states;

type Row = Readonly<Record<AttachPolicy, AttachDecision>>;
const always = (decision: AttachDecision): Row => ({
  attach: decision,
  "verified-or-invite": decision,
  "verified-only": decision,
  invite: decision,
  reject: decision,
});
/** §3, for people who are no members: the columns "verified" and "not verified". */
const byPolicy = {
  verified: {
    attach: link,
    "verified-or-invite": link,
    "verified-only": link,
    invite: pending,
    reject: taken,
  },
  /** The domain of the User's address is verified, that of the account's own is not. */
  elsewhere: {
    attach: link,
    "verified-or-invite": pending,
    "verified-only": pending,
    invite: pending,
    reject: taken,
  },
  unverified: {
    attach: link,
    "verified-or-invite": pending,
    "verified-only": invalid,
    invite: pending,
    reject: taken,
  },
};
/** Under verified-only an unverified domain is refused before anything is known of the account. */
const unlessVerifiedOnly = (decision: AttachDecision): Row => ({
  ...always(decision),
  "verified-only": invalid,
});
const whole: Readonly<Record<State, readonly [verified: Row, unverified: Row]>> = {
  // Row 2.
  none: [always(created(true)), unlessVerifiedOnly(created(false))],
  // Row 4.
  stranger: [byPolicy.verified, byPolicy.unverified],
  "stranger, by login identity": [byPolicy.verified, byPolicy.unverified],
  "stranger, by tombstone": [byPolicy.verified, byPolicy.unverified],
  "of an address elsewhere, by login identity": [byPolicy.elsewhere, byPolicy.unverified],
  "of an address elsewhere, by tombstone": [byPolicy.elsewhere, byPolicy.unverified],
  // Row 3, which no policy refuses.
  member: [always(linkQuietly), always(linkQuietly)],
  "member, of an address elsewhere": [always(linkQuietly), always(linkQuietly)],
  // Row 13.
  own: [always(linkQuietly), unlessVerifiedOnly(linkQuietly)],
  "own, by tombstone": [always(linkQuietly), unlessVerifiedOnly(linkQuietly)],
  "own, of an address elsewhere": [always(linkQuietly), unlessVerifiedOnly(linkQuietly)],
  // "never linked by rows 3–4: the link stays pending under every policy".
  unproven: [always(pending), unlessVerifiedOnly(pending)],
  "unproven member": [always(pending), always(pending)],
  "unproven own": [always(pending), unlessVerifiedOnly(pending)],
  "unproven, by login identity": [byPolicy.verified, byPolicy.unverified],
  "unproven, by tombstone": [always(pending), unlessVerifiedOnly(pending)],
  "unproven member, by tombstone": [always(pending), always(pending)],
  "unproven own, by tombstone": [always(pending), unlessVerifiedOnly(pending)],
  // A login of the tenant shows who it is.
  "unproven member, by login identity": [always(linkQuietly), always(linkQuietly)],
  "unproven own, by login identity": [always(linkQuietly), unlessVerifiedOnly(linkQuietly)],
  declined: [always({ kind: "declined" }), unlessVerifiedOnly({ kind: "declined" })],
  "declined member, unproven": [always({ kind: "declined" }), always({ kind: "declined" })],
  // Row 5.
  "linked here": [
    always({ kind: "none", reason: "taken" }),
    always({ kind: "none", reason: "taken" }),
  ],
  "linked here and declined": [
    always({ kind: "none", reason: "taken" }),
    always({ kind: "none", reason: "taken" }),
  ],
};

const stateNames = Object.keys(states) as State[];
const product = stateNames.flatMap((state) =>
  attachPolicies.flatMap((policy) =>
    [true, false].map((isDomainVerified) => ({ state, policy, isDomainVerified })),
  ),
);

test.each(product)(
  "§3: $policy × domain verified: $isDomainVerified × account: $state",
  ({ state, policy, isDomainVerified }) => {
    const [verified, unverified] = whole[state];
    const expected = (isDomainVerified ? verified : unverified)[policy];
    const found = states[state];
    const onPost = decide({ found, isDomainVerified }, policy);
    expect(onPost).toEqual(expected);

    const onUpdate = decide({ found, isDomainVerified, occasion: "update" }, policy);
    if (onPost.kind === "refuse") {
      expect(onUpdate).toEqual({ kind: "none", reason: "policy", warning: expect.any(String) });
      expect(JSON.stringify(onUpdate)).not.toMatch(/ann|acme|example/);
    } else {
      expect(onUpdate).toEqual(onPost);
    }
  },
);

test.each(product)(
  "row 6 and directory-only come first: $policy, $isDomainVerified, $state",
  ({ state, policy, isDomainVerified }) => {
    const found = states[state];
    for (const occasion of ["post", "update"] as const) {
      const ground = { found, isDomainVerified, occasion };
      expect(decide({ ...ground, active: false }, policy)).toEqual({
        kind: "none",
        reason: "inactive",
      });
      for (const active of [true, false]) {
        const settings = { accounts: false, attachPolicy: policy };
        expect(decide({ ...ground, active, settings })).toEqual({
          kind: "none",
          reason: "directory-only",
        });
      }
    }
  },
);

test("I4: under verified-only the answer is the same for every account that is no member, also when its person has left", () => {
  const answers = stateNames
    .filter((state) => states[state]?.isLinkedHere !== true && states[state]?.isMember !== true)
    .map((state) => JSON.stringify(decide({ found: states[state] }, "verified-only")));
  expect(new Set(answers).size).toBe(1);
  expect(answers[0]).toContain("acme.example");
  expect(answers[0]).not.toContain("ann");
});

test("no e-mail counts as an unverified domain", () => {
  const ground = { email: undefined, isDomainVerified: true };
  const refused = decide(ground, "verified-only");
  expect(refused).toEqual(invalid);
  expect(refused).toEqual(decide({ ...ground, found: states.own }, "verified-only"));
  expect(decide(ground)).toEqual(created(false));
  const byIdentity = states["stranger, by login identity"];
  expect(decide({ ...ground, found: byIdentity }, "verified-or-invite")).toEqual(pending);
});

test.each([
  ["email", /^emails or userName/],
  ["login-identity", /^externalId/],
  ["tombstone", /^externalId or userName/],
] as const)(
  "a uniqueness refusal of one found by %s names the attribute and nobody",
  (by, pattern) => {
    const refused = decide({ found: { ...stranger, by } }, "reject");
    expect(refused).toEqual({
      kind: "refuse",
      scimType: "uniqueness",
      detail: expect.stringMatching(pattern),
    });
    expect(JSON.stringify(refused)).not.toMatch(/ann|acme/);
  },
);
