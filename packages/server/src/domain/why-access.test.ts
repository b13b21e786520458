/** Why somebody has a role, or what is missing: each obstacle is named, and only where it is one. */
import { expect, test } from "vitest";
import type { AccountId, Grant, Link, Lock } from "./account.ts";
import type { Member } from "./member.ts";
import type { Team } from "./team.ts";
import type { ConnectionId, MappingId, TeamId, TenantId } from "./tenant.ts";
import { defaultInstancePolicy, tenantSettingsOf } from "./tenant-settings.ts";
import { whyAccess } from "./why-access.ts";

const settings = tenantSettingsOf({}, defaultInstancePolicy);
const tenantId = "tenant" as TenantId;

function linkOf(name: string, members: Partial<Link> = {}): Link {
  return {
    connectionId: name as ConnectionId,
    resourceId: `user of ${name}`,
    state: "linked",
    accountId: "ann" as AccountId,
    active: true,
    role: undefined,
    groupGrants: [],
    ...members,
  };
}

function memberWith(facts: {
  readonly links: readonly Link[];
  readonly grants?: readonly Grant[];
  readonly locks?: readonly Lock[];
}): Member {
  const accountId = "ann" as AccountId;
  return {
    account: {
      accountId,
      email: "ann@acme.example",
      emailVerified: true,
      hasLogin: true,
      name: undefined,
      preferredLanguage: undefined,
      ref: undefined,
      madeBy: undefined,
      created: "",
      revision: 1,
    },
    facts: { accountId, protection: undefined, grants: [], locks: [], ...facts },
    isMember: true,
    hasDeclined: false,
  };
}

function why(member: Member, team?: Team) {
  return whyAccess({
    member,
    settings,
    team,
    mappings: [],
    steps: [],
    connectionNames: new Map(),
  });
}

const team: Team = {
  tenantId,
  teamId: "team" as TeamId,
  name: "Eng",
  group: { connectionId: "okta" as ConnectionId, groupId: "group" },
  created: "",
  archived: undefined,
};
const inTeam = {
  groupId: "group",
  mappingId: "team" as MappingId,
  teamId: team.teamId,
  role: "viewer",
  at: "",
  requestId: undefined,
};

test.each(["pending", "declined"] as const)(
  "beside a link that something comes through, one that is %s is named where it gives in vain",
  (state) => {
    const other = linkOf("entra", { state, role: "owner" });
    const active = linkOf("okta", { groupGrants: [inTeam] });
    const { effective, missing } = why(memberWith({ links: [active, other] }));
    expect([effective, missing.map(({ fact, id }) => [fact, id])]).toEqual([
      false,
      [["link", "entra"]],
    ]);
    expect(missing[0]?.text).toContain(state);
    // It keeps nothing from having effect that does not come through it.
    expect(why(memberWith({ links: [active, other] }), team).missing).toEqual([]);
  },
);

test("a link that is inactive is named", () => {
  const { missing } = why(memberWith({ links: [linkOf("okta", { active: false })] }));
  expect(missing.map(({ fact }) => fact)).toEqual(["link"]);
  expect(missing[0]?.text).toContain("inactive");
});

test("a team that follows a group says so, and whoever is not in it learns which group that is", () => {
  const { because } = why(memberWith({ links: [linkOf("okta", { groupGrants: [inTeam] })] }), team);
  expect(because.map(({ fact }) => fact)).toEqual(["grant", "team", "link"]);
  const { missing } = why(memberWith({ links: [linkOf("okta")] }), team);
  expect(missing.map(({ fact, id }) => [fact, id])).toContainEqual(["group", "group"]);
  // The group of another connection with the same id is another group.
  const elsewhere = memberWith({ links: [linkOf("entra", { groupGrants: [inTeam] })] });
  expect(why(elsewhere, team).because.map(({ fact }) => fact)).toEqual(["grant", "link"]);
});

test.each([
  [{ archived: "2025" }, "its group is gone or has no team any more"],
  [{ archived: "2025", archivedByHand: true }, "the team Eng is archived: nobody has a role in it"],
  [{ archived: "2025", group: undefined }, "the team Eng is archived: nobody has a role in it"],
])("an archived team %j says why it is", (members, text) => {
  const { missing } = why(memberWith({ links: [linkOf("okta")] }), { ...team, ...members });
  expect(missing[0]?.text).toContain(text);
});
