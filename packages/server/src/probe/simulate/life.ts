/** The life of a directory at one client: what happens, in which order, to whom. */
import { createRandom } from "../../domain/random.ts";
import type { Person, PushedGroup, SimulatedDirectory } from "./directory.ts";
import { someOf } from "./directory.ts";

/** Something that happens to one person or group; what a phase lists may be done at once. */
export type LifeEvent =
  | { readonly kind: "sync-person"; readonly number: number }
  | { readonly kind: "change-person"; readonly number: number; readonly to: Partial<Person> }
  | { readonly kind: "person-leaves"; readonly number: number }
  | { readonly kind: "sync-group"; readonly number: number }
  | { readonly kind: "change-group"; readonly number: number; readonly to: Partial<PushedGroup> }
  | { readonly kind: "group-leaves"; readonly number: number };

/** What happens between two moments at which everything is done. */
export interface Phase {
  readonly title: string;
  /** The connector is made anew before: it asks what a new one asks, and knows no id. */
  readonly isNewConnector: boolean;
  readonly events: readonly LifeEvent[];
}

/** How much of everything happens: one in so many. */
const oneIn = { change: 10, rename: 20, manager: 10, deactivate: 12, leave: 30, groupLeave: 15 };

/** Plans a life. Directories change when an event is played, not here. */
export function planLife(
  { people, groups, domain }: SimulatedDirectory,
  seed: number,
): readonly Phase[] {
  const random = createRandom(seed + 1);
  const everybody = people.map(({ number }) => number);
  const some = (share: number) => [
    ...someOf(people.length, random, Math.max(1, Math.floor(people.length / share))),
  ];
  const someGroups = groups.filter((_, index) => index % 2 === 0);
  const inactive = some(oneIn.deactivate);
  const back = inactive.filter((_, index) => index % 2 === 0);
  const leavers = some(oneIn.leave).filter((number) => !inactive.includes(number));
  const staying = everybody.filter((number) => !leavers.includes(number));
  const groupsThatLeave = groups.filter(
    (_, index) => index % oneIn.groupLeave === oneIn.groupLeave - 1,
  );
  const groupsThatStay = groups.filter((group) => !groupsThatLeave.includes(group));
  const changed = (number: number, to: Partial<Person>): LifeEvent => ({
    kind: "change-person",
    number,
    to,
  });
  const phase = (title: string, events: readonly LifeEvent[], isNewConnector = false): Phase => ({
    title,
    isNewConnector,
    events,
  });
  const syncGroups = (of: readonly PushedGroup[]) =>
    of.map(({ number }): LifeEvent => ({ kind: "sync-group", number }));
  const syncPeople = (of: readonly number[]) =>
    of.map((number): LifeEvent => ({ kind: "sync-person", number }));
  return [
    phase("first sync of people", syncPeople(everybody), true),
    phase("first sync of groups", syncGroups(groups)),
    phase(
      "profiles change",
      some(oneIn.change).map((number) =>
        changed(number, { title: `Head ${number}`, familyName: "Neumann" }),
      ),
    ),
    phase(
      "people get other names",
      some(oneIn.rename).map((number) => {
        const name = `renamed${number}@${domain}`;
        return changed(number, { userName: name, email: name });
      }),
    ),
    phase(
      "people get managers",
      some(oneIn.manager)
        .filter((number) => number > 0)
        .map((number) => changed(number, { manager: random(number) })),
    ),
    phase(
      "people are deactivated",
      inactive.map((number) => changed(number, { active: false })),
    ),
    phase(
      "groups change members and names",
      someGroups.map(({ number, members }) => ({
        kind: "change-group",
        number,
        to: {
          displayName: `Team ${number} ${domain}`,
          members: new Set([
            ...[...members].filter((_, index) => index % 3 !== 0),
            ...someOf(people.length, random, 3),
          ]),
        },
      })),
    ),
    phase(
      "people are activated again",
      back.map((number) => changed(number, { active: true })),
    ),
    phase(
      "groups are deleted",
      groupsThatLeave.map(({ number }) => ({ kind: "group-leaves", number })),
    ),
    phase("a new connector: people", syncPeople(everybody), true),
    phase("a new connector: groups", syncGroups(groupsThatStay)),
    phase(
      "people leave",
      leavers.map((number) => ({ kind: "person-leaves", number })),
    ),
    phase(
      "a last round of changes",
      staying.slice(0, 5).map((number) => changed(number, { title: "Last" })),
    ),
  ];
}
