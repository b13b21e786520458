/**
 * A directory of people and groups made from a seed: the same seed gives the same directory. Any person and any group
 * can be had by number, so that a directory of a million takes no memory. Names are combined from lists and belong to nobody.
 */
import type { NameList } from "./name-lists.ts";
import { nameLists } from "./name-lists.ts";

/** A JSON object that is sent or stored. */
export type Attributes = Readonly<Record<string, unknown>>;

/** A person: the id, and the attributes without `schemas`. */
export interface GeneratedUser {
  readonly id: string;
  readonly userName: string;
  readonly externalId: string;
  readonly email: string;
  readonly attributes: Attributes;
}

/** A group: its members are numbers of people. */
export interface GeneratedGroup {
  readonly id: string;
  readonly displayName: string;
  readonly externalId: string;
  readonly size: number;
  members(): Iterable<number>;
}

/** A directory. */
export interface Directory {
  readonly seed: number;
  readonly users: number;
  readonly groups: number;
  /** The numbers of the largest group and of one with 100 members. */
  readonly largestGroup: number;
  readonly groupOf100: number;
  /** Any number: those from `users` on are people who are not in the directory yet. */
  userAt(index: number): GeneratedUser;
  userIdAt(index: number): string;
  groupAt(index: number): GeneratedGroup;
  groupIdAt(index: number): string;
}

/** How large it is. */
export interface DirectorySize {
  readonly users: number;
  readonly groups?: number;
  readonly largestGroup?: number;
  /** The size of every group but the largest; drawn between 5 and 400 unless told. */
  readonly groupSize?: number;
}

/** The URI of the enterprise extension. */
export const enterpriseUri = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

const userUri = "urn:ietf:params:scim:schemas:core:2.0:User";
const groupUri = "urn:ietf:params:scim:schemas:core:2.0:Group";
const titles =
  "Analyst Architect Buyer Controller Designer Engineer Nurse Planner Researcher Teacher";
const departments =
  "Accounts Care Design Facilities Legal Logistics Research Sales Support Teaching";
const divisions = "North South East West Overseas";
const drawn = nameLists.flatMap((list) => Array.from({ length: list.weight }, () => list));

/** Makes a directory. */
export function generateDirectory(seed: number, size: DirectorySize): Directory {
  const { users } = size;
  const groups = Math.max(2, size.groups ?? Math.ceil(users / 200));
  const userIdAt = (index: number) => idOf(seed, 1, index);
  const groupIdAt = (index: number) => idOf(seed, 2, index);
  return {
    seed,
    users,
    groups,
    largestGroup: 0,
    groupOf100: 1,
    userIdAt,
    groupIdAt,
    userAt: (index) => userOf(seed, index, userIdAt),
    groupAt: (index) => ({
      id: groupIdAt(index),
      displayName: `${pick(departments.split(" "), chance(seed, 3, index)())} ${index}`,
      externalId: `grp${seed}-${index}`,
      ...membersOf(seed, index, users, size),
    }),
  };
}

/** The body that creates a person. */
export function userBody({ attributes }: GeneratedUser): Attributes {
  return { schemas: [userUri, enterpriseUri], ...attributes };
}

/** The body that creates a group with the members, given by id. */
export function groupBody(
  { displayName, externalId }: GeneratedGroup,
  members: readonly string[],
): Attributes {
  return {
    schemas: [groupUri],
    displayName,
    externalId,
    ...(members.length === 0 ? {} : { members: members.map((value) => ({ value })) }),
  };
}

