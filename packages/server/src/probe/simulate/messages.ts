/** Pieces of which the messages of simulated clients are made: bodies, dialects of PATCH, queries. */
import type { Person, PushedGroup } from "./directory.ts";
import type { ChangedValue, Message, PushedMember } from "./scim-client-habits.ts";

/** URIs of schemas and messages. */
export const uri = {
  user: "urn:ietf:params:scim:schemas:core:2.0:User",
  group: "urn:ietf:params:scim:schemas:core:2.0:Group",
  enterprise: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
  patchOp: "urn:ietf:params:scim:api:messages:2.0:PatchOp",
} as const;

/** What makes PATCHes out of members. */
type MemberMessages = (members: readonly PushedMember[]) => readonly Message[];

/** The paths of what a person has, as in PATCH. */
export const path = {
  userName: "userName",
  active: "active",
  givenName: "name.givenName",
  familyName: "name.familyName",
  displayName: "displayName",
  workEmail: 'emails[type eq "work"].value',
  title: "title",
  department: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
} as const;

/** What nearly every client keeps in step. */
export const nameAttributes: readonly string[] = [
  path.userName,
  path.active,
  path.givenName,
  path.familyName,
  path.displayName,
];

/** The value of a person for each path. */
export function valuesOf(person: Person): Readonly<Record<string, unknown>> {
  return {
    [path.userName]: person.userName,
    [path.active]: person.active,
    [path.givenName]: person.givenName,
    [path.familyName]: person.familyName,
    [path.displayName]: displayNameOf(person),
    [path.workEmail]: person.email,
    [path.title]: person.title,
    [path.department]: person.department,
  };
}

/** The name that people read. */
export function displayNameOf({ givenName, familyName }: Person): string {
  return `${givenName} ${familyName}`;
}

/** `name` as most clients send it. */
export function nameOf({ givenName, familyName }: Person): Message {
  return { givenName, familyName };
}

/** The one e-mail. */
export function workEmailOf({ email }: Person): readonly Message[] {
  return [{ value: email, type: "work", primary: true }];
}

/** A PATCH. */
export function patchMessage(operations: readonly unknown[]): Message {
  return { schemas: [uri.patchOp], Operations: operations };
}

/** A query by a filter, blanks as `+`. */
export function plusFilter(attribute: string, value: string, more = ""): string {
  return `?filter=${attribute}+eq+%22${encodeURIComponent(value)}%22${more}`;
}

/** A query by a filter, blanks as `%20`. */
export function spacedFilter(attribute: string, value: string, more = ""): string {
  return `?filter=${encodeURIComponent(`${attribute} eq ${JSON.stringify(value)}`)}${more}`;
}

/** One operation for each attribute, with its path. */
export function oneOperationEach(
  verb: string,
): (changes: readonly ChangedValue[]) => readonly unknown[] {
  return (changes) => changes.map(({ path: where, value }) => ({ op: verb, path: where, value }));
}

/** One PATCH for every so many members, each an element of one array. */
export function addInBatches(size: number, verb = "add", withDisplay = false): MemberMessages {
  return (members) =>
    batches(members, size).map((batch) =>
      patchMessage([
        {
          op: verb,
          path: "members",
          value: batch.map(({ id, userName }) => ({
            value: id,
            ...(withDisplay ? { display: userName } : {}),
          })),
        },
      ]),
    );
}

/** `remove` with the members as value, which RFC 7644 §3.5.2.2 does not know. */
export function removeByValue(size: number, verb = "remove"): MemberMessages {
  return addInBatches(size, verb);
}

/** `remove` with a filter for each member. */
export function removeByFilter(size: number): MemberMessages {
  return (members) =>
    batches(members, size).map((batch) =>
      patchMessage(batch.map(({ id }) => ({ op: "remove", path: `members[value eq "${id}"]` }))),
    );
}

/** A rename without a path, with what goes along with it. */
export function renameWithoutPath(
  more: (group: PushedGroup, id: string) => Message = () => ({}),
): (group: PushedGroup, id: string) => Message {
  return (group, id) =>
    patchMessage([
      { op: "replace", value: { ...more(group, id), displayName: group.displayName } },
    ]);
}

/** Members as PUT and POST carry them. */
export function memberValues(members: readonly PushedMember[]): readonly Message[] {
  return members.map(({ id }) => ({ value: id }));
}

/** Cuts a list into pieces. */
export function batches<Of>(all: readonly Of[], size: number): readonly (readonly Of[])[] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.slice(index * size, (index + 1) * size),
  );
}
