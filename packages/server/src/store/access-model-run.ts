/** Runs random operations on a tenant of a store and on the access model beside it, and compares what people may do. */
import assert from "node:assert/strict";
import type { JsonObject, ResourceTypeRegistry } from "@rollcall/scim";
import { isJsonArray, isJsonObject } from "@rollcall/scim";
import type { AccountId } from "../domain/account.ts";
import { effectiveAccessOf } from "../domain/effective-access.ts";
import { parseEmailAddress } from "../domain/email-address.ts";
import type { Member } from "../domain/member.ts";
import type { TenantSettings } from "../domain/tenant-settings.ts";
import type { ModelAccess } from "./access-model.ts";
import { isModelMember, modelAccessOf, personIn } from "./access-model.ts";
import { reconcile, stageConnection, switchConnection } from "./access-model-connections.ts";
import {
  addModelMapping,
  changeMappingRole,
  changeSettings,
  removeMapping,
} from "./access-model-operators.ts";
import {
  deleteGroup,
  deleteUser,
  patchGroup,
  postGroup,
  postModelUser,
  putUser,
} from "./access-model-resources.ts";
import type { ModelOperation, ModelSite } from "./access-model-site.ts";
import { createModelSite, placeOf } from "./access-model-site.ts";
import { changeGroupTeams, changeTeam } from "./access-model-teams.ts";
import { checkWhy } from "./access-model-why.ts";
import { logIn, wishInModel } from "./access-model-wishes.ts";
import { testCircumstances } from "./contract-population.ts";
import type { Store } from "./store.ts";

/** A run. */
export interface ModelRun {
  readonly seed: number;
  readonly operations: number;
  /** After how many operations everything is compared. */
  readonly comparedEvery: number;
}

/** Runs operations and throws where store and model differ; the message has the seed and the operations. */
export async function runModel(
  store: Store,
  registry: ResourceTypeRegistry,
  { seed, operations, comparedEvery }: ModelRun,
): Promise<void> {
  const site = await createModelSite(store, registry, seed);
  const done: string[] = [];
  // Now and then the first Users meet a connection that is staged.
  if (seed % 3 === 0) {
    done.push(await stageConnection(site), await stageConnection(site));
  }
  try {
    for (let at = 1; at <= operations; at += 1) {
      done.push(await operate(site));
      if (at % comparedEvery === 0 || at === operations) {
        await compareAll(site);
      }
    }
    await checkEnd(site);
  } catch (error) {
    const last = done.slice(-25).join("\n  ");
    throw new Error(`seed ${seed}, after ${done.length} operations:\n  ${last}`, { cause: error });
  }
}

/** Each as often as it stands beside the others. */
const operations: readonly (readonly [number, ModelOperation])[] = [
  [10, postModelUser],
  [10, putUser],
  [4, deleteUser],
  [8, postGroup],
  [26, patchGroup],
  [4, deleteGroup],
  [8, addModelMapping],
  [4, removeMapping],
  [4, changeMappingRole],
  [3, changeTeam],
  [12, wishInModel],
  [2, changeSettings],
  [2, changeGroupTeams],
  [5, logIn],
  [1, switchConnection],
  [2, stageConnection],
  [1, reconcile],
];
const weights = operations.reduce((sum, [weight]) => sum + weight, 0);

async function operate(site: ModelSite): Promise<string> {
  let left = site.random(weights);
  for (const [weight, operation] of operations) {
    left -= weight;
    if (left < 0) {
      return operation(site);
    }
  }
  throw new TypeError("one of them is drawn");
}

/** Everybody may do what the model says, is a member where it says so, and has by hand what operators have set (INV-5). */
async function compareAll(site: ModelSite): Promise<void> {
  const { store, tenantId, state, emailOf } = site;
  const emails = [...state.people.keys()].flatMap((name) => parseEmailAddress(emailOf(name)) ?? []);
  const holders = await store.accounts.holdersOfEmails(emails);
  const members = await store.memberships.many(tenantId, [...holders.values()]);
  const settings = await store.memberships.settings(tenantId);
  assert(settings !== undefined);
  const byEmail = new Map(members.map((member) => [member.account.email, member]));
  for (const name of state.people.keys()) {
    const member = byEmail.get(emailOf(name));
    assert.deepEqual(storedOf(member, settings, site), modelOf(site, name), name);
  }
}

function storedOf(member: Member | undefined, settings: TenantSettings, site: ModelSite) {
  const facts = member?.isMember === true ? member.facts : undefined;
  const { state, role, teams } = effectiveAccessOf(facts, settings);
  const access: ModelAccess = {
    state,
    role,
    teams: teams.map(({ teamId, role: held }) => `${placeOf(site, teamId)} ${held}`).toSorted(),
  };
  const { grants = [], locks = [] } = member?.facts ?? {};
  return {
    access,
    isMember: member?.isMember ?? false,
    manual: grants
      .filter(({ source }) => source === "manual")
      .map((grant) => `${placeOf(site, grant.teamId ?? "")} ${grant.role}`)
      .toSorted(),
    locks: locks
      .filter(({ source }) => source !== "scim")
      .map(({ source }) => source)
      .toSorted(),
    hasDeclined: member?.hasDeclined ?? false,
  };
}

function modelOf({ state }: ModelSite, name: string): ReturnType<typeof storedOf> {
  const { manual, locks, hasDeclined } = personIn(state, name);
  return {
    access: modelAccessOf(state, name),
    isMember: isModelMember(state, name),
    manual: [...manual].map(([place, role]) => `${place} ${role}`).toSorted(),
    locks: (["admin", "security"] as const).filter((source) => locks.has(source)),
    hasDeclined,
  };
}

/** Nothing is there to be mended, and the events tell what is (INV-7). */
async function checkEnd(site: ModelSite): Promise<void> {
  const { store, tenantId, state, emailOf } = site;
  const found = await store.mappings.reconcile(tenantId, { isCheck: true }, testCircumstances);
  assert.deepEqual(found, { differences: 0, moves: [] });
  const told = await foldAccess(site);
  const accounts = await store.accounts.byIds([...told.keys()]);
  const emails = new Map(accounts.map(({ accountId, email }) => [email, accountId]));
  for (const name of state.people.keys()) {
    const accountId = emails.get(emailOf(name));
    const known = accountId === undefined ? undefined : told.get(accountId);
    const nothing = { state: "none", role: undefined, teams: [] };
    assert.deepEqual(known ?? nothing, modelAccessOf(state, name), `what was told of ${name}`);
  }
  await checkWhy(site);
}

const eventsAtOnce = 1000;

async function foldAccess(site: ModelSite): Promise<Map<AccountId, unknown>> {
  const { store, tenantId } = site;
  const told = new Map<AccountId, unknown>();
  for (let after = 0; ; ) {
    const events = await store.outbox.list(tenantId, { after, limit: eventsAtOnce });
    for (const { data } of events) {
      if (isJsonObject(data["access"])) {
        told.set(String(data["accountId"]) as AccountId, accessTold(data["access"], site));
      }
    }
    const last = events.at(-1);
    if (last === undefined) {
      return told;
    }
    after = last.position;
  }
}

function accessTold({ state, role, teams }: JsonObject, site: ModelSite): unknown {
  return {
    state,
    role: role ?? undefined,
    teams: (isJsonArray(teams) ? teams : [])
      .map((team) =>
        isJsonObject(team) ? `${placeOf(site, String(team["teamId"]))} ${team["role"]}` : "",
      )
      .toSorted(),
  };
}
