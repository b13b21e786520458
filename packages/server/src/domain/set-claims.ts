/** Makes the claims of a Security Event Token of an outbox event: the same change, in the words of RFC 9967 (RFC 8417 §2.2, RFC 9493 §3). */
import type {
  Attribute,
  JsonObject,
  JsonValue,
  ResourceType,
  ResourceTypeRegistry,
} from "@rollcall/scim";
import { attributeNamed, isJsonArray, isJsonObject, memberOf, versionOf } from "@rollcall/scim";
import { erasedText } from "./erased-event.ts";
import type { EventStream } from "./event-stream.ts";
import type { OutboxEvent } from "./outbox-event.ts";

/** The URIs of the events that are told (RFC 9967 §7.4). */
export const setEventUris = {
  createNotice: "urn:ietf:params:scim:event:prov:create:notice",
  createFull: "urn:ietf:params:scim:event:prov:create:full",
  patchNotice: "urn:ietf:params:scim:event:prov:patch:notice",
  patchFull: "urn:ietf:params:scim:event:prov:patch:full",
  putNotice: "urn:ietf:params:scim:event:prov:put:notice",
  putFull: "urn:ietf:params:scim:event:prov:put:full",
  delete: "urn:ietf:params:scim:event:prov:delete",
  activate: "urn:ietf:params:scim:event:prov:activate",
  deactivate: "urn:ietf:params:scim:event:prov:deactivate",
} as const;

/** Where a stream and what it tells of are. */
export interface SetSite {
  readonly streamId: string;
  readonly stream: Pick<EventStream, "mode" | "audience">;
  /** The public URL. */
  readonly issuer: string;
  /** Where SCIM begins, absolute. */
  readonly baseUrl: string;
  readonly registry: Pick<ResourceTypeRegistry, "resourceTypes">;
}

/** An event as far as a SET tells of it. */
export type ToldEvent = Pick<
  OutboxEvent,
  "eventId" | "at" | "resourceType" | "resourceId" | "revision" | "data"
> & { readonly type: string };

/** The claims of a SET; a JSON object. */
export interface SetClaims {
  readonly iss: string;
  /** When the event happened, in seconds since 1970. */
  readonly iat: number;
  readonly jti: string;
  readonly aud: string;
  readonly txn: string;
  readonly sub_id: JsonObject;
  readonly events: Readonly<Record<string, JsonObject>>;
}

/** The id of the SET that tells a stream of an event; the same however often it is sent (RFC 8417 §2.2). */
export function setIdOf(streamId: string, eventId: string): string {
  return `${streamId}.${eventId}`;
}

/** The event that the id of a SET of a stream stands for; undefined for an id of something else. */
export function eventIdIn(jti: string, streamId: string): string | undefined {
  return jti.startsWith(`${streamId}.`) ? jti.slice(streamId.length + 1) : undefined;
}

/** Makes the claims; undefined where there is no such resource type any more. */
export function setClaimsOf(event: ToldEvent, site: SetSite): SetClaims | undefined {
  const type = site.registry.resourceTypes.find(({ name }) => name === event.resourceType);
  if (type === undefined) {
    return undefined;
  }
  const externalId = externalIdOf(event);
  return {
    iss: site.issuer,
    iat: Math.floor(Date.parse(event.at) / 1000),
    jti: setIdOf(site.streamId, event.eventId),
    aud: site.stream.audience,
    // One resource event is one transaction, whoever is told of it.
    txn: event.eventId,
    sub_id: {
      format: "scim",
      uri: `${type.endpoint}/${event.resourceId}`,
      ...(externalId === undefined ? {} : { externalId }),
      id: event.resourceId,
    },
    events: eventsOf(event, type, site),
  };
}

/** Undefined also for a person who was erased since. */
function externalIdOf(event: ToldEvent): string | undefined {
  const text = textOf(
    memberOf(event.data, "externalId") ?? memberOf(resourceIn(event), "externalId"),
  );
  return text === erasedText ? undefined : text;
}

