/** The end of a connection: what goes with it, what its members keep, and what is told of each of its resources. Pure. */
import type { JsonObject, JsonValue, ResourceType } from "@rollcall/scim";
import { memberOf } from "@rollcall/scim";
import type { AccountId } from "./account.ts";
import { keepsMembership } from "./effective-access.ts";
import type { PreviewedOutcome } from "./mapping-change.ts";
import type { AccountInTenant } from "./membership-edit.ts";
import type { OutboxEvent, OutboxEventType } from "./outbox-event.ts";
import { personOf, personType } from "./person.ts";
import type { ConnectionId, TeamId } from "./tenant.ts";

/** How much of what goes with a connection. */
export interface RemovedCounts {
  /** By resource type. */
  readonly resources: Readonly<Record<string, number>>;
  /** Those that nothing else keeps. */
  readonly memberships: number;
  readonly mappings: number;
  /** Those of its groups, which are archived. */
  readonly teams: number;
  readonly credentials: number;
  /** How many people are told by mail that they are no members any more. */
  readonly mails: number;
}

/** What became of removing a connection. */
export type ConnectionRemovalOutcome =
  | (PreviewedOutcome<object> & { readonly removed: RemovedCounts })
  | { readonly kind: "gone" };

/**
 * What a tenant has on an account without a connection: without its Users, and what its sync has locked; with nothing that
 * has effect in teams of its groups, which are archived.
 */
export function withoutConnection(
  account: AccountInTenant,
  connectionId: ConnectionId,
  archived: ReadonlySet<TeamId>,
): AccountInTenant {
  const { links, locks, grants } = account.facts;
  const isOther = (one: { readonly connectionId: ConnectionId | undefined }) =>
    one.connectionId !== connectionId;
  const isArchived = ({ teamId }: { readonly teamId: TeamId | undefined }) =>
    teamId !== undefined && archived.has(teamId);
  const facts = {
    ...account.facts,
    links: links.filter(isOther).map((link) => ({
      ...link,
      groupGrants: link.groupGrants.filter((grant) => !isArchived(grant)),
    })),
    locks: locks.filter(isOther),
    grants: grants.map((grant) => (isArchived(grant) ? { ...grant, isIdle: true } : grant)),
  };
  return { ...account, facts, isMember: account.isMember && keepsMembership(facts) };
}

/** A resource that goes with its connection. */
export interface RemovedResource {
  readonly id: string;
  readonly typeName: string;
  /** Undefined for a type that there is not any more. */
  readonly resourceType: ResourceType | undefined;
  readonly revision: number;
  readonly attributes: JsonObject;
  /** The account that a User is linked to, or invited as. */
  readonly account:
    | {
        readonly accountId: AccountId;
        readonly ref: string | undefined;
        readonly isLinked: boolean;
      }
    | undefined;
}

/**
 * The events of its end. Whoever is linked loses their sessions with their access, if they lose it; of a User without
 * account nobody else can tell that they have to end.
 */
export function removalEventsOf(
  { id, typeName, resourceType, revision, attributes, account }: RemovedResource,
  { at, newId }: { readonly at: string; readonly newId: () => string },
): readonly OutboxEvent[] {
  const namePath = resourceType?.uniqueKeys.find(({ role }) => role === "name")?.path;
  const name = namePath === undefined ? undefined : textOf(memberOf(attributes, namePath));
  const externalId = textOf(memberOf(attributes, "externalId"));
  const who: JsonObject =
    account === undefined ? {} : { accountId: account.accountId, ref: account.ref ?? null };
  const event = (type: OutboxEventType, data: JsonObject): OutboxEvent => ({
    eventId: newId(),
    type,
    at,
    resourceType: typeName,
    resourceId: id,
    revision: revision + 1,
    data: { id, resourceType: typeName, revision: revision + 1, ...data, ...who },
  });
  const isOpen =
    typeName === personType && personOf(attributes).active && account?.isLinked !== true;
  return [
    event(`${typeName.toLowerCase()}.deleted`, {
      ...(name === undefined ? {} : { name }),
      ...(externalId === undefined ? {} : { externalId }),
      leftRelationsOf: [],
    }),
    ...(isOpen ? [event("sessions.revoke", {})] : []),
  ];
}

function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}
