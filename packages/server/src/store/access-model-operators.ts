/** The operations of the access model that operators do on mappings and settings. */
import assert from "node:assert/strict";
import type { MappingWish } from "../domain/mapping-change.ts";
import type { MappingId } from "../domain/tenant.ts";
import type { ModelAccess, ModelMapping, ModelSettings, ModelState } from "./access-model.ts";
import { allPlaces, copyOf, isLive, modelMoves, retainInModel } from "./access-model.ts";
import type { ModelSite } from "./access-model-site.ts";
import {
  pick,
  placeOf,
  populationIn,
  retaining,
  savedForm,
  settingChoices,
  teamIdOf,
} from "./access-model-site.ts";
import { saveTestSettings, testCircumstances, testTime } from "./contract-population.ts";

const patterns: readonly Pick<ModelMapping, "kind" | "text">[] = [
  { kind: "name", text: "eng-core" },
  { kind: "name", text: "SALES" },
  { kind: "name", text: "Everybody" },
  { kind: "name", text: "Boss" },
  { kind: "prefix", text: "eng" },
  { kind: "prefix", text: "Sales" },
  { kind: "regex", text: "^eng-(core|web)$" },
  { kind: "regex", text: "s" },
  { kind: "id", text: "x-1" },
  { kind: "id", text: "x-2" },
];

const mappingsMax = 12;

/** A mapping that the tenant may have already; where there are many, one goes. */
export async function addModelMapping(site: ModelSite): Promise<string> {
  if (site.state.mappings.size >= mappingsMax) {
    return removeMapping(site);
  }
  const team = site.random(2) === 0 ? undefined : pick(site, allPlaces(site.state));
  const roles = team === undefined ? site.state.settings.roles : site.state.settings.teamRoles;
  const group = pick(site, site.state.groups.keys());
  const pattern =
    site.random(6) === 0 && group !== undefined
      ? { kind: "id" as const, text: group }
      : pick(site, patterns);
  assert(pattern !== undefined);
  site.made += 1;
  const mapping: ModelMapping = {
    ...pattern,
    id: `mapping-${String(site.made).padStart(6, "0")}`,
    connection: site.random(3) === 0 ? pick(site, site.populations.keys()) : undefined,
    team,
    role: (site.random(12) === 0 ? "king" : pick(site, roles)) ?? "",
  };
  const expected = refusalOf(site.state, mapping) ?? "done";
  const kind = await changeMapping(site, wishToAdd(site, mapping), expected, (after) => {
    after.mappings.set(mapping.id, mapping);
  });
  return `map ${JSON.stringify(mapping)}: ${kind}`;
}

/** Why a mapping cannot be. */
function refusalOf(
  state: ModelState,
  mapping: ModelMapping,
): "no-role" | "gone" | "taken" | undefined {
  const { mappings, settings } = state;
  const roles = mapping.team === undefined ? settings.roles : settings.teamRoles;
  if (!roles.includes(mapping.role)) {
    return "no-role";
  }
  const isNew = !mappings.has(mapping.id);
  if (isNew && mapping.team !== undefined && !isLive(state, mapping.team)) {
    return "gone";
  }
  const keyOf = ({ connection, kind, text, team, role }: ModelMapping) =>
    JSON.stringify([connection, kind, text, team, role]);
  const others = [...mappings.values()].filter(({ id }) => id !== mapping.id);
  return others.some((one) => keyOf(one) === keyOf(mapping)) ? "taken" : undefined;
}

function wishToAdd(site: ModelSite, mapping: ModelMapping): MappingWish {
  const { id, connection, kind, text, team, role } = mapping;
  return {
    kind: "add",
    mapping: {
      tenantId: site.tenantId,
      mappingId: id as MappingId,
      connectionId:
        connection === undefined ? undefined : populationIn(site, connection).scope.connectionId,
      pattern: { kind, text },
      teamId: team === undefined ? undefined : teamIdOf(site, team),
      role,
      version: 1,
      created: testTime(0),
    },
  };
}

/** A mapping goes. */
export async function removeMapping(site: ModelSite): Promise<string> {
  const id = pick(site, site.state.mappings.keys());
  if (id === undefined) {
    return "no mapping is there to remove";
  }
  const wish = { kind: "remove", mappingId: id as MappingId } as const;
  await changeMapping(site, wish, "done", (after) => {
    after.mappings.delete(id);
  });
  return `unmap ${id}`;
}

