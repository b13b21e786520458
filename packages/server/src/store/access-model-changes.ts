/** What each operation does to the facts of the access model: the rules of semantics §2, §4 and §5, written down once more. */
import type { ModelGroup, ModelState, ModelUser } from "./access-model.ts";
import { isModelMember, personIn, usersOf } from "./access-model.ts";

/** A User that comes. */
export function addUser(state: ModelState, user: Omit<ModelUser, "link">): void {
  const made: ModelUser = { ...user, link: "none" };
  state.users.set(made.id, made);
  attach(state, made);
}

/** A User that changes. */
export function changeUser(
  state: ModelState,
  id: string,
  { active, role }: Pick<ModelUser, "active" | "role">,
): void {
  const user = userIn(state, id);
  const isToBeTried = user.active !== active;
  const isSame = !isToBeTried && user.role === role;
  user.active = active;
  user.role = role;
  if (isSame) {
    return;
  }
  if (user.link === "none" && isToBeTried) {
    attach(state, user);
  } else if (user.link === "linked") {
    lockByConnection(state, user);
  } else if (user.link === "declined" && isToBeTried && active) {
    personIn(state, user.person).locks.delete(user.connection);
  }
}

/** A User that goes, out of its groups too. */
export function removeUser(state: ModelState, id: string): void {
  const user = userIn(state, id);
  state.users.delete(id);
  leaveGroups(state, id);
  const { locks } = personIn(state, user.person);
  if (user.link === "none") {
    return;
  }
  if (!isModelMember(state, user.person)) {
    locks.delete(user.connection);
  } else if (user.link === "linked") {
    locks.add(user.connection);
  }
}

/** A group that goes. */
export function removeGroup(state: ModelState, id: string): void {
  state.groups.delete(id);
  leaveGroups(state, id);
}

/** Steps on the members of a group: ids that nobody of the connection has are left out, and so is its own. */
export function changeMembers(
  state: ModelState,
  group: ModelGroup,
  step: { readonly op: "add" | "remove" | "replace"; readonly ids: readonly string[] },
): void {
  const { users, groups } = state;
  const known = step.ids.filter(
    (id) => id !== group.id && (users.get(id) ?? groups.get(id))?.connection === group.connection,
  );
  if (step.op === "replace") {
    group.members.clear();
  }
  for (const id of step.op === "remove" ? step.ids : known) {
    if (step.op === "remove") {
      group.members.delete(id);
    } else {
      group.members.add(id);
    }
  }
}

/** A connection is activated: whoever is active in it is attached. */
export function activate(state: ModelState, connection: string): void {
  state.staged.delete(connection);
  for (const user of state.users.values()) {
    if (user.connection === connection && user.link === "none") {
      attach(state, user);
    }
  }
}

/** The person agrees to the link of a User. */
export function acceptLink(state: ModelState, id: string): void {
  const user = userIn(state, id);
  user.link = "linked";
  personIn(state, user.person).hasDeclined = false;
  lockByConnection(state, user);
}

/** The person does not agree to it: whom the connection calls inactive stays locked by it. */
export function declineLink(state: ModelState, id: string): void {
  const user = userIn(state, id);
  const person = personIn(state, user.person);
  user.link = "declined";
  person.hasDeclined = true;
  if (user.active) {
    person.locks.delete(user.connection);
  }
}

/** The person goes. */
export function leaveTenant(state: ModelState, name: string): void {
  const person = personIn(state, name);
  for (const user of usersOf(state, name)) {
    if (user.link !== "none") {
      user.link = "declined";
    }
  }
  for (const lock of [...person.locks]) {
    if (lock !== "admin" && lock !== "security") {
      person.locks.delete(lock);
    }
  }
  person.manual.clear();
  person.retained = undefined;
  person.byLogin = false;
  person.loginGroups = new Set();
  person.hasDeclined = true;
}

function attach(state: ModelState, user: ModelUser): void {
  const person = personIn(state, user.person);
  if (!user.active || state.staged.has(user.connection)) {
    return;
  }
  user.link = person.hasDeclined ? "declined" : person.isProven ? "linked" : "pending";
  person.exists = true;
  if (user.link === "linked") {
    person.locks.delete(user.connection);
  }
}

function lockByConnection(state: ModelState, { person, active, connection }: ModelUser): void {
  const { locks } = personIn(state, person);
  if (active) {
    locks.delete(connection);
  } else {
    locks.add(connection);
  }
}

function leaveGroups({ groups }: ModelState, id: string): void {
  for (const { members } of groups.values()) {
    members.delete(id);
  }
}

function userIn({ users }: ModelState, id: string): ModelUser {
  const user = users.get(id);
  if (user === undefined) {
    throw new TypeError(`there is no User ${id}`);
  }
  return user;
}
