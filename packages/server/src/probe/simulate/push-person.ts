/** How a simulated client brings a person over: finds or creates, changes, and lets go. */
import { memberAt } from "../target.ts";
import type { Connector } from "./connector.ts";
import type { Person } from "./directory.ts";
import type { Found } from "./look-up.ts";
import { findBy, lookUp } from "./look-up.ts";
import { patchMessage, path as paths, valuesOf } from "./messages.ts";
import type { ChangedValue } from "./scim-client-habits.ts";
import { valueAt } from "./value-at.ts";

/** Makes the service provider have a person as the directory has them. */
export async function syncPerson(connector: Connector, person: Person): Promise<void> {
  const { caller, habits, userIds, listedUsers } = connector;
  const found = await lookUp(caller, "/Users", habits.find, person, listedUsers);
  if (found === undefined) {
    return;
  }
  if (found !== null) {
    await takeOver(connector, person, found);
    return;
  }
  const answer = await caller.ask("POST", `/Users${habits.tail ?? ""}`, {
    body: habits.body(person),
    accepts: conflictQuery(connector, person) === undefined ? [200, 201] : [200, 201, 409],
    needsBody: true,
  });
  if (answer?.status === 409) {
    await adopt(connector, person);
  } else if (answer !== undefined) {
    userIds.set(person.number, String(memberAt(answer.body, "id")));
  }
}

function conflictQuery({ habits }: Connector, person: Person): string | undefined {
  return habits.find.kind === "create" ? habits.find.onConflict?.(person) : undefined;
}

/** A 409 says that somebody of that name is there. */
async function adopt(connector: Connector, person: Person): Promise<void> {
  const query = conflictQuery(connector, person) ?? "";
  const found = await findBy(connector.caller, "/Users", query);
  if (found !== null && found !== undefined) {
    await takeOver(connector, person, found);
  }
}

/** Links somebody who was found, and corrects what differs. */
async function takeOver(connector: Connector, person: Person, found: Found): Promise<void> {
  const { habits, userIds } = connector;
  userIds.set(person.number, String(found["id"]));
  const resource = habits.change.readsFirst ? await read(connector, person) : found;
  if (resource === undefined) {
    return;
  }
  const values = valuesOf(person);
  const differing = habits.attributes
    .map((path) => ({ path, value: values[path] }))
    .filter(({ path, value }) => valueAt(resource, path) !== value);
  if (habits.change.method === "PUT" || differing.length > 0) {
    await sendChanges(connector, person, differing);
  }
}

async function read({ caller, userIds }: Connector, { number }: Person): Promise<unknown> {
  const id = userIds.get(number);
  const wish = { accepts: [200], needsBody: true };
  return (await caller.ask("GET", `/Users/${id}`, wish))?.body;
}

/** Changes a person in the directory, and tells the service provider. */
export async function changePerson(
  connector: Connector,
  person: Person,
  to: Partial<Person>,
): Promise<void> {
  const before = valuesOf(person);
  Object.assign(person, to);
  const { habits, userIds } = connector;
  if (userIds.get(person.number) === undefined) {
    // It was never brought over; the failure is noted already.
    return;
  }
  if (to.manager !== undefined) {
    await sendManager(connector, person, to.manager);
    return;
  }
  const after = valuesOf(person);
  const changes = habits.attributes
    .filter((path) => before[path] !== after[path])
    .map((path) => ({ path, value: after[path] }));
  if (changes.length === 0) {
    return;
  }
  if (to.active === true && habits.find.kind === "filter") {
    // Somebody who comes back is looked for anew.
    await lookUp(connector.caller, "/Users", habits.find, person, new Map());
  }
  const isActivation = changes.every(({ path }) => path === paths.active);
  if (habits.change.readsFirst && !isActivation) {
    await read(connector, person);
  }
  await sendChanges(connector, person, changes);
}

async function sendManager(
  { caller, habits, userIds }: Connector,
  { number }: Person,
  manager: number,
): Promise<void> {
  const id = userIds.get(manager);
  if (habits.manager !== undefined && id !== undefined) {
    await caller.ask("PATCH", `/Users/${userIds.get(number)}`, {
      body: patchMessage(habits.manager(id)),
      accepts: [200, 204],
    });
  }
}

async function sendChanges(
  { caller, habits, userIds }: Connector,
  person: Person,
  changes: readonly ChangedValue[],
): Promise<void> {
  const { method, patch, activate } = habits.change;
  const id = userIds.get(person.number);
  const [first, ...others] = changes;
  if (activate !== undefined && first?.path === paths.active && others.length === 0) {
    const body = patchMessage(activate(person.active));
    await caller.ask("PATCH", `/Users/${id}`, { body, accepts: [200, 204] });
  } else if (method === "PATCH" && patch !== undefined) {
    await caller.ask("PATCH", `/Users/${id}`, {
      body: patchMessage(patch(changes)),
      accepts: [200, 204],
    });
  } else {
    await caller.ask("PUT", `/Users/${id}${habits.tail ?? ""}`, {
      body: { ...habits.body(person), id },
      accepts: [200],
      needsBody: true,
    });
  }
}

/** A person leaves the directory. */
export async function letGo(connector: Connector, person: Person): Promise<void> {
  const { caller, habits, userIds } = connector;
  const isDeactivated = habits.onLeave !== "delete";
  if (isDeactivated && person.active) {
    await changePerson(connector, person, { active: false });
  }
  const id = userIds.get(person.number);
  person.left = habits.onLeave !== "deactivate";
  if (person.left && id !== undefined) {
    await caller.ask("DELETE", `/Users/${id}${habits.tail ?? ""}`, { accepts: [204, 404] });
    userIds.delete(person.number);
  }
}
