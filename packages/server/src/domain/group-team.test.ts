/** Which groups have a team, what it is called, and what becomes of it. */
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { GroupTeam, GroupTeamChange } from "./group-team.ts";
import {
  checkedTeamNameTemplate,
  groupTeamChangeOf,
  groupTeamIdOf,
  hasTeam,
  leftTeamChangeOf,
  namedApart,
  teamMovesOf,
  teamNamesOfGroup,
} from "./group-team.ts";
import type { Team } from "./team.ts";
import type { ConnectionId, TeamId, TenantId } from "./tenant.ts";

const settings = {
  groupTeams: true,
  groupTeamName: "{group}",
  groupTeamPrefix: "",
  groupTeamRole: "viewer",
};
const connectionId = "connection" as ConnectionId;
const tenantId = "tenant" as TenantId;
const group = { connectionId, groupId: "group-1", name: "Eng" };
const at = "2025-06-15T12:00:00.000Z";

function team(members: Partial<Team>): Team {
  return {
    tenantId,
    teamId: "team-1" as TeamId,
    name: "Eng",
    group: { connectionId, groupId: "group-1" },
    created: at,
    archived: undefined,
    ...members,
  };
}

const following = (members: Partial<Team> = {}): GroupTeam => ({
  team: team(members),
  role: "viewer",
});
const newTeam = () => ({ tenantId, teamId: "team-new" as TeamId, created: at });
const changed = (known: GroupTeam | undefined, name = "Eng", more = {}) =>
  groupTeamChangeOf({ ...group, name }, known, { ...settings, ...more }, newTeam);

test.each([
  ["Eng", "", true],
  ["Eng", "eng", true],
  ["ENGINEERS", "Eng", true],
  ["Sales", "Eng", false],
])("a group called %s has a team where names begin with %j: %s", (name, groupTeamPrefix, is) => {
  expect(hasTeam(name, { groupTeams: true, groupTeamPrefix })).toBe(is);
  expect(hasTeam(name, { groupTeams: false, groupTeamPrefix })).toBe(false);
});

test.each([
  ["Eng", "{group}", "Eng"],
  ["Eng", "Team {group}", "Team Eng"],
  ["Eng", "{group}/{group}", "Eng/Eng"],
  // What stands in the name of a group is no template.
  ["$& {group}", "a {group}", "a $& {group}"],
  ["  Eng ", "{group}", "Eng"],
  ["E\u202eng\n", "{group}", "Eng"],
  ["\u200b", "{group}", "group-1"],
  ["", "Team {group}", "Team group-1"],
])("%j by the template %j is %j", (name, groupTeamName, wanted) => {
  expect(teamNamesOfGroup({ ...group, name }, { groupTeamName })[0]).toBe(wanted);
});

test("names are no longer than names of teams may be, and all different", () => {
  const long = { name: "😀".repeat(200), groupId: "8f14e45f-ceea-467f-9d2c-00a1b2c3d4e5" };
  const names = teamNamesOfGroup(long, settings);
  expect(Math.max(...names.map((name) => [...name].length))).toBe(64);
  expect(new Set(names).size).toBe(names.length);
  expect(names.at(-1)).toContain(long.groupId);
});

test.each(["", "Team", "Team {Group}", `{group}${"x".repeat(33)}`, "{group}\u200b"])(
  "%j is no template",
  (text) => {
    expect(() => checkedTeamNameTemplate(text)).toThrow("{group}");
  },
);

test("a template may have other characters around the name", () => {
  expect(checkedTeamNameTemplate(" Team {group} ")).toBe("Team {group}");
});

test("what is as it should be is no change", () => {
  expect(changed(following())).toBeUndefined();
  expect(changed(following({ name: "Eng (2)" }))).toBeUndefined();
  expect(changed(following({ name: "Mine", namedByHand: true }), "Sales")).toBeUndefined();
  expect(changed(following({ archived: at, archivedByHand: true }))).toBeUndefined();
});

test("a group without team gets one, and one that is renamed another name", () => {
  expect(changed(undefined)?.after).toEqual({
    team: { ...team({}), teamId: "team-new" },
    role: "viewer",
  });
  const renamed = changed(following(), "Sales");
  expect(renamed?.after.team.name).toBe("Sales");
  expect(renamed?.names?.slice(0, 2)).toEqual(["Sales", "Sales (2)"]);
});

test("a team comes back to another group with its name where it fits, and follows that", () => {
  const left = { team: team({ archived: at, name: "Eng (2)" }), role: undefined };
  const back = groupTeamChangeOf({ ...group, groupId: "group-2" }, left, settings, newTeam);
  expect(back?.after.team).toEqual({
    ...team({ name: "Eng (2)" }),
    group: { connectionId, groupId: "group-2" },
  });
});

test("a team that somebody has archived stays so, and gives its members their role all the same", () => {
  const hidden = { team: team({ archived: at, archivedByHand: true }), role: undefined };
  const change = changed(hidden);
  expect(change?.after).toEqual({ team: hidden.team, role: "viewer" });
});

test("another role is a change of the role alone", () => {
  const change = changed(following(), "Eng", { groupTeamRole: "admin" });
  expect(change).toEqual({
    before: following(),
    after: { team: team({}), role: "admin" },
    names: undefined,
  });
});

test("a team that is left is archived once, and keeps the time when it was", () => {
  const left = leftTeamChangeOf(following(), at);
  expect(left?.after).toEqual({ team: team({ archived: at }), role: undefined });
  expect(leftTeamChangeOf({ team: team({ archived: "before" }), role: undefined }, at)).toBe(
    undefined,
  );
  const hidden = { team: team({ archived: "before", archivedByHand: true }), role: "viewer" };
  expect(leftTeamChangeOf(hidden, at)?.after.team.archived).toBe("before");
});

test("teams are named apart from others and from each other, whatever the case", () => {
  const changes = ["Eng", "ENG", "eng", "Sales"].map(
    (name, index): GroupTeamChange => ({
      before: undefined,
      after: { team: team({ name, teamId: `team-${index}` as TeamId }), role: "viewer" },
      names: teamNamesOfGroup({ name, groupId: `g${index}` }, settings),
    }),
  );
  const named = namedApart(changes, new Set(["eng (2)", "sales"]));
  expect(named.map(({ after }) => after.team.name)).toEqual([
    "Eng",
    "ENG (3)",
    "eng (4)",
    "Sales (2)",
  ]);
  expect(teamMovesOf(named).map(({ kind }) => kind)).toEqual(Array(4).fill("created"));
});

test("with every number taken the id of the group tells teams apart", () => {
  const names = teamNamesOfGroup(group, settings);
  const taken = new Set(names.slice(0, -1).map((name) => name.toLowerCase()));
  const change = changed(undefined);
  const [named] = namedApart(change === undefined ? [] : [change], taken);
  expect(named?.after.team.name).toBe("Eng (group-1)");
});

test("the id of a team is a UUID, the same for the same group and for no other", () => {
  const idOf = (groupId: string) =>
    groupTeamIdOf(tenantId, { connectionId, groupId }, (text) =>
      createHash("sha256").update(text).digest("hex"),
    );
  expect(idOf("a")).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  expect(idOf("a")).toBe(idOf("a"));
  expect(new Set(["a", "b", "ab"].map(idOf)).size).toBe(3);
});
