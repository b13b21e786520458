/** What a store promises about teams that follow groups: they come, are renamed, archived and restored with them (semantics §6). */
import assert from "node:assert/strict";
import type { JsonObject } from "@rollcall/scim";
import type { ChangeMode } from "../domain/mapping-change.ts";
import type { Team, TeamOutcome } from "../domain/team.ts";
import type { TeamId } from "../domain/tenant.ts";
import { accountBehind } from "./account-site.ts";
import { testCircumstances } from "./contract-population.ts";
import type { GrantsSite } from "./grants-site.ts";
import { grants, movesShown, named, tellsOnly, toldOf } from "./grants-site.ts";
import type { StoreContractTest } from "./store-contract-test.ts";

const on = { groupTeams: true };
const add = (...ids: string[]) => ({ steps: [{ op: "add" as const, ids }] });

/** Every promise about them. */
export const groupTeamContract: readonly StoreContractTest[] = [
  grants("no group has a team of its own unless the tenant says so", async (site) => {
    const ann = await site.person("ann");
    await site.makeGroup("Eng", [ann]);
    assert.deepEqual(await teamsOf(site), []);
    assert.equal(await accessOf(site, ann), "tenant user");
  }),
  grants(
    "a team comes with its group, is renamed, archived with it, and comes back with what was given by hand",
    async (site) => {
      await site.set({ ...on, groupTeamName: "Team {group}", groupTeamRole: "editor" });
      const [ann, ben] = [await site.person("ann"), await site.person("ben")];
      await site.told();
      await site.since();
      const eng = await site.makeGroup("Eng", [ann], { externalId: "x-1" });
      assert.deepEqual(await teamsOf(site), ["Team Eng"]);
      assert.equal(await accessOf(site, ann), "Team Eng editor");
      const [team] = await site.store.teams.list(site.tenantId);
      assert(team !== undefined);
      assert.equal(team.group?.groupId, eng);
      const told = await site.told();
      assert.equal(told[0]?.type, "team.created");
      assert.deepEqual(told.map(({ type }) => type).toSorted(), [
        "access.changed",
        "group.created",
        "team.created",
      ]);
      assert.deepEqual(await site.since(), { entries: 1, events: 3, mails: 0 });
      assert.deepEqual(teamEventsIn(told), [
        { id: team.teamId, name: "Team Eng", archived: false, groupId: eng },
      ]);
      const entry = await site.lastEntry();
      assert.equal(entry.action, "group.create");
      assert.deepEqual(entry.relations.find(({ attribute }) => attribute === "teams")?.added, [
        team.teamId,
      ]);
      // A new name of the group is one of the team; nobody's access moves.
      await tellsOnly(site, [], () => site.edit(eng, { name: "Engineering" }));
      assert.deepEqual(await teamsOf(site), ["Team Engineering"]);
      const renamed = (await site.lastEntry()).differences.filter(({ path }) => path === "team");
      const shown = { id: team.teamId, archived: null, groupId: eng };
      assert.deepEqual(renamed, [
        {
          path: "team",
          before: { ...shown, name: "Team Eng" },
          after: { ...shown, name: "Team Engineering" },
        },
      ]);
      const b = await accountBehind(site, ben);
      await site.wish(b, { kind: "grant", teamId: team.teamId, role: "admin" });
      // Ann by the group, Ben by hand: each is told once.
      await tellsOnly(site, [ann, ben], () => site.removeGroup(eng));
      assert.deepEqual(await teamsOf(site), ["Team Engineering archived"]);
      assert.equal(await accessOf(site, ann), "tenant user");
      assert.equal(await accessOf(site, ben), "tenant user");
      // Another group of that name has an externalId of its own: that is no coming back.
      const other = await site.makeGroup("Engineering", [], { externalId: "x-no-2" });
      assert.deepEqual(await teamsOf(site), ["Team Engineering", "Team Engineering archived"]);
      await site.removeGroup(other);
      await tellsOnly(site, [ann, ben], async () => {
        await site.makeGroup("Eng again", [ann], { externalId: "x-1" });
      });
      assert.deepEqual(await teamsOf(site), ["Team Eng again", "Team Engineering archived"]);
      const [back] = await site.store.teams.list(site.tenantId);
      assert.equal(back?.teamId, team.teamId);
      assert.equal(await accessOf(site, ann), "Team Eng again editor");
      assert.equal(await accessOf(site, ben), "Team Eng again admin");
    },
  ),
  grants("without externalIds a group that is created again is known by its name", async (site) => {
    await site.set(on);
    const ann = await site.person("ann");
    const first = await site.makeGroup("Eng", [ann]);
    const [team] = await site.store.teams.list(site.tenantId);
    await site.removeGroup(first);
    await site.makeGroup("ENG", [ann]);
    const teams = await site.store.teams.list(site.tenantId);
    assert.deepEqual(
      teams.map(({ teamId, name }) => [teamId, name]),
      [[team?.teamId, "ENG"]],
    );
    assert.equal(await accessOf(site, ann), "ENG viewer");
  }),
  grants(
    "no team that somebody has made is taken over: one of a group has another name, whatever the case",
    async (site) => {
      const { tenantId, store } = site;
      const ann = await site.person("ann");
      const own = await site.team("eng");
      await site.set(on);
      const eng = await site.makeGroup("Eng", [ann]);
      await site.makeGroup("Eng", [], { of: site.other });
      assert.deepEqual(await teamsOf(site), ["Eng (2)", "Eng (3)", "eng"]);
      assert.equal(await accessOf(site, ann), "Eng (2) viewer");
      assert.equal((await store.teams.byIds(tenantId, [own]))[0]?.group, undefined);
      // A number stays until the group is renamed.
      await store.teams.rename({ tenantId, teamId: own, name: "Mine" }, testCircumstances);
      await site.edit(eng, add());
      assert.deepEqual(await teamsOf(site), ["Eng (2)", "Eng (3)", "Mine"]);
      await site.edit(eng, { name: "Eng!" });
      await site.edit(eng, { name: "Eng" });
      assert.deepEqual(await teamsOf(site), ["Eng", "Eng (3)", "Mine"]);
      // Neither can somebody take the name of one that follows a group.
      const taken = await store.teams.rename(
        { tenantId, teamId: own, name: "ENG" },
        testCircumstances,
      );
      assert.equal(taken.kind, "taken");
    },
  ),
  grants("names that cannot be names of teams come as near as they can", async (site) => {
    await site.set(on);
    const eng = await site.makeGroup(`${"long ".repeat(30)}end`);
    const [team] = await site.store.teams.list(site.tenantId);
    assert.equal([...(team?.name ?? "")].length, 64);
    await site.edit(eng, { name: "a\u200bb" });
    assert.deepEqual(await teamsOf(site), ["ab"]);
    await site.edit(eng, { name: "\u200b" });
    assert.deepEqual(await teamsOf(site), [eng]);
  }),
  grants(
    "a prefix says which groups have one: a group that is renamed into it has, and out of it has none",
    async (site) => {
      await site.set({ ...on, groupTeamPrefix: "App-" });
      const ann = await site.person("ann");
      const group = await site.makeGroup("Others", [ann]);
      assert.deepEqual(await teamsOf(site), []);
      await tellsOnly(site, [ann], () => site.edit(group, { name: "APP-docs" }));
      assert.equal(await accessOf(site, ann), "APP-docs viewer");
      await tellsOnly(site, [ann], () => site.edit(group, { name: "Others" }));
      assert.deepEqual(await teamsOf(site), ["APP-docs archived"]);
      assert.equal(await accessOf(site, ann), "tenant user");
      await tellsOnly(site, [ann], () => site.edit(group, { name: "app-web" }));
      assert.deepEqual(await teamsOf(site), ["app-web"]);
      assert.equal(await accessOf(site, ann), "app-web viewer");
    },
  ),
  grants("who is in a group in a group is in the team of both", async (site) => {
    await site.set(on);
    const ann = await site.person("ann");
    const inner = await site.makeGroup("Inner", [ann]);
    const outer = await site.makeGroup("Outer");
    await tellsOnly(site, [ann], () => site.edit(outer, add(inner)));
    assert.equal(await accessOf(site, ann), "Inner viewer, Outer viewer");
    // Circles do no harm.
    await tellsOnly(site, [], () => site.edit(inner, add(outer)));
    await tellsOnly(site, [ann], () => site.removeGroup(outer));
    assert.equal(await accessOf(site, ann), "Inner viewer");
  }),
  grants(
    "switched on, off and to other settings it holds for the groups that are there, and does what was shown",
    async (site) => {
      const [ann, ben] = [await site.person("ann"), await site.person("ben")];
      const [a, b] = [await accountBehind(site, ann), await accountBehind(site, ben)];
      await site.makeGroup("Eng", [ann]);
      const inner = await site.makeGroup("Sales", [ben]);
      await site.makeGroup("All", [inner], { of: site.population });
      const own = await site.team("sales");
      await site.map(named("Eng"), { team: own, role: "admin" });
      const nobody = await applied(site, { groupTeamPrefix: "x" });
      assert.deepEqual(nobody.moves, []);
      assert.deepEqual(await teamsOf(site), ["sales"]);
      const first = await applied(site, on);
      assert.deepEqual(first.teams, ["created All", "created Eng", "created Sales (2)"]);
      assert.deepEqual(await teamsOf(site), ["All", "Eng", "Sales (2)", "sales"]);
      const ids = new Map(
        (await site.store.teams.list(site.tenantId)).map(({ name, teamId }) => [name, teamId]),
      );
      const idOf = (name: string) => ids.get(name) ?? "";
      assert.deepEqual(
        first.moves,
        [
          `${a} ${idOf("Eng")} -→viewer`,
          `${b} tenant user→-`,
          `${b} ${idOf("All")} -→viewer`,
          `${b} ${idOf("Sales (2)")} -→viewer`,
        ].toSorted(),
      );
      const role = await applied(site, { ...on, groupTeamRole: "admin" });
      assert.deepEqual(role.teams, []);
      assert.deepEqual(
        role.moves,
        [
          `${a} ${idOf("Eng")} viewer→admin`,
          `${b} ${idOf("All")} viewer→admin`,
          `${b} ${idOf("Sales (2)")} viewer→admin`,
        ].toSorted(),
      );
      // The default role of teams is their lowest: another list is another role, and is told once.
      const lower = await applied(site, { ...on, teamRoles: ["admin", "reader"] });
      assert.deepEqual(
        lower.moves,
        [
          `${a} ${idOf("Eng")} admin→reader`,
          `${b} ${idOf("All")} admin→reader`,
          `${b} ${idOf("Sales (2)")} admin→reader`,
        ].toSorted(),
      );
      const names = await applied(site, { ...on, groupTeamName: "T {group}" });
      assert.deepEqual(names.teams, ["renamed T All", "renamed T Eng", "renamed T Sales"]);
      // By hand in a team that goes: told as well, and back with it.
      await site.wish(a, { kind: "grant", teamId: idOf("All") as TeamId, role: "editor" });
      const prefix = await applied(site, { ...on, groupTeamPrefix: "s", defaultRole: "viewer" });
      assert.deepEqual(prefix.teams, ["archived T All", "archived T Eng", "renamed Sales (2)"]);
      assert.deepEqual(
        prefix.moves,
        [
          `${a} ${idOf("All")} editor→-`,
          `${a} ${idOf("Eng")} viewer→-`,
          `${b} ${idOf("All")} viewer→-`,
        ].toSorted(),
      );
      const off = await applied(site, {});
      assert.deepEqual(off.teams, ["archived Sales (2)"]);
      assert.equal(await accessOf(site, ann), "sales admin");
      assert.equal(await accessOf(site, ben), "tenant user");
      const again = await applied(site, on);
      assert.deepEqual(again.teams, ["restored All", "restored Eng", "restored Sales (2)"]);
      assert.equal(await accessOf(site, ann), "All editor, Eng viewer, sales admin");
      assert.equal((await site.lastEntry()).action, "tenant.update");
    },
  ),
  grants("a preview of teams is no good once a group has come or a name is taken", async (site) => {
    await site.makeGroup("Eng");
    const token = async () => {
      const asked = await change(site, on, { kind: "preview" });
      assert(typeof asked !== "string" && asked.kind === "preview");
      return asked.preview.token;
    };
    const refused = async (old: string) => {
      const outcome = await change(site, on, { kind: "apply", token: old });
      assert(typeof outcome !== "string");
      assert.equal(outcome.kind, "moved");
      assert.deepEqual(
        (await teamsOf(site)).filter((name) => name.startsWith("Eng")),
        [],
      );
    };
    const first = await token();
    await site.makeGroup("Sales");
    await refused(first);
    const second = await token();
    await site.team("eng");
    await refused(second);
  }),
  grants(
    "what people decide about a team that follows a group no sync undoes, until they hand it back",
    async (site) => {
      const { tenantId, store } = site;
      await site.set(on);
      const ann = await site.person("ann");
      const eng = await site.makeGroup("Eng", [ann]);
      const [team] = await store.teams.list(tenantId);
      assert(team !== undefined);
      const { teamId } = team;
      const rename = (name: string | undefined) =>
        store.teams.rename({ tenantId, teamId, name }, testCircumstances);
      assert.equal((await rename("Builders")).kind, "done");
      await site.edit(eng, { name: "Engineering" });
      assert.deepEqual(await teamsOf(site), ["Builders"]);
      await tellsOnly(site, [ann], () => site.archive(teamId, true));
      assert.equal(await accessOf(site, ann), "tenant user");
      await site.edit(eng, { name: "Eng" });
      await site.set({ ...on, groupTeamRole: "editor" });
      assert.deepEqual(await teamsOf(site), ["Builders archived"]);
      // Nor does the end of the group and another one.
      await site.removeGroup(eng);
      const again = await site.makeGroup("Eng", [ann]);
      assert.deepEqual(await teamsOf(site), ["Builders archived"]);
      await tellsOnly(site, [ann], () => site.archive(teamId, false));
      assert.equal(await accessOf(site, ann), "Builders editor");
      assert.equal(nameIn(await rename(undefined)), "Eng");
      await site.edit(again, { name: "Engineers" });
      assert.deepEqual(await teamsOf(site), ["Engineers"]);
      assert.equal((await rename(undefined)).kind, "done");
      const manual = await site.team("Manual");
      const none = await store.teams.rename(
        { tenantId, teamId: manual, name: undefined },
        testCircumstances,
      );
      assert.equal(none.kind, "no-group");
    },
  ),
  grants(
    "whoever restores a team whose group is gone has it for their own: no group leads back to it",
    async (site) => {
      const { tenantId, store } = site;
      await site.set(on);
      const ann = await site.person("ann");
      const eng = await site.makeGroup("Eng", [ann]);
      const [team] = await store.teams.list(tenantId);
      assert(team !== undefined);
      await site.wish(await accountBehind(site, ann), {
        kind: "grant",
        teamId: team.teamId,
        role: "admin",
      });
      await site.removeGroup(eng);
      const restored = await site.archive(team.teamId, false);
      assert(restored.kind === "done");
      assert.equal(restored.team.group, undefined);
      assert.equal(await accessOf(site, ann), "Eng admin");
      const again = await site.makeGroup("Eng", [ann]);
      assert.deepEqual(await teamsOf(site), ["Eng", "Eng (2)"]);
      await site.removeGroup(again);
      assert.equal(await accessOf(site, ann), "Eng admin");
      // Off and on again: the team that a group had before has somebody, so that it has another one.
      await site.makeGroup("Web", [ann]);
      const web = (await store.teams.list(tenantId)).find(({ name }) => name === "Web");
      await site.set({});
      await site.archive(web?.teamId ?? team.teamId, false);
      await site.set(on);
      assert.deepEqual(
        (await teamsOf(site)).filter((name) => name.startsWith("Web")),
        ["Web", "Web (2)"],
      );
    },
  ),
  grants("the team of those who get nothing else is none that a client can end", async (site) => {
    await site.set(on);
    await site.makeGroup("Eng");
    const [team] = await site.store.teams.list(site.tenantId);
    const settings = { ...on, defaultTeam: team?.teamId ?? "" };
    assert.equal(await change(site, settings, { kind: "apply", token: undefined }), "moved");
  }),
  grants(
    "a mapping that gives a role in such a team gives it beside the team itself",
    async (site) => {
      await site.set(on);
      const [ann, ben] = [await site.person("ann"), await site.person("ben")];
      const eng = await site.makeGroup("Eng", [ann]);
      await site.makeGroup("Leads", [ann, ben]);
      const team = (await site.store.teams.list(site.tenantId)).find(({ name }) => name === "Eng");
      assert(team !== undefined);
      const mapping = await site.map(named("Leads"), { team: team.teamId, role: "admin" });
      assert.equal(await accessOf(site, ann), "Eng admin, Leads viewer");
      assert.equal(await accessOf(site, ben), "Eng admin, Leads viewer");
      const listed = await site.store.mappings.list(site.tenantId);
      assert.deepEqual(
        listed.map(({ mappingId }) => mappingId),
        [mapping],
      );
      const own = String(team.teamId) as typeof mapping;
      assert.deepEqual(await site.changeMapping({ kind: "remove", mappingId: own }), {
        kind: "gone",
        what: "mapping",
      });
      await tellsOnly(site, [ann, ben], () => site.removeGroup(eng));
      assert.equal(await accessOf(site, ben), "Leads viewer");
      await tellsOnly(site, [ann, ben], () => site.makeGroup("Eng", [ann]));
      assert.equal(await accessOf(site, ben), "Eng admin, Leads viewer");
      await tellsOnly(site, [ann, ben], () => site.unmap(mapping));
      assert.equal(await accessOf(site, ann), "Eng viewer, Leads viewer");
    },
  ),
  grants(
    "with a connection the teams of its groups are archived, and each is told once",
    async (site) => {
      const { store, population } = site;
      await site.set(on);
      const [ann, ben] = [await site.person("ann"), await site.person("ben", { of: site.other })];
      await site.makeGroup("Eng", [ann]);
      await site.makeGroup("Others", [ben], { of: site.other });
      const teams = await store.teams.list(site.tenantId);
      const team = teams.find(({ name }) => name === "Eng");
      assert(team !== undefined);
      const [a, b] = [await accountBehind(site, ann), await accountBehind(site, ben, site.other)];
      for (const accountId of [a, b]) {
        await site.wish(accountId, { kind: "grant", teamId: team.teamId, role: "editor" });
      }
      const remove = (mode: ChangeMode) =>
        store.connections.remove(
          population.scope,
          { resourceTypes: [site.group], mode },
          testCircumstances,
        );
      const asked = await remove({ kind: "preview" });
      assert(asked.kind === "preview");
      await site.told();
      const done = await remove({ kind: "apply", token: asked.preview.token });
      assert(done.kind === "done");
      assert.equal(done.removed.teams, 1);
      assert.equal(done.removed.mappings, 0);
      assert.deepEqual(
        movesShown(done.preview.moves).toSorted(),
        [`${a} ${team.teamId} editor→-`, `${b} ${team.teamId} editor→-`].toSorted(),
      );
      assert.deepEqual(toldOf(await site.told()), [a, b].toSorted());
      assert.deepEqual(await teamsOf(site), ["Eng archived", "Others"]);
      assert.equal(await site.access(ben, site.other), "Others viewer");
    },
  ),
  grants("who must not lose a role keeps it when groups get teams", async (site) => {
    const ann = await site.person("ann");
    const accountId = await accountBehind(site, ann);
    await site.wish(accountId, { kind: "protect", protection: "break-glass" });
    await site.makeGroup("Eng", [ann]);
    const { moves } = await applied(site, on);
    assert.equal(moves.length, 1);
    assert.equal(await accessOf(site, ann), "Eng viewer, tenant user");
  }),
  grants("a team that somebody else has changed since is not changed", async (site) => {
    const { tenantId, store } = site;
    const teamId = await site.team("Blue");
    const [team] = await store.teams.list(tenantId);
    assert(team !== undefined);
    const expected = { name: team.name, archived: team.archived };
    const rename = (name: string) =>
      store.teams.rename({ tenantId, teamId, name, expected }, testCircumstances);
    assert.equal((await rename("Red")).kind, "done");
    await site.since();
    assert.equal((await rename("Green")).kind, "moved");
    const archived = await store.teams.archive(
      { tenantId, teamId, isArchived: true, expected },
      testCircumstances,
    );
    assert.equal(archived.kind, "moved");
    assert.deepEqual(await site.since(), { entries: 0, events: 0, mails: 0 });
  }),
  grants(
    "a team that was archived elsewhere is put in as such, and takes nobody's name",
    async (site) => {
      const { tenantId, store } = site;
      const made = (teamId: string, archived: string | undefined): Team => ({
        tenantId,
        teamId: teamId as TeamId,
        name: "Blue",
        group: undefined,
        created: "2025-01-01T00:00:00.000Z",
        archived,
      });
      const old = made("team-old", "2025-02-01T00:00:00.000Z");
      assert.deepEqual(await store.teams.create(old, testCircumstances), {
        kind: "done",
        team: old,
      });
      assert.equal(
        (await store.teams.create(made("team-new", undefined), testCircumstances)).kind,
        "done",
      );
      assert.equal(
        (await store.teams.create(made("team-more", undefined), testCircumstances)).kind,
        "taken",
      );
      assert.deepEqual(await teamsOf(site), ["Blue", "Blue archived"]);
    },
  ),
];