/** A mapping gets another role, or the one that it has. */
export async function changeMappingRole(site: ModelSite): Promise<string> {
  const mapping = pick(site, site.state.mappings.values());
  if (mapping === undefined) {
    return "no mapping is there to change";
  }
  const { settings } = site.state;
  const roles = mapping.team === undefined ? settings.roles : settings.teamRoles;
  const role = pick(site, roles) ?? "";
  const expected = refusalOf(site.state, { ...mapping, role }) ?? "done";
  const wish = { kind: "role", mappingId: mapping.id as MappingId, role } as const;
  const kind = await changeMapping(site, wish, expected, (after) => {
    after.mappings.set(mapping.id, { ...mapping, role });
  });
  return `role of ${mapping.id} is ${role}: ${kind}`;
}

/** Asked first, now and then: what is shown is what the model says, nothing changes, and the token is good for it. */
async function changeMapping(
  site: ModelSite,
  wish: MappingWish,
  expected: string,
  change: (after: ModelState) => void,
): Promise<string> {
  const { store, tenantId } = site;
  let token: string | undefined;
  if (site.random(3) === 0) {
    const asked = await store.mappings.change(
      tenantId,
      wish,
      { kind: "preview" },
      testCircumstances,
    );
    assert.equal(asked.kind, expected === "done" ? "preview" : expected);
    token = asked.kind === "preview" ? asked.preview.token : undefined;
    if (asked.kind === "preview") {
      const after = copyOf(site.state);
      change(after);
      const retained = retainInModel(site.state, after);
      const shown = asked.preview.moves.map(
        ({ email, teamId, from, to }) =>
          `${email} ${teamId === undefined ? "" : placeOf(site, teamId)} ${from ?? ""}>${to ?? ""}`,
      );
      assert.deepEqual(shown.toSorted(), movesOf(site, after).toSorted());
      assert.equal(asked.preview.retained.length, retained.length);
    }
    if (site.random(3) === 0) {
      return "only asked about";
    }
  }
  const act = () =>
    store.mappings.change(tenantId, wish, { kind: "apply", token }, testCircumstances);
  if (expected !== "done") {
    assert.equal((await act()).kind, expected);
    return expected;
  }
  const { result } = await retaining(site, change, act);
  assert.equal(result.kind, "done");
  return result.kind;
}

/** Whose access differs, place by place. */
export function movesOf({ state, emailOf }: ModelSite, after: ModelState): readonly string[] {
  return modelMoves(state, after).flatMap(({ name, from, to }) => {
    const [were, are] = [placesOf(from), placesOf(to)];
    return [...new Set([...were.keys(), ...are.keys()])]
      .filter((place) => were.get(place) !== are.get(place))
      .map((place) => `${emailOf(name)} ${place} ${were.get(place) ?? ""}>${are.get(place) ?? ""}`);
  });
}

function placesOf({ role, teams }: ModelAccess): ReadonlyMap<string, string> {
  return new Map([
    ...(role === undefined ? [] : [["", role] as const]),
    ...teams.map((team) => {
      const [id = "", held = ""] = team.split(" ");
      return [id, held] as const;
    }),
  ]);
}

/** Other roles and defaults. */
export async function changeSettings(site: ModelSite): Promise<string> {
  const live = [...site.state.teams].filter(([, isArchived]) => !isArchived).map(([team]) => team);
  const chosen = pick(site, settingChoices);
  assert(chosen !== undefined);
  const defaultTeam = site.random(2) === 0 ? undefined : pick(site, live);
  const { groupTeams, groupTeamPrefix, groupTeamRole } = site.state.settings;
  const ofGroups = { groupTeams, groupTeamPrefix, groupTeamRole };
  const settings: ModelSettings = { ...chosen, ...ofGroups, defaultTeam };
  const saved = savedForm(site, settings);
  const outcome = await saveTestSettings(site.store, site.tenantId, saved);
  assert.equal(outcome, "saved");
  site.state.settings = settings;
  return `settings ${JSON.stringify(settings)}`;
}
