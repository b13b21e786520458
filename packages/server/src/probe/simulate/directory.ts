/** The directory of a simulated identity provider: invented people and groups, the same ones for the same seed. */
import { createRandom } from "../../domain/random.ts";

/** A person of the directory. */
export interface Person {
  readonly number: number;
  userName: string;
  givenName: string;
  familyName: string;
  email: string;
  title: string;
  department: string;
  active: boolean;
  /** The number of the manager; undefined for none. */
  manager: number | undefined;
  readonly externalId: string;
  /** Gone from the directory. */
  left: boolean;
}

/** A group of the directory. */
export interface PushedGroup {
  readonly number: number;
  displayName: string;
  readonly externalId: string;
  /** The numbers of its members. */
  members: ReadonlySet<number>;
  left: boolean;
}

/** All of it. */
export interface SimulatedDirectory {
  /** Ends every userName, so that the people of one run are known among others. */
  readonly domain: string;
  readonly people: readonly Person[];
  readonly groups: readonly PushedGroup[];
}

/** How large it is. */
export interface DirectoryWish {
  readonly users: number;
  readonly groups: number;
  readonly seed: number;
}

const givenNames =
  "Ada Bela Cleo Dora Emil Finn Greta Hugo Ida Jon Kira Lars Mona Nils Olga Pia Zoë Łukasz".split(
    " ",
  );
const familyNames =
  "Berg Conti Dahl Evans Fuchs Garcia Haas Ito Jansen Kowalska Lund Müller Novák Okafor".split(" ");
const titles = "Analyst Architect Buyer Designer Engineer Nurse Planner Researcher Teacher".split(
  " ",
);
const departments = "Finance Logistics Marketing Production Research Sales Support".split(" ");
const membersMost = 60;

/** Makes a directory. */
export function createDirectory({ users, groups, seed }: DirectoryWish): SimulatedDirectory {
  const random = createRandom(seed);
  const pick = (words: readonly string[]) => words[random(words.length)] ?? "";
  const domain = `s${seed}.simulated.example`;
  const people = Array.from({ length: users }, (_, number): Person => {
    const name = `person${number}@${domain}`;
    return {
      number,
      userName: name,
      givenName: pick(givenNames),
      familyName: pick(familyNames),
      email: name,
      title: pick(titles),
      department: pick(departments),
      active: true,
      manager: undefined,
      externalId: idFrom(random),
      left: false,
    };
  });
  return {
    domain,
    people,
    groups: Array.from({ length: groups }, (_, number) => ({
      number,
      displayName: `Group ${number} ${domain}`,
      externalId: idFrom(random),
      members: someOf(users, random, Math.min(users, 1 + random(membersMost))),
      left: false,
    })),
  };
}

/** So many different numbers below a limit. */
export function someOf(
  below: number,
  random: (below: number) => number,
  count: number,
): ReadonlySet<number> {
  const chosen = new Set<number>();
  while (chosen.size < Math.min(count, below)) {
    chosen.add(random(below));
  }
  return chosen;
}

/** An id of the shape that directories give. */
function idFrom(random: (below: number) => number): string {
  const digits = Array.from({ length: 32 }, () => random(16).toString(16)).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
