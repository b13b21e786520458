/**
 * What one applied change causes: its audit entry and its outbox events. Pure; the store writes
 * them in the transaction of the change.
 */
import type {
  Attribute,
  JsonObject,
  JsonValue,
  ResourceChange,
  ResourceType,
} from "@rollcall/scim";
import { attributeNamed, isJsonObject, memberOf, sameJson } from "@rollcall/scim";
import { accessJson, sameAccess } from "./access-difference.ts";
import type { AccountId } from "./account.ts";
import type {
  AttributeDifference,
  AuditEntry,
  Circumstances,
  RelationDifference,
} from "./audit-entry.ts";
import type { EffectiveAccess } from "./effective-access.ts";
import type { OutboxEvent, OutboxEventType } from "./outbox-event.ts";

/** What the store did with a change that had an effect. */
export interface AppliedChange {
  readonly revision: number;
  /** xsd:dateTime in UTC; the time of the change. */
  readonly lastModified: string;
  readonly relations: readonly RelationDifference[];
  /** For a deleted resource: ids of the resources whose relations it was part of, the first 1,000. */
  readonly leftRelationsOf: readonly string[];
}

/** What a change does to the access of a person. */
export interface AccessConsequence {
  readonly accountId: AccountId;
  /** The application's own id of the person. */
  readonly ref: string | undefined;
  /** Whether the account was made for it. */
  readonly isNew: boolean;
  readonly before: EffectiveAccess;
  readonly after: EffectiveAccess;
  readonly differences: readonly AttributeDifference[];
  /** Grows with every change of anybody's access. */
  readonly revision: number;
}

/** What a change causes. */
export interface Consequences {
  readonly auditEntry: AuditEntry;
  readonly outboxEvents: readonly OutboxEvent[];
}

/** Derives the consequences of a change that had an effect. */
export function consequencesOf(
  change: ResourceChange,
  applied: AppliedChange,
  circumstances: Circumstances & { readonly newId: () => string },
  access?: AccessConsequence,
): Consequences {
  const before = change.kind === "create" ? {} : change.before.attributes;
  const after = change.kind === "delete" ? {} : change.after;
  const differences = differencesBetween(before, after, change.resourceType);
  const auditEntry: AuditEntry = {
    entryId: circumstances.newId(),
    at: applied.lastModified,
    actor: circumstances.actor,
    requestId: circumstances.requestId,
    action: `${change.resourceType.name.toLowerCase()}.${verbOf(change)}`,
    outcome: "done",
    target: targetOf(change, change.kind === "delete" ? before : after),
    differences: [...differences, ...(access?.differences ?? [])],
    relations: applied.relations,
  };
  const types = eventTypesOf(change, before, after);
  const resourceEvents = types.map(
    (type): OutboxEvent => ({
      eventId: circumstances.newId(),
      type,
      at: applied.lastModified,
      resourceType: change.resourceType.name,
      resourceId: change.id,
      revision: applied.revision,
      data: {
        ...eventDataOf(type, change, applied, differences),
        // What a new User begins with is told together with it; later the application has to know whom it is about.
        ...(access === undefined
          ? {}
          : type === "user.created"
            ? accessDataOf(access)
            : whoOf(access)),
      },
    }),
  );
  const isFolded = access === undefined || types.includes("user.created");
  const accessEvents = isFolded
    ? []
    : accessEventsOf(access, {
        at: applied.lastModified,
        newId: circumstances.newId,
        isRevoking: !types.includes("sessions.revoke"),
      });
  return { auditEntry, outboxEvents: [...resourceEvents, ...accessEvents] };
}

/**
 * The events of a change of somebody's access: the complete state, and the order to end sessions when all of it is lost,
 * or when some end for another reason (`mustRevoke`).
 */
export function accessEventsOf(
  access: AccessConsequence,
  {
    at,
    newId,
    isRevoking,
    mustRevoke = false,
  }: {
    readonly at: string;
    readonly newId: () => string;
    readonly isRevoking: boolean;
    readonly mustRevoke?: boolean;
  },
): readonly OutboxEvent[] {
  const { accountId, before, after, revision } = access;
  const event = (type: OutboxEventType, data: JsonObject): OutboxEvent => ({
    eventId: newId(),
    type,
    at,
    resourceType: "Account",
    resourceId: accountId,
    revision,
    data,
  });
  const isLost = before.state === "active" && after.state !== "active";
  return [
    ...(sameAccess(before, after) ? [] : [event("access.changed", accessDataOf(access))]),
    ...((isLost && isRevoking) || mustRevoke
      ? [
          event("sessions.revoke", {
            id: accountId,
            resourceType: "Account",
            revision,
            ...whoOf(access),
          }),
        ]
      : []),
  ];
}

