/** What a store promises two tenants that call everything by the same names: what one does leaves every row of the other alone. */
import assert from "node:assert/strict";
import { createRandom } from "../domain/random.ts";
import type { AccountSite } from "./account-site.ts";
import { accountBehind } from "./account-site.ts";
import {
  createPopulation,
  populationOf,
  saveTestSettings,
  testCircumstances,
  testConnection,
  testQuery,
} from "./contract-population.ts";
import type { GrantsSite } from "./grants-site.ts";
import { allRows, grants, grantsSite, named } from "./grants-site.ts";
import type { StoreContractTest } from "./store-contract-test.ts";

const seeds: readonly number[] = [11, 12, 13];
const stepsOfSeed = 40;

/** Every promise about tenants side by side. */
export const grantsTenantsContract: readonly StoreContractTest[] = seeds.map((seed) =>
  grants(
    `no tenant touches what another's groups give, whatever it does (seed ${seed})`,
    async (site) => {
      const other = await otherTenant(site);
      for (const one of [site, other]) {
        await settle(one);
      }
      const random = createRandom(seed);
      for (let step = 0; step < stepsOfSeed; step += 1) {
        const [acting, resting] = random(2) === 0 ? [site, other] : [other, site];
        const before = await allRows(site.store, resting.tenantId);
        const what = await act(acting, random);
        const after = await allRows(site.store, resting.tenantId);
        assert.equal(after, before, `${what} of ${acting.tenantId} in step ${step}`);
      }
      assert.equal(await other.differences(), 0);
    },
  ),
);

/** A tenant whose people, groups, teams and connections are called like those of the first. */
async function otherTenant(site: GrantsSite): Promise<GrantsSite> {
  const { store } = site;
  const population = await createPopulation(store, "other");
  const connection = testConnection(population.tenant, "other");
  await store.connections.create(connection, testCircumstances);
  const { tenantId } = population.scope;
  const accountSite: AccountSite = {
    ...site,
    population,
    other: populationOf(store, population.tenant, connection),
    async post(attributes, { of = population } = {}) {
      const { id, outcome } = await of.create(site.user, attributes);
      assert.equal(outcome.kind, "committed");
      return id;
    },
    linkOf: (id, of = population) => store.memberships.linkOf(of.scope, id),
    wish: (accountId, wish) =>
      store.memberships.fulfil(tenantId, accountId, wish, testCircumstances),
  };
  return grantsSite(accountSite, site.group);
}

const people = ["ann", "ben", "cleo"] as const;
const groupNames = ["Sales", "Web", "Web Core"] as const;

/** Everybody, three groups, two teams and a mapping; ids are the same in both tenants where a test may choose them. */
async function settle(site: GrantsSite): Promise<void> {
  const ids: string[] = [];
  for (const name of people) {
    ids.push(await site.person(name));
  }
  for (const [index, name] of groupNames.entries()) {
    await site.makeGroup(name, ids.slice(index));
  }
  const blue = await site.team("Blue");
  await site.team("Red");
  await site.map(named("Sales"), { team: blue, role: "viewer" });
}

type Random = (below: number) => number;

async function act(site: GrantsSite, random: Random): Promise<string> {
  const { store, tenantId } = site;
  const pick = <One>(list: readonly One[]): One | undefined => list[random(list.length)];
  const ids = async (type: GrantsSite["group"]) => {
    const page = await store.resources.query(site.population.scope, {
      ...testQuery(type),
      count: 100,
    });
    return page.resources.map(({ id }) => id);
  };
  const groupId = pick(await ids(site.group)) ?? "";
  const userId = pick(await ids(site.user)) ?? "";
  const team = pick(
    (await store.teams.list(tenantId)).filter(({ archived }) => archived === undefined),
  );
  const mapping = pick(await store.mappings.list(tenantId));
  const actions: Readonly<Record<string, () => Promise<unknown>>> = {
    "adding a member": () => site.edit(groupId, { steps: [{ op: "add", ids: [userId] }] }),
    "emptying a group": () => site.edit(groupId, { steps: [{ op: "replace", ids: [] }] }),
    "nesting groups": async () =>
      site.edit(groupId, { steps: [{ op: "add", ids: await ids(site.group) }] }),
    "a rename": () => site.edit(groupId, { name: `Web ${random(1000)}` }),
    "a new group": () => site.makeGroup(`Web ${1000 + random(100_000)}`, [userId]),
    "the end of a group": () => site.removeGroup(groupId),
    "a mapping": async () => {
      const target = { team: random(2) === 0 ? undefined : team?.teamId, role: "viewer" };
      const { team: teamId } = target;
      await site.changeMapping(
        site.wishFor(
          { kind: "prefix", text: pick(["Web", "S", "web c"]) ?? "" },
          {
            role: target.role,
            ...(teamId === undefined ? {} : { team: teamId }),
          },
        ),
      );
    },
    "the end of a mapping": async () =>
      mapping && site.changeMapping({ kind: "remove", mappingId: mapping.mappingId }),
    "another role": async () =>
      mapping && site.changeMapping({ kind: "role", mappingId: mapping.mappingId, role: "admin" }),
    "an archived team": async () => team && site.archive(team.teamId, true),
    "a grant by hand": async () =>
      site.wish(await accountBehind(site, userId), {
        kind: "grant",
        teamId: team?.teamId,
        role: "admin",
      }),
    reconciling: () => store.mappings.reconcile(tenantId, { isCheck: false }, testCircumstances),
    "another default": () =>
      saveTestSettings(store, tenantId, {
        defaultRole: pick(["viewer", "user", "admin"]) ?? "user",
      }),
    "teams of groups": () =>
      saveTestSettings(store, tenantId, {
        groupTeams: random(3) > 0,
        groupTeamName: pick(["{group}", "T {group}"]) ?? "",
      }),
  };
  // Where all groups have gone there is nothing to change about one.
  const name = groupId === "" ? "a new group" : (pick(Object.keys(actions)) ?? "");
  await actions[name]?.();
  return name;
}