function eventsOf(
  event: ToldEvent,
  type: ResourceType,
  site: SetSite,
): Readonly<Record<string, JsonObject>> {
  const version = versionOf(event.revision);
  const verb = event.type.slice(event.type.lastIndexOf(".") + 1);
  const full = site.stream.mode === "full" ? fullOf(event, type, site) : undefined;
  const notice: JsonObject = { version, attributes: changedIn(event, type) };
  switch (verb) {
    case "deleted":
      return { [setEventUris.delete]: {} };
    case "created":
      return full === undefined
        ? { [setEventUris.createNotice]: notice }
        : { [setEventUris.createFull]: { version, data: full } };
    case "deactivated":
      return { ...changeOf(event, notice, full), [setEventUris.deactivate]: {} };
    case "reactivated":
      return { ...changeOf(event, notice, full), [setEventUris.activate]: {} };
    default:
      return changeOf(event, notice, full);
  }
}

function changeOf(
  { data }: ToldEvent,
  notice: JsonObject,
  full: JsonObject | undefined,
): Readonly<Record<string, JsonObject>> {
  const { patchNotice, patchFull, putNotice, putFull } = setEventUris;
  const isPatch = memberOf(data, "cause") === "patch";
  return full === undefined
    ? { [isPatch ? patchNotice : putNotice]: notice }
    : { [isPatch ? patchFull : putFull]: { version: notice["version"] ?? null, data: full } };
}

/**
 * What a request would say that leads to the resource as it is (RFC 9967 §2.2); undefined where the event does not have
 * all of it: members of which there are too many, all members of a group that was replaced, and what was known of a person
 * who was erased since. Then there is a notice.
 */
function fullOf(event: ToldEvent, type: ResourceType, site: SetSite): JsonObject | undefined {
  const relations = relationsIn(event, type);
  const isCut = relations.some(
    ({ added, removed }) => added === undefined || removed === undefined,
  );
  if (isCut || lacksRequired(resourceIn(event), type)) {
    return undefined;
  }
  const isPatch = memberOf(event.data, "cause") === "patch";
  if (isPatch) {
    return patchOf(event, type, relations);
  }
  const isCreated = event.type.endsWith(".created");
  const hasRelations = [...type.schema.attributes].some(({ name }) => isRelation(type, name));
  if (!isCreated && hasRelations) {
    return undefined;
  }
  const members = relations.map(({ name, added = [] }) => [name, added.map(elementOf)] as const);
  const attributes = shownAttributes(resourceIn(event), type);
  return {
    schemas: schemasOf(attributes, type),
    id: event.resourceId,
    ...attributes,
    ...Object.fromEntries(members.filter(([, values]) => values.length > 0)),
    meta: {
      resourceType: type.name,
      version: versionOf(event.revision),
      location: `${site.baseUrl}${type.endpoint}/${event.resourceId}`,
    },
  };
}

function lacksRequired(resource: JsonObject, { schema }: ResourceType): boolean {
  return schema.attributes.some(
    ({ name, required }) => required && memberOf(resource, name) === undefined,
  );
}

/** A PATCH that leads to the resource as it is (RFC 7644 §3.5.2). */
function patchOf(
  event: ToldEvent,
  type: ResourceType,
  relations: readonly ToldRelation[],
): JsonObject {
  const resource = shownAttributes(resourceIn(event), type);
  const paths = textsOf(memberOf(event.data, "changed"));
  const attributes = paths
    .filter((path) => !isHidden(path, type))
    .map((path): JsonObject => {
      const value = valueAt(resource, path, type);
      return value === undefined ? { op: "remove", path } : { op: "replace", path, value };
    });
  const members = relations.flatMap(({ name, added = [], removed = [] }): JsonObject[] => [
    ...(added.length === 0 ? [] : [{ op: "add", path: name, value: added.map(elementOf) }]),
    ...removed.map((id) => ({ op: "remove", path: `${name}[value eq ${JSON.stringify(id)}]` })),
  ]);
  return {
    schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    Operations: [...attributes, ...members],
  };
}

