/** Tests of what ends when an e-mail is first verified. */
import { expect, test } from "vitest";
import type { Link, LinkProof, LinkState } from "./account.ts";
import { endingTiesOf, isFirstProof } from "./email-proof.ts";
import type { ConnectionId } from "./tenant.ts";

function link(state: LinkState, proof?: LinkProof): Link {
  return {
    connectionId: "c" as ConnectionId,
    resourceId: `${state} by ${proof ?? "nothing"}`,
    state,
    accountId: undefined,
    active: true,
    role: "admin",
    groupGrants: [],
    ...(proof === undefined ? {} : { proof }),
  };
}

test.each([
  ["of nobody before", false, true, "ann@example.com", true],
  ["once more", true, true, "ann@example.com", false],
  ["taken back", true, false, "ann@example.com", false],
  ["still open", false, false, "ann@example.com", false],
  ["without an address", false, true, undefined, false],
])("an e-mail %s", (_, was, is, email, expected) => {
  expect(isFirstProof({ emailVerified: was }, { emailVerified: is, email })).toBe(expected);
});

const linked = [
  link("linked"),
  ...(["domain", "email", "person"] as const).map((by) => link("linked", by)),
];
const others = (["none", "pending", "declined"] as const).map((state) => link(state));

test("only links that nothing vouched for become pending, as they are otherwise", () => {
  const { pending, edits, endsLogins } = endingTiesOf({
    links: [...others, ...linked],
    isDomainVerified: false,
  });
  const expected = { ...link("linked"), state: "pending" };
  expect(pending).toEqual([expected]);
  expect(edits).toEqual([{ kind: "save-link", link: expected }]);
  expect(endsLogins).toBe(true);
});

test("logins go also where every link stays", () => {
  expect(endingTiesOf({ links: [link("linked", "person")], isDomainVerified: false })).toEqual({
    edits: [],
    pending: [],
    endsLogins: true,
  });
});

test("a tenant that has the domain keeps everything", () => {
  expect(endingTiesOf({ links: [...linked, ...others], isDomainVerified: true })).toEqual({
    edits: [],
    pending: [],
    endsLogins: false,
  });
});
