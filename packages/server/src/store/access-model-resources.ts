/** The operations of the access model that identity providers do: on Users and groups. */
import assert from "node:assert/strict";
import type { RelationStep } from "@rollcall/scim";
import { usersOf } from "./access-model.ts";
import {
  addUser,
  changeMembers,
  changeUser,
  removeGroup,
  removeUser,
} from "./access-model-changes.ts";
import type { ModelSite } from "./access-model-site.ts";
import {
  committed,
  guarded,
  personNames,
  pick,
  populationIn,
  retaining,
} from "./access-model-site.ts";
import { followInModel, learnTeams, leaveInModel } from "./access-model-teams.ts";

const groupNames = [
  "Eng",
  "Eng-Core",
  "ENG-WEB",
  "Sales",
  "sales eu",
  "Ops",
  "Boss",
  "Everybody",
] as const;
const externalIds = ["x-1", "x-2", "x-3"] as const;
const userRoles = [
  undefined,
  undefined,
  undefined,
  "boss",
  "admin",
  "viewer",
  "unheard of",
] as const;

function attributesOf(site: ModelSite, name: string, active: boolean, role: string | undefined) {
  return {
    userName: site.emailOf(name),
    active,
    ...(role === undefined ? {} : { roles: [{ value: role }] }),
  };
}

/** A new User. */
export async function postModelUser(site: ModelSite): Promise<string> {
  const { state } = site;
  const connection = pick(site, site.populations.keys()) ?? "";
  const absent = personNames.filter(
    (name) => !usersOf(state, name).some((user) => user.connection === connection),
  );
  const name = pick(site, absent);
  if (name === undefined) {
    return "nobody is left to post";
  }
  const active = site.random(5) > 0;
  const role = pick(site, userRoles);
  const { id, outcome } = await populationIn(site, connection).create(
    site.types.user,
    attributesOf(site, name, active, role),
  );
  committed(outcome);
  addUser(state, { id, connection, person: name, active, role });
  return `post ${id} ${name} ${active} ${role}`;
}

/** A User is switched on or off, or gets another role. */
export async function putUser(site: ModelSite): Promise<string> {
  const user = pick(site, site.state.users.values());
  if (user === undefined) {
    return "nobody is there to put";
  }
  const active = site.random(2) === 0 ? user.active : !user.active;
  const role = site.random(2) === 0 ? user.role : pick(site, userRoles);
  const { id, connection, person } = user;
  const of = populationIn(site, connection);
  const how = await guarded(
    site,
    person,
    (after) => changeUser(after, id, { active, role }),
    async () => {
      const before = await of.read(site.types.user, id);
      const after = attributesOf(site, person, active, role);
      committed(await of.update(site.types.user, before, { after }));
    },
  );
  return `put ${id} ${person} ${active} ${role}${how}`;
}

/** A User goes. */
export async function deleteUser(site: ModelSite): Promise<string> {
  const user = pick(site, site.state.users.values());
  if (user === undefined) {
    return "nobody is there to delete";
  }
  const { id, connection, person } = user;
  const of = populationIn(site, connection);
  const how = await guarded(
    site,
    person,
    (after) => removeUser(after, id),
    async () => committed(await of.remove(site.types.user, await of.read(site.types.user, id))),
  );
  return `delete ${id} ${person}${how}`;
}

function freeName(site: ModelSite, connection: string): string | undefined {
  const taken = [...site.state.groups.values()]
    .filter((group) => group.connection === connection)
    .map(({ name }) => name.toLowerCase());
  return pick(
    site,
    groupNames.filter((name) => !taken.includes(name.toLowerCase())),
  );
}

function freeExternalId(site: ModelSite, connection: string): string | undefined {
  const taken = [...site.state.groups.values()]
    .filter((group) => group.connection === connection)
    .map(({ externalId }) => externalId);
  return site.random(2) === 0
    ? undefined
    : pick(
        site,
        externalIds.filter((id) => !taken.includes(id)),
      );
}

/** Some ids of a connection, of Users and of groups, and of nobody. */
function drawMembers(site: ModelSite, connection: string): readonly string[] {
  const { users, groups } = site.state;
  const ids = [...users.values(), ...groups.values()]
    .filter((one) => one.connection === connection)
    .map(({ id }) => id);
  return [...ids, "nobody"].filter(() => site.random(4) === 0);
}

/** A new group with members. */
export async function postGroup(site: ModelSite): Promise<string> {
  const connection = pick(site, site.populations.keys()) ?? "";
  const name = freeName(site, connection);
  if (name === undefined) {
    return "no name is left for a group";
  }
  const externalId = freeExternalId(site, connection);
  const members = drawMembers(site, connection);
  const of = populationIn(site, connection);
  site.made += 1;
  const id = `${connection}-group-${site.made}`;
  await retaining(
    site,
    (after) => {
      const group = { id, connection, name, externalId, members: new Set<string>() };
      after.groups.set(id, group);
      changeMembers(after, group, { op: "add", ids: members });
      followInModel(after);
    },
    async () => {
      const attributes = { displayName: name, ...(externalId && { externalId }) };
      const write = { id, ...(members.length === 0 ? {} : { members }) };
      committed((await of.create(site.types.group, attributes, write)).outcome);
    },
  );
  await learnTeams(site);
  return `post ${id} ${name} ${externalId} with ${members.join()}`;
}

/** A group gets another name, another externalId or other members, or all of it. */
export async function patchGroup(site: ModelSite): Promise<string> {
  const group = pick(site, site.state.groups.values());
  if (group === undefined) {
    return "no group is there to patch";
  }
  const { id, connection } = group;
  const name = site.random(4) === 0 ? (freeName(site, connection) ?? group.name) : group.name;
  const externalId =
    site.random(8) === 0
      ? (freeExternalId(site, connection) ?? group.externalId)
      : group.externalId;
  const op = pick(site, ["add", "add", "remove", "remove", "replace"] as const) ?? "add";
  const steps: readonly (RelationStep & { readonly op: typeof op })[] =
    site.random(5) === 0 ? [] : [{ op, ids: drawMembers(site, connection) }];
  const of = populationIn(site, connection);
  await retaining(
    site,
    (after) => {
      const changed = after.groups.get(id);
      assert(changed !== undefined);
      Object.assign(changed, { name, externalId });
      for (const step of steps) {
        changeMembers(after, changed, step);
      }
      followInModel(after);
    },
    async () => {
      const before = await of.read(site.types.group, id);
      const after = { displayName: name, ...(externalId && { externalId }) };
      committed(await of.update(site.types.group, before, { after, steps }));
    },
  );
  await learnTeams(site);
  const what = steps.map((step) => `${step.op} ${step.ids.join()}`).join();
  return `patch ${id} ${name} ${externalId} ${what}`;
}

/** A group goes. */
export async function deleteGroup(site: ModelSite): Promise<string> {
  const group = pick(site, site.state.groups.values());
  if (group === undefined) {
    return "no group is there to delete";
  }
  const { id, connection } = group;
  const of = populationIn(site, connection);
  await retaining(
    site,
    (after) => {
      leaveInModel(after, group);
      removeGroup(after, id);
    },
    async () => committed(await of.remove(site.types.group, await of.read(site.types.group, id))),
  );
  await learnTeams(site);
  return `delete ${id}`;
}
