/** The types of events that an application is told of, and when each of them comes: the one list. */

/** Every type with a sentence about it, in the order of the documentation. */
export const eventTypes = {
  "user.created":
    "A User was provisioned; it has the account behind the User and the access it begins with",
  "user.updated": "Attributes of a User changed, and it stays active or inactive",
  "user.deactivated": "A User became inactive; a sessions.revoke comes with it",
  "user.reactivated": "A User became active again",
  "user.deleted": "A User is gone; if it was active, a sessions.revoke comes with it",
  "group.created": "A Group was provisioned, with its members",
  "group.updated": "Attributes or members of a Group changed",
  "group.deleted": "A Group is gone",
  "access.changed":
    "What a person may do in the tenant changed; it has the complete new state, which takes the place of everything told before",
  "team.created": "There is a team that roles can be given in",
  "team.updated": "A team was renamed, archived, or is live again",
  "sessions.revoke":
    "End the sessions of a person now: a User was deactivated or deleted, or an account lost its access",
  "account.deleted": "An account was erased; keep nothing about the person",
  "connection.created": "There is a connection, over which an identity provider may provision",
  "connection.updated":
    "The name, the profile or the settings of a connection changed, or it was staged or activated",
  "connection.disabled": "A connection is refused from now on; what it has provisioned stays",
  "connection.enabled": "A connection works again",
  "connection.deleted":
    "A connection is gone with all that it has provisioned; of each of its Users and Groups, and of whose access that changes, there is an event of its own",
  "credential.expiring":
    "A bearer token of a connection ends soon; those of the admin API are not told of",
  "webhook.disabled": "A webhook is told nothing any more, and why",
  "webhook.test": "Somebody tries out a webhook; it is sent to that webhook alone",
} as const;

/** A type of the list. */
export type EventType = keyof typeof eventTypes;

/** The type of an event; resource types of the deployer's have three of their own, such as `device.created`. */
export type AnyEventType = EventType | `${string}.${"created" | "updated" | "deleted"}`;

/** Tells whether a text is a type of the list. */
export function isEventType(text: string): text is EventType {
  return Object.hasOwn(eventTypes, text);
}
