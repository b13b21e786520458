/** INV-7: what an application knows that has read every event of a tenant from the beginning, one after the other. Pure. */

/** An event of the feed. */
export interface ToldEvent {
  readonly id: string;
  readonly type: string;
  // biome-ignore lint/suspicious/noExplicitAny: the fold reads what is documented and fails where it is not there.
  readonly data: any;
}

/** What is known of a group; undefined members were told by their number alone. */
interface KnownGroup {
  readonly attributes: object;
  readonly members: ReadonlySet<string> | undefined;
}

/** What is known of a person's access. */
interface KnownAccess {
  readonly state: string;
  readonly role: string | null;
}

/** Everything that is known, by ids. */
export interface KnownState {
  readonly users: ReadonlyMap<string, object>;
  readonly groups: ReadonlyMap<string, KnownGroup>;
  /** By the id of the account. */
  readonly access: ReadonlyMap<string, KnownAccess>;
}

/** What is known in the beginning. */
export const nothingKnown: KnownState = { users: new Map(), groups: new Map(), access: new Map() };

/** Folds events, in their order, into what is known. */
export function foldEvents(events: readonly ToldEvent[], state = nothingKnown): KnownState {
  const known = {
    users: new Map(state.users),
    groups: new Map(state.groups),
    access: new Map(state.access),
  };
  for (const { type, data } of events) {
    foldEvent(known, type, data);
  }
  return known;
}

interface Folding {
  readonly users: Map<string, object>;
  readonly groups: Map<string, KnownGroup>;
  readonly access: Map<string, KnownAccess>;
}

function foldEvent(known: Folding, type: string, data: ToldEvent["data"]): void {
  if (data.access !== undefined) {
    known.access.set(data.accountId, { state: data.access.state, role: data.access.role });
  }
  switch (type) {
    case "user.created":
    case "user.updated":
    case "user.deactivated":
    case "user.reactivated":
      known.users.set(data.id, data.resource);
      return;
    case "group.created":
    case "group.updated":
      known.groups.set(data.id, {
        attributes: data.resource,
        members: membersAfter(known.groups.get(data.id)?.members, type, data.members),
      });
      return;
    case "user.deleted":
      known.users.delete(data.id);
      leaveGroups(known, data.id);
      return;
    case "group.deleted":
      known.groups.delete(data.id);
      leaveGroups(known, data.id);
      return;
    case "account.deleted":
      known.access.delete(data.id);
      return;
    default:
  }
}

function membersAfter(
  before: ReadonlySet<string> | undefined,
  type: string,
  change: ToldEvent["data"],
): ReadonlySet<string> | undefined {
  const members = type === "group.created" ? new Set<string>() : before;
  if (change === undefined || members === undefined) {
    return members;
  }
  if (change.added === undefined) {
    return undefined;
  }
  const { added, removed } = change;
  return new Set([...members, ...added].filter((id) => !removed.includes(id)));
}

/** Whoever is gone is no member any more; no event of the group says so. */
function leaveGroups({ groups }: Folding, gone: string): void {
  for (const [id, { attributes, members }] of groups) {
    if (members?.has(gone) === true) {
      groups.set(id, { attributes, members: new Set([...members].filter((one) => one !== gone)) });
    }
  }
}