function accessDataOf(access: AccessConsequence): JsonObject {
  const { isNew, after, revision } = access;
  return {
    ...whoOf(access),
    isNewAccount: isNew,
    accessRevision: revision,
    access: accessJson(after),
  };
}

function whoOf({ accountId, ref }: AccessConsequence): JsonObject {
  return { accountId, ref: ref ?? null };
}

function verbOf(change: ResourceChange): string {
  return change.kind === "update" ? change.cause : change.kind;
}

function targetOf(change: ResourceChange, attributes: JsonObject): AuditEntry["target"] {
  const namePath = change.resourceType.uniqueKeys.find(({ role }) => role === "name")?.path;
  return {
    type: change.resourceType.name,
    id: change.id,
    name: namePath === undefined ? undefined : textOf(memberOf(attributes, namePath)),
    externalId: textOf(memberOf(attributes, "externalId")),
  };
}

function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** Lists what differs, attribute by attribute; those of an extension one by one, under its URI. */
function differencesBetween(
  before: JsonObject,
  after: JsonObject,
  resourceType: ResourceType,
): AttributeDifference[] {
  const extensions = new Map(
    resourceType.extensions.map(({ schema }) => [schema.id, schema.attributes]),
  );
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((name) => {
    const attributes = extensions.get(name);
    if (attributes === undefined) {
      return differenceOf(name, name, before, after, resourceType.schema.attributes);
    }
    const from = objectOf(memberOf(before, name));
    const to = objectOf(memberOf(after, name));
    return [...new Set([...Object.keys(from), ...Object.keys(to)])].flatMap((inner) =>
      differenceOf(`${name}:${inner}`, inner, from, to, attributes),
    );
  });
}

function differenceOf(
  path: string,
  name: string,
  before: JsonObject,
  after: JsonObject,
  attributes: readonly Attribute[],
): AttributeDifference[] {
  const from = memberOf(before, name);
  const to = memberOf(after, name);
  if (sameJson(from, to)) {
    return [];
  }
  const hidden = attributeNamed(attributes, name)?.returned === "never";
  const shown = (value: JsonValue): JsonValue => (hidden ? "(hidden)" : value);
  return [
    {
      path,
      ...(from === undefined ? {} : { before: shown(from) }),
      ...(to === undefined ? {} : { after: shown(to) }),
    },
  ];
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

/** The strongest event that fits, and beside it the order to end sessions when a person was switched off or removed. */
function eventTypesOf(
  change: ResourceChange,
  before: JsonObject,
  after: JsonObject,
): OutboxEventType[] {
  const prefix = change.resourceType.name.toLowerCase();
  if (change.kind === "create") {
    return [`${prefix}.created`];
  }
  const isPerson = change.resourceType.name === "User";
  const wasActive = isPerson && before["active"] !== false;
  if (change.kind === "delete") {
    return wasActive ? [`${prefix}.deleted`, "sessions.revoke"] : [`${prefix}.deleted`];
  }
  const isActive = isPerson && after["active"] !== false;
  if (wasActive && !isActive) {
    return ["user.deactivated", "sessions.revoke"];
  }
  return !wasActive && isActive ? ["user.reactivated"] : [`${prefix}.updated`];
}

function eventDataOf(
  type: OutboxEventType,
  change: ResourceChange,
  applied: AppliedChange,
  differences: readonly AttributeDifference[],
): JsonObject {
  const identity = {
    id: change.id,
    resourceType: change.resourceType.name,
    revision: applied.revision,
  };
  if (type === "sessions.revoke") {
    return identity;
  }
  if (change.kind === "delete") {
    const { name, externalId } = targetOf(change, change.before.attributes);
    return {
      ...identity,
      ...(name === undefined ? {} : { name }),
      ...(externalId === undefined ? {} : { externalId }),
      leftRelationsOf: applied.leftRelationsOf,
    };
  }
  return {
    ...identity,
    ...(change.kind === "update" ? { cause: change.cause } : {}),
    resource: change.after,
    changed: differences.map(({ path }) => path),
    ...relationDataOf(applied.relations),
  };
}

function relationDataOf(relations: readonly RelationDifference[]): JsonObject {
  return Object.fromEntries(
    relations.map(({ attribute, addedCount, removedCount, added, removed }) => [
      attribute,
      // Above the limit the ids would be a part of the truth only, so the event gives counts and the reader asks.
      addedCount > added.length || removedCount > removed.length
        ? { addedCount, removedCount }
        : { added, removed },
    ]),
  );
}