interface ToldRelation {
  readonly name: string;
  /** Undefined where there were too many to tell. */
  readonly added: readonly string[] | undefined;
  readonly removed: readonly string[] | undefined;
}

function relationsIn({ data }: ToldEvent, type: ResourceType): readonly ToldRelation[] {
  return type.schema.attributes.flatMap(({ name }): ToldRelation[] => {
    const told = isRelation(type, name) ? memberOf(data, name) : undefined;
    if (!isJsonObject(told)) {
      return [];
    }
    const idsOf = (which: string) =>
      isJsonArray(memberOf(told, which)) ? textsOf(memberOf(told, which)) : undefined;
    return [{ name, added: idsOf("added"), removed: idsOf("removed") }];
  });
}

function isRelation({ schema }: ResourceType, name: string): boolean {
  return attributeNamed(schema.attributes, name)?.stored === "relation";
}

/** The names of what changed, in the syntax of PATCH paths (RFC 9967 §2.2). */
function changedIn(event: ToldEvent, type: ResourceType): readonly string[] {
  const attributes = textsOf(memberOf(event.data, "changed")).filter(
    (path) => !isHidden(path, type),
  );
  return [...attributes, ...relationsIn(event, type).map(({ name }) => name)];
}

/** Attributes that no answer has are told of nowhere (RFC 7643 §7, `returned`). */
function isHidden(path: string, type: ResourceType): boolean {
  const extension = type.extensions.find(({ schema }) => path.startsWith(`${schema.id}:`));
  const attributes = extension?.schema.attributes ?? type.schema.attributes;
  const name = extension === undefined ? path : path.slice(extension.schema.id.length + 1);
  return attributeNamed(attributes, name)?.returned === "never";
}

function shownAttributes(resource: JsonObject, type: ResourceType): JsonObject {
  const entries = Object.entries(resource).flatMap(([name, value]): [string, JsonValue][] => {
    const extension = type.extensions.find(({ schema }) => schema.id === name);
    if (extension !== undefined && isJsonObject(value)) {
      return [[name, withoutHidden(value, extension.schema.attributes)]];
    }
    return name === "schemas" ? [] : [[name, value]];
  });
  return withoutHidden(Object.fromEntries(entries), type.schema.attributes);
}

function withoutHidden(object: JsonObject, attributes: readonly Attribute[]): JsonObject {
  const entries = Object.entries(object).flatMap(([name, value]): [string, JsonValue][] => {
    const attribute = attributeNamed(attributes, name);
    return attribute?.returned === "never"
      ? []
      : [[name, shownValue(value, attribute?.subAttributes ?? [])]];
  });
  return Object.fromEntries(entries);
}

function shownValue(value: JsonValue, subAttributes: readonly Attribute[]): JsonValue {
  if (isJsonArray(value)) {
    return value.map((element) => shownValue(element, subAttributes));
  }
  return isJsonObject(value) ? withoutHidden(value, subAttributes) : value;
}

function schemasOf(attributes: JsonObject, { schema, extensions }: ResourceType): string[] {
  const present = extensions
    .map((one) => one.schema.id)
    .filter((id) => Object.hasOwn(attributes, id));
  return [schema.id, ...present];
}

function valueAt(resource: JsonObject, path: string, type: ResourceType): JsonValue | undefined {
  const extension = type.extensions.find(({ schema }) => path.startsWith(`${schema.id}:`));
  if (extension === undefined) {
    return memberOf(resource, path);
  }
  const inner = memberOf(resource, extension.schema.id);
  const name = path.slice(extension.schema.id.length + 1);
  return isJsonObject(inner) ? memberOf(inner, name) : undefined;
}

function resourceIn({ data }: ToldEvent): JsonObject {
  const resource = memberOf(data, "resource");
  return isJsonObject(resource) ? resource : {};
}

function elementOf(value: string): JsonObject {
  return { value };
}

function textsOf(value: JsonValue | undefined): readonly string[] {
  return isJsonArray(value) ? value.filter((one) => typeof one === "string") : [];
}

function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}
