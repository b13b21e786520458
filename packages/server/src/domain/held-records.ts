/** What a tenant keeps about a person beside membership, links, grants and locks: for the export of everything that is held. */
import type { JsonObject } from "@rollcall/scim";
import type { Invitation } from "./invitation.ts";
import type { Mail } from "./mail.ts";
import type { ConnectionId } from "./tenant.ts";

/** A User that stood for the person and was deleted. */
export interface DeletedUser {
  readonly connectionId: ConnectionId;
  readonly resourceId: string;
  /** xsd:dateTime in UTC, as all times here. */
  readonly deleted: string;
  /** Undefined once it cannot be restored any more. */
  readonly attributes: JsonObject | undefined;
}

/** What is kept. */
export interface HeldRecords {
  /** Since when the account is a member; undefined where it is none. */
  readonly memberSince: string | undefined;
  /** When the person left or declined; undefined where they did not. */
  readonly declined: string | undefined;
  /** How identity providers call the person at login. */
  readonly loginSubjects: readonly string[];
  /** The groups that the last login brought. */
  readonly loginGroups: readonly string[];
  /** The oldest first. */
  readonly mails: readonly Mail[];
  /** The oldest first. */
  readonly invitations: readonly Invitation[];
  readonly deletedUsers: readonly DeletedUser[];
}
