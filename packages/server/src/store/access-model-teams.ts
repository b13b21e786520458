/** The operations of the access model on teams, those of groups among them: which group has which, and what people decide. */
import assert from "node:assert/strict";
import { fold } from "@rollcall/scim";
import type { TeamId } from "../domain/tenant.ts";
import type { ModelGroup, ModelOwnTeam, ModelSettings, ModelState } from "./access-model.ts";
import {
  allPlaces,
  copyOf,
  hasOwnTeam,
  isFollowing,
  isLive,
  retainInModel,
} from "./access-model.ts";
import { movesOf } from "./access-model-operators.ts";
import type { ModelSite } from "./access-model-site.ts";
import { pick, placeOf, retaining, savedForm, teamIdOf } from "./access-model-site.ts";
import { testCircumstances, testTime } from "./contract-population.ts";

const teamsMax = 4;

/** A new team, or one that is archived or restored. */
export async function changeTeam(site: ModelSite): Promise<string> {
  const { store, tenantId, state } = site;
  if (state.teams.size < teamsMax) {
    return makeTeam(site);
  }
  const place = pick(site, allPlaces(state));
  const teamId = place === undefined ? undefined : teamIdOf(site, place);
  if (place === undefined || teamId === undefined) {
    return "no team is there to change";
  }
  const isArchived = !isLive(state, place);
  const wish = { tenantId, teamId, isArchived: !isArchived };
  if (!isArchived && state.settings.defaultTeam === place) {
    assert.equal((await store.teams.archive(wish, testCircumstances)).kind, "default-team");
    return `${place} is the default team`;
  }
  if (isArchived && !(await isFree(site, await nameOf(site, teamId)))) {
    assert.equal((await store.teams.archive(wish, testCircumstances)).kind, "taken");
    return `the name of ${place} is taken`;
  }
  const { result } = await retaining(
    site,
    (after) => turn(after, place, !isArchived),
    () => store.teams.archive(wish, testCircumstances),
  );
  assert.equal(result.kind, "done");
  await learnTeams(site);
  return `${isArchived ? "restore" : "archive"} ${place}`;
}

/** Called as a group now and then: neither is taken over by the other. */
async function makeTeam(site: ModelSite): Promise<string> {
  const { store, tenantId, state } = site;
  site.made += 1;
  const teamId = `team-${site.made}` as TeamId;
  const name = site.random(2) === 0 ? teamId : (pick(site, ["eng", "Sales", "OPS"]) ?? teamId);
  const team = { tenantId, teamId, name, group: undefined, created: testTime(0) };
  const expected = (await isFree(site, name)) ? "done" : "taken";
  const made = await store.teams.create({ ...team, archived: undefined }, testCircumstances);
  assert.equal(made.kind, expected);
  if (expected === "done") {
    state.teams.set(teamId, false);
  }
  return `make ${teamId} ${name}: ${expected}`;
}

async function nameOf({ store, tenantId }: ModelSite, teamId: TeamId): Promise<string> {
  const [team] = await store.teams.byIds(tenantId, [teamId]);
  return team?.name ?? "";
}

async function isFree({ store, tenantId }: ModelSite, wanted: string): Promise<boolean> {
  const teams = await store.teams.list(tenantId);
  return !teams.some(({ name, archived }) => archived === undefined && fold(name) === fold(wanted));
}

/** By hand: one that follows nothing is somebody's own once it is restored. */
function turn(state: ModelState, place: string, isArchived: boolean): void {
  const own = state.ownTeams.get(place);
  if (own === undefined) {
    state.teams.set(place, isArchived);
  } else if (isArchived || isFollowing(state, place)) {
    own.isHidden = isArchived;
  } else {
    state.ownTeams.delete(place);
    state.teams.set(place, false);
  }
}

/** Gives groups that have a team now the one that they lead back to, or a new one; in the order of their ids. */
export function followInModel(state: ModelState): void {
  const groups = [...state.groups.values()].toSorted((one, other) => (one.id < other.id ? -1 : 1));
  const taken = new Set([...state.ownTeams.values()].map(({ group }) => group));
  for (const group of groups) {
    if (hasOwnTeam(state.settings, group) && !taken.has(group.id)) {
      const back = comingBack(state, group);
      if (back === undefined) {
        state.ownTeams.set(newPlace(state, group), {
          connection: group.connection,
          group: group.id,
          left: undefined,
          isHidden: false,
          teamId: undefined,
          archived: undefined,
        });
      } else {
        back.group = group.id;
        back.left = undefined;
      }
    }
  }
}

