/** What a run of the access model works with: a tenant of a store, the model beside it, and how both are changed together. */
import assert from "node:assert/strict";
import type { CommitOutcome, JsonObject, ResourceTypeRegistry } from "@rollcall/scim";
import { ScimError } from "@rollcall/scim";
import type { Account, AccountId } from "../domain/account.ts";
import { createRandom } from "../domain/random.ts";
import type { TeamId, TenantId } from "../domain/tenant.ts";
import type { ModelSettings, ModelState } from "./access-model.ts";
import { copyOf, endMemberships, isForbidden, retainInModel } from "./access-model.ts";
import type { TestPopulation } from "./contract-population.ts";
import {
  createPopulation,
  populationOf,
  saveTestSettings,
  testCircumstances,
  testConnection,
  testTime,
  testTypes,
} from "./contract-population.ts";
import type { Store } from "./store.ts";

/** What a run works with. */
export interface ModelSite {
  readonly store: Store;
  readonly tenantId: TenantId;
  readonly types: ReturnType<typeof testTypes>;
  readonly populations: ReadonlyMap<string, TestPopulation>;
  readonly random: (below: number) => number;
  /** The address of a person. */
  readonly emailOf: (name: string) => string;
  state: ModelState;
  made: number;
  /** The ids that the store has given to teams of groups, by their places, and the other way round. */
  readonly known: Map<string, string>;
  readonly places: Map<string, string>;
}

/** An operation; tells what it did. */
export type ModelOperation = (site: ModelSite) => Promise<string>;

/** Everybody. */
export const personNames = ["ann", "ben", "cleo", "dora", "eve", "fay", "gil", "hal"] as const;
/** Whose account can log in and whose address nobody has verified: they are invited. */
const unproven: readonly string[] = ["gil", "hal"];
/** What the tenant may be set to, but for the default team. */
export const settingChoices: readonly ModelSettings[] = [
  ["user", ["admin", "editor", "viewer"]],
  ["viewer", ["admin", "editor", "viewer"]],
  ["user", ["admin", "viewer"]],
].map(([defaultRole, teamRoles]) => ({
  roles: ["owner", "admin", "user", "viewer"],
  defaultRole: String(defaultRole),
  teamRoles: [...(teamRoles ?? [])],
  defaultTeam: undefined,
  defaultTeamRole: "viewer",
  groupTeams: false,
  groupTeamPrefix: "",
  groupTeamRole: "viewer",
}));

/** Makes a tenant, and the model of one in which nothing is. */
export async function createModelSite(
  store: Store,
  registry: ResourceTypeRegistry,
  seed: number,
): Promise<ModelSite> {
  const main = await createPopulation(store, `model-${seed}`);
  const connection = testConnection(main.tenant, "other");
  await store.connections.create(connection, testCircumstances);
  const emailOf = (name: string) => `${name}@model-${seed}.example`;
  const settings = settingChoices[0];
  assert(settings !== undefined);
  for (const name of unproven) {
    const account: Account = {
      accountId: `${name}-of-model-${seed}` as AccountId,
      email: emailOf(name),
      emailVerified: false,
      hasLogin: true,
      name: undefined,
      preferredLanguage: undefined,
      ref: undefined,
      madeBy: undefined,
      created: testTime(0),
      revision: 1,
    };
    assert.equal((await store.accounts.create(account, testCircumstances)).kind, "done");
  }
  const site: ModelSite = {
    store,
    tenantId: main.scope.tenantId,
    types: testTypes(registry),
    populations: new Map([
      // By one clock with all that operators do: events of one person come in the order of time.
      ["main", populationOf(store, main.tenant, main.connection, Date.now)],
      ["other", populationOf(store, main.tenant, connection, Date.now)],
    ]),
    random: createRandom(seed),
    emailOf,
    made: 0,
    known: new Map(),
    places: new Map(),
    state: {
      settings,
      staged: new Set(),
      users: new Map(),
      groups: new Map(),
      mappings: new Map(),
      teams: new Map(),
      ownTeams: new Map(),
      people: new Map(
        personNames.map((name) => [
          name,
          {
            exists: unproven.includes(name),
            isProven: !unproven.includes(name),
            manual: new Map(),
            retained: undefined,
            locks: new Set(),
            hasDeclined: false,
            isProtected: false,
            byLogin: false,
            loginGroups: new Set(),
          },
        ]),
      ),
    },
  };
  assert.equal(await saveTestSettings(store, site.tenantId, savedForm(site, settings)), "saved");
  return site;
}

/** The settings as the store takes them. */
export function savedForm(site: ModelSite, settings: ModelSettings): JsonObject {
  const { roles, teamRoles, defaultTeam, groupTeamPrefix, ...others } = settings;
  return {
    ...others,
    roles: [...roles],
    teamRoles: [...teamRoles],
    roleMapping: { boss: "owner" },
    ...(defaultTeam === undefined ? {} : { defaultTeam: teamIdOf(site, defaultTeam) ?? "" }),
    ...(groupTeamPrefix === "" ? {} : { groupTeamPrefix }),
  };
}

/** The id that the store knows a team by; undefined as long as it has not told. */
export function teamIdOf({ state, known }: ModelSite, place: string): TeamId | undefined {
  const id = known.get(place) ?? (state.ownTeams.has(place) ? undefined : place);
  return id as TeamId | undefined;
}

/** The place of a team of the store. */
export function placeOf({ places }: Pick<ModelSite, "places">, teamId: string): string {
  return places.get(teamId) ?? teamId;
}

/** Draws one of some things. */
export function pick<One>({ random }: ModelSite, list: Iterable<One>): One | undefined {
  const all = [...list];
  return all[random(all.length)];
}

/** The population of a connection. */
export function populationIn({ populations }: ModelSite, connection: string): TestPopulation {
  const population = populations.get(connection);
  assert(population !== undefined);
  return population;
}

/** Runs what changes one person, which may be forbidden; the model says whether it is. */
export async function guarded(
  site: ModelSite,
  name: string,
  change: (after: ModelState) => void,
  act: () => Promise<unknown>,
): Promise<string> {
  const before = site.state;
  const after = copyOf(before);
  change(after);
  const isRefused = isForbidden(before, after, name);
  let refused = false;
  try {
    refused = (await act()) === "protected";
  } catch (error) {
    if (!(error instanceof ScimError && error.status === 403)) {
      throw error;
    }
    refused = true;
  }
  assert.equal(refused, isRefused, `${name} is protected`);
  if (!refused) {
    endMemberships(before, after);
    site.state = after;
  }
  return refused ? " (refused)" : "";
}

/** Runs what no sync is refused: who must not lose anything keeps it. */
export async function retaining<Result>(
  site: ModelSite,
  change: (after: ModelState) => void,
  act: () => Promise<Result>,
): Promise<{ readonly before: ModelState; readonly result: Result }> {
  const before = site.state;
  const after = copyOf(before);
  change(after);
  const result = await act();
  retainInModel(before, after);
  endMemberships(before, after);
  site.state = after;
  return { before, result };
}

/** Holds that a change was made. */
export function committed({ kind }: CommitOutcome): void {
  assert.equal(kind, "committed");
}