function userOf(seed: number, index: number, userIdAt: (index: number) => string): GeneratedUser {
  const next = chance(seed, 0, index);
  const list = pick(drawn, next());
  const given = pick(list.given, next());
  const family = pick(list.family, next());
  const name = list.familyFirst
    ? `${family.written}${list.between}${given.written}`
    : `${given.written}${list.between}${family.written}`;
  const account = `${given.latin}.${family.latin}${seed}-${index}`;
  const userName = `${next() < 0.1 ? account.toUpperCase() : account}@example.com`;
  const email = `${account}@example.com`;
  const externalId = `00u${seed}x${index.toString(36).padStart(6, "0")}`;
  const department = pick(departments.split(" "), next());
  return {
    id: userIdAt(index),
    userName,
    externalId,
    email,
    attributes: {
      externalId,
      userName,
      name: { formatted: name, familyName: family.written, givenName: given.written },
      displayName: name,
      title: pick(titles.split(" "), next()),
      preferredLanguage: list.locale,
      locale: list.locale,
      timezone: list.timezone,
      active: next() < 0.97,
      emails: [
        { value: email, type: "work", primary: true },
        { value: `${account}@example.net`, type: "home" },
      ],
      phoneNumbers: phoneNumbersOf(list, next),
      addresses: [{ locality: list.city, country: list.country, type: "work" }],
      [enterpriseUri]: {
        employeeNumber: String(700_000 + index),
        costCenter: String(4000 + Math.floor(next() * 100)),
        organization: "Example",
        division: pick(divisions.split(" "), next()),
        department,
        ...(index === 0 ? {} : { manager: { value: userIdAt(Math.floor(index / 8)) } }),
      },
    },
  };
}

function phoneNumbersOf({ phone }: NameList, next: () => number): readonly Attributes[] {
  const digits = () => String(Math.floor(next() * 100)).padStart(2, "0");
  return [
    { value: `${phone}${digits()}`, type: "work" },
    { value: `${phone}${digits()}`, type: "mobile" },
  ];
}

/** The members are people at equal distances, so that each is there once and they are spread over the directory. */
function membersOf(
  seed: number,
  index: number,
  users: number,
  { largestGroup, groupSize }: DirectorySize,
): Pick<GeneratedGroup, "size" | "members"> {
  const next = chance(seed, 4, index);
  const wanted =
    index === 0
      ? (largestGroup ?? 100_000)
      : index === 1 && groupSize === undefined
        ? 100
        : (groupSize ?? 5 + Math.floor(395 * next() ** 3));
  const size = Math.min(users, wanted);
  const first = Math.floor(next() * users);
  const step = coprimeStep(users, Math.floor(users / Math.max(1, size)));
  return {
    size,
    *members() {
      for (let count = 0; count < size; count += 1) {
        yield (first + count * step) % users;
      }
    },
  };
}

function coprimeStep(users: number, wanted: number): number {
  let step = Math.max(1, wanted);
  while (commonDivisor(users, step) !== 1) {
    step += 1;
  }
  return step;
}

function commonDivisor(left: number, right: number): number {
  return right === 0 ? left : commonDivisor(right, left % right);
}

function pick<Item>(items: readonly Item[], share: number): Item {
  const item = items[Math.floor(share * items.length)];
  if (item === undefined) {
    throw new TypeError("nothing to pick from");
  }
  return item;
}

/** An id as the server makes them, in the order of time (RFC 9562 §5.7), here from seed and number. */
function idOf(seed: number, kind: number, index: number): string {
  const next = chance(seed, 10 + kind, index);
  const time = (firstIdMs + kind * 1e9 + index).toString(16).padStart(12, "0");
  const hex = Array.from({ length: 3 }, () =>
    Math.floor(next() * 2 ** 32)
      .toString(16)
      .padStart(8, "0"),
  ).join("");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex.slice(0, 3)}-a${hex.slice(3, 6)}-${hex.slice(6, 18)}`;
}

const firstIdMs = Date.UTC(2025, 0, 1);

/** A row of numbers from 0 to below 1 for one thing of the directory (mulberry32 from a mixed start). */
function chance(seed: number, kind: number, index: number): () => number {
  let state = mix(mix(mix(seed) ^ kind) ^ index);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    return (mix(state) >>> 0) / 2 ** 32;
  };
}

function mix(number: number): number {
  let mixed = Math.imul(number ^ (number >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