function newPlace({ teams, ownTeams }: ModelState, { id }: ModelGroup): string {
  let place = `own:${id}`;
  while (teams.has(place) || ownTeams.has(place)) {
    place += "+";
  }
  return place;
}

/** The team of a group that is gone and was this one: by its externalId, else by its name. */
function comingBack({ ownTeams }: ModelState, group: ModelGroup): ModelOwnTeam | undefined {
  const left = [...ownTeams.values()]
    .filter((own) => own.left !== undefined && own.connection === group.connection)
    .toSorted((one, other) => (orderOf(one) < orderOf(other) ? 1 : -1));
  const { externalId, name } = group;
  return (
    left.find((own) => externalId !== undefined && own.left?.externalId === externalId) ??
    left.find(
      (own) =>
        own.left?.name.toLowerCase() === name.toLowerCase() &&
        (externalId === undefined ||
          own.left.externalId === undefined ||
          own.left.externalId === externalId),
    )
  );
}

function orderOf({ archived, teamId }: ModelOwnTeam): string {
  return `${archived ?? ""} ${teamId ?? ""}`;
}

/** Notes what a group was called that goes, where it has a team. */
export function leaveInModel(state: ModelState, group: ModelGroup): void {
  for (const own of state.ownTeams.values()) {
    if (own.group === group.id) {
      own.left = { name: group.name, externalId: group.externalId };
    }
  }
}

/** Reads the ids that the store has given to teams of groups; the groups tell which they are. */
export async function learnTeams(site: ModelSite): Promise<void> {
  const { store, tenantId, state, populations } = site;
  const teams = await store.teams.list(tenantId);
  const connections = new Map(
    [...populations].map(([name, { scope }]) => [scope.connectionId, name]),
  );
  for (const { teamId, group, archived } of teams) {
    const found = [...state.ownTeams].find(
      ([, own]) =>
        group !== undefined &&
        own.group === group.groupId &&
        own.connection === connections.get(group.connectionId),
    );
    if (found !== undefined) {
      const [place, own] = found;
      assert.ok(own.teamId === undefined || own.teamId === teamId, `${place} is one team`);
      own.teamId = teamId;
      own.archived = archived;
      site.places.set(teamId, place);
      site.known.set(place, teamId);
    }
  }
  const live = teams.filter(({ group, archived }) => group !== undefined && archived === undefined);
  const wanted = [...state.ownTeams.keys()].filter((place) => isLive(state, place));
  assert.deepEqual(live.map(({ teamId }) => placeOf(site, teamId)).toSorted(), wanted.toSorted());
  for (const { name, group } of live) {
    const shown = state.groups.get(group?.groupId ?? "")?.name ?? "";
    assert.ok(name === shown || name.startsWith(`${shown} (`), `${name} is called as ${shown}`);
  }
}

/** Groups get teams, or none any more, or others; asked first now and then. */
export async function changeGroupTeams(site: ModelSite): Promise<string> {
  const { store, tenantId, random, state } = site;
  const settings: ModelSettings = {
    ...state.settings,
    groupTeams: random(3) > 0,
    groupTeamPrefix: pick(site, ["", "", "eng", "Sales"]) ?? "",
    groupTeamRole: pick(site, ["viewer", "admin"]) ?? "viewer",
  };
  const change = (after: ModelState) => {
    after.settings = settings;
    followInModel(after);
  };
  const wish = { settings: savedForm(site, settings), expected: undefined };
  let token: string | undefined;
  if (random(2) === 0) {
    const mode = { kind: "preview" } as const;
    const asked = await store.tenants.changeSettings(
      tenantId,
      { ...wish, mode },
      testCircumstances,
    );
    assert(typeof asked !== "string" && asked.kind === "preview");
    token = asked.preview.token;
    const after = copyOf(state);
    change(after);
    const retained = retainInModel(state, after);
    const shown = asked.preview.moves.map(
      ({ email, from, to }) => `${email} ${from ?? ""}>${to ?? ""}`,
    );
    const moves = movesOf(site, after).map((move) => move.replace(/ .* /, " "));
    assert.deepEqual(shown.toSorted(), moves.toSorted());
    assert.equal(asked.preview.retained.length, retained.length);
  }
  const mode = { kind: "apply", token } as const;
  const { result } = await retaining(site, change, () =>
    store.tenants.changeSettings(tenantId, { ...wish, mode }, testCircumstances),
  );
  assert(typeof result !== "string");
  assert.equal(result.kind, "done");
  await learnTeams(site);
  const { groupTeams, groupTeamPrefix, groupTeamRole } = settings;
  return `teams of groups ${groupTeams} "${groupTeamPrefix}" ${groupTeamRole}${token === undefined ? "" : ", as shown"}`;
}
