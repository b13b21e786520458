/** What a client does in its own way; the life it plays is the same for all. */
import type { Person, PushedGroup } from "./directory.ts";

/** A JSON object that is sent. */
export type Message = Readonly<Record<string, unknown>>;

/** One value of a person that has changed: a path as in PATCH, with the value. */
export interface ChangedValue {
  readonly path: string;
  readonly value: unknown;
}

/** A member as a group push names it. */
export interface PushedMember {
  readonly id: string;
  readonly userName: string;
}

/** How a client finds out what the service provider has already. */
export type LookUp<Of> =
  | {
      /** A query for each; the first that finds something counts. */
      readonly kind: "filter";
      readonly queries: (of: Of) => readonly string[];
    }
  | {
      /** Reads all pages once, and compares this attribute of the resource with that of its own. */
      readonly kind: "list";
      readonly query: string;
      readonly attribute: string;
      readonly own: (of: Of) => string;
    }
  /** Creates, and looks with the query only when it is told 409; undefined where a 409 stays an error. */
  | { readonly kind: "create"; readonly onConflict: ((of: Of) => string) | undefined };

/** How a client changes a person that is there. */
export interface PersonChanges {
  readonly method: "PUT" | "PATCH";
  /** It reads the resource before. */
  readonly readsFirst: boolean;
  /** The PATCH; not called for PUT. */
  readonly patch?: (changes: readonly ChangedValue[]) => readonly unknown[];
  /** Activation by a PATCH of its own, by clients that otherwise PUT. */
  readonly activate?: (active: boolean) => readonly unknown[];
}

/** How a client pushes a group. */
export interface GroupHabits {
  readonly find: LookUp<PushedGroup>;
  /** The body of the POST; `members` for clients that send them at once. */
  readonly body: (group: PushedGroup, members: readonly PushedMember[]) => Message;
  /** Members and name are sent by PUT of everything, or by PATCH of differences. */
  readonly update: "PUT" | "PATCH";
  /** Members are in the body of the POST already. */
  readonly createsWithMembers: boolean;
  /** It reads the group before it sends differences. */
  readonly readsFirst: boolean;
  readonly rename?: (group: PushedGroup, id: string) => Message;
  /** PATCHes that add members. */
  readonly add?: (members: readonly PushedMember[]) => readonly Message[];
  readonly remove?: (members: readonly PushedMember[]) => readonly Message[];
  /** What a new connector does with a group that it finds: adds all members, or replaces all by one PATCH. */
  readonly replaceAll?: (members: readonly PushedMember[]) => Message;
}

/** A client. */
export interface ClientHabits {
  readonly name: string;
  readonly title: string;
  /** The client profile of a Rollcall connection that is made for it. */
  readonly profile: string;
  /** The files of recorded flows it follows. */
  readonly flows: string;
  /** On each request; `content-type` with a body only, unless `alwaysContentType`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly contentType: string;
  readonly alwaysContentType?: boolean;
  /** What a new connection asks first. */
  readonly probes: (random: string) => readonly string[];
  /** Goes behind the path of POST, PUT and DELETE, such as a bare question mark. */
  readonly tail?: string;
  readonly find: LookUp<Person>;
  readonly body: (person: Person) => Message;
  readonly change: PersonChanges;
  /** The paths it keeps in step, as in PATCH. */
  readonly attributes: readonly string[];
  /** What it does with people who leave. */
  readonly onLeave: "delete" | "deactivate" | "deactivate-then-delete";
  /** The PATCH that sets a manager; undefined where it does not know managers. */
  readonly manager?: (id: string) => readonly unknown[];
  readonly groups?: GroupHabits;
  /** What the client does about refusals, by the first pattern that fits `METHOD /path status`. */
  readonly reactions?: readonly (readonly [RegExp, string])[];
}