/** The teams, those of groups among them, by their names. */
async function teamsOf({ store, tenantId }: GrantsSite): Promise<readonly string[]> {
  const teams = await store.teams.list(tenantId);
  const shown = ({ name, archived }: Team) => `${name}${archived === undefined ? "" : " archived"}`;
  return teams.map(shown).toSorted();
}

/** The effective access of whoever is behind a User, in teams by their names. */
async function accessOf(site: GrantsSite, userId: string): Promise<string> {
  return (await site.access(userId)).split(", ").toSorted().join(", ");
}

function teamEventsIn(events: Awaited<ReturnType<GrantsSite["told"]>>): readonly JsonObject[] {
  return events
    .filter(({ type }) => type.startsWith("team."))
    .map(({ data: { id, name, archived, groupId } }) => ({
      id: id ?? null,
      name: name ?? null,
      archived: archived !== null,
      groupId: groupId ?? null,
    }));
}

function nameIn(outcome: TeamOutcome): string | undefined {
  return outcome.kind === "done" ? outcome.team.name : undefined;
}

function change({ store, tenantId }: GrantsSite, settings: JsonObject, mode: ChangeMode) {
  const wish = { settings, expected: undefined, mode };
  return store.tenants.changeSettings(tenantId, wish, testCircumstances);
}

/** Asks first and applies what was shown; gives the moves, which are those of the events, and what becomes of teams. */
async function applied(site: GrantsSite, settings: JsonObject) {
  const rows = await site.rows();
  const preview = await change(site, settings, { kind: "preview" });
  assert(typeof preview !== "string" && preview.kind === "preview");
  assert.equal(await site.rows(), rows, "a preview changes nothing");
  await site.told();
  const { token, moves } = preview.preview;
  const outcome = await change(site, settings, { kind: "apply", token });
  assert(typeof outcome !== "string");
  assert(outcome.kind === "done", outcome.kind);
  assert.deepEqual(outcome.preview, preview.preview);
  assert.deepEqual(outcome.teams, preview.teams);
  const told = await site.told();
  const people = [...new Set(moves.map(({ accountId }) => accountId))].toSorted();
  assert.deepEqual(toldOf(told), people);
  const shown = outcome.teams.map(({ teamId }) => String(teamId)).toSorted();
  assert.deepEqual(
    teamEventsIn(told)
      .map(({ id }) => String(id))
      .toSorted(),
    shown,
  );
  return {
    moves: movesShown(moves).toSorted(),
    teams: outcome.teams.map(({ kind, name }) => `${kind} ${name}`).toSorted(),
  };
}
