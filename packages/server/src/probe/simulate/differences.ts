/** Reads back what the service provider has in the end, and names where it differs from the directory. */
import { memberAt } from "../target.ts";
import type { Connector } from "./connector.ts";
import type { Person, PushedGroup } from "./directory.ts";
import type { Found } from "./look-up.ts";
import { readAll } from "./look-up.ts";
import { valuesOf } from "./messages.ts";
import { extensionValue, valueAt } from "./value-at.ts";

const pageLength = 200;

/** Compares everything; what other clients have stored is not looked at. */
export async function differencesBetween(connector: Connector): Promise<readonly string[]> {
  const query = `startIndex=1&count=${pageLength}`;
  const { caller, habits, directory } = connector;
  const people = await readAll(caller, "/Users", query);
  const groups = habits.groups === undefined ? [] : await readAll(caller, "/Groups", query);
  if (people === undefined || groups === undefined) {
    return ["what is stored could not be read back"];
  }
  const { domain } = directory;
  const ownPeople = people.filter((one) => String(one["userName"]).endsWith(domain));
  const ownGroups = groups.filter((one) => String(one["displayName"]).endsWith(domain));
  return [
    ...personDifferences(connector, ownPeople),
    ...(await groupDifferences(connector, ownGroups, ownPeople)),
  ];
}

function personDifferences(
  { directory, habits }: Connector,
  found: readonly Found[],
): readonly string[] {
  const byName = namesOf(found, "userName");
  const expected = directory.people.filter(({ left }) => !left);
  const idOf = new Map(found.map((one) => [one["userName"], one["id"]]));
  const names = new Set(expected.map(({ userName }) => userName));
  return [
    ...expected.flatMap((person) => {
      const [one, ...twins] = byName.get(person.userName) ?? [];
      if (one === undefined) {
        return [`${person.userName} is missing`];
      }
      return [
        ...(twins.length === 0 ? [] : [`${person.userName} is there ${1 + twins.length} times`]),
        ...valueDifferences(person, one, habits.attributes),
        ...externalIdDifferences(habits.body(person)["externalId"], one, person.userName),
        ...(habits.manager === undefined
          ? []
          : managerDifferences(person, directory.people, one, idOf)),
      ];
    }),
    ...[...byName.keys()]
      .filter((name) => !names.has(name))
      .map((name) => `${name} is there, and not in the directory`),
  ];
}

function valueDifferences(
  person: Person,
  found: Found,
  attributes: readonly string[],
): readonly string[] {
  const values = valuesOf(person);
  return attributes
    .filter((path) => valueAt(found, path) !== values[path])
    .map(
      (path) =>
        `${person.userName}: ${path} is ${shown(valueAt(found, path))}, not ${shown(values[path])}`,
    );
}

function externalIdDifferences(expected: unknown, found: Found, name: string): readonly string[] {
  const { externalId } = found;
  return expected === undefined || externalId === expected
    ? []
    : [`${name}: externalId is ${shown(externalId)}, not ${shown(expected)}`];
}

function managerDifferences(
  { userName, manager }: Person,
  people: readonly Person[],
  found: Found,
  idOf: ReadonlyMap<unknown, unknown>,
): readonly string[] {
  const boss = manager === undefined ? undefined : people[manager];
  if (boss === undefined || boss.left) {
    // What a server does with the reference to somebody deleted is its own matter.
    return [];
  }
  const value = memberAt(extensionValue(found, "manager"), "value");
  return value === idOf.get(boss.userName)
    ? []
    : [`${userName}: the manager is ${shown(value)}, not ${boss.userName}`];
}

async function groupDifferences(
  connector: Connector,
  found: readonly Found[],
  people: readonly Found[],
): Promise<readonly string[]> {
  const { directory, habits } = connector;
  const byName = namesOf(found, "displayName");
  const expected = directory.groups.filter(({ left }) => !left);
  const names = new Set(expected.map(({ displayName }) => displayName));
  const userNames = new Map(people.map((one) => [one["id"], String(one["userName"])]));
  const differences: string[] = [];
  for (const group of expected) {
    const [one, ...twins] = byName.get(group.displayName) ?? [];
    if (one === undefined) {
      differences.push(`${group.displayName} is missing`);
      continue;
    }
    if (twins.length > 0) {
      differences.push(`${group.displayName} is there ${1 + twins.length} times`);
    }
    const externalId = habits.groups?.body(group, [])["externalId"];
    differences.push(
      ...externalIdDifferences(externalId, one, group.displayName),
      ...memberDifferences(connector, group, await memberNames(connector, one, userNames)),
    );
  }
  for (const name of byName.keys()) {
    if (!names.has(name)) {
      differences.push(`${name} is there, and not in the directory`);
    }
  }
  return differences;
}

/** Lists may leave members out, which a read does not. */
async function memberNames(
  { caller }: Connector,
  group: Found,
  userNames: ReadonlyMap<unknown, string>,
): Promise<ReadonlySet<string>> {
  const listed = group["members"];
  const members = Array.isArray(listed)
    ? listed
    : memberAt(
        (await caller.ask("GET", `/Groups/${group["id"]}`, { accepts: [200], needsBody: true }))
          ?.body,
        "members",
      );
  const values = Array.isArray(members) ? members.map((one) => memberAt(one, "value")) : [];
  return new Set(values.map((value) => userNames.get(value) ?? `somebody with the id ${value}`));
}

function memberDifferences(
  { directory }: Connector,
  { displayName, members }: PushedGroup,
  found: ReadonlySet<string>,
): readonly string[] {
  const expected = new Set(
    [...members].flatMap((number) => {
      const person = directory.people[number];
      return person === undefined || person.left ? [] : [person.userName];
    }),
  );
  return [
    ...[...expected]
      .filter((name) => !found.has(name))
      .map((name) => `${displayName}: ${name} is missing`),
    ...[...found]
      .filter((name) => !expected.has(name))
      .map((name) => `${displayName}: ${name} is a member, and not in the directory's group`),
  ];
}

function namesOf(
  found: readonly Found[],
  attribute: string,
): ReadonlyMap<string, readonly Found[]> {
  const byName = new Map<string, readonly Found[]>();
  for (const one of found) {
    const name = String(one[attribute]);
    byName.set(name, [...(byName.get(name) ?? []), one]);
  }
  return byName;
}

function shown(value: unknown): string {
  return value === undefined ? "absent" : JSON.stringify(value).slice(0, 100);
}
