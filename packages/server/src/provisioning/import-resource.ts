/** Imports users and groups the way a client sends them: POST for what is new, PUT for what is there (RFC 7644 §3.3, §3.5.1). */
import type {
  JsonObject,
  JsonValue,
  ResourceStore,
  ResourceType,
  ScimContext,
  StoredResource,
} from "@rollcall/scim";
import {
  answerRequest,
  clientProfileNamed,
  isJsonObject,
  ScimError,
  uniqueKeysOf,
  withDefaults,
} from "@rollcall/scim";
import { adoptionPolicy } from "../domain/adoption.ts";
import type { Connection } from "../domain/connection.ts";
import { connectionSettingsOf, scopeOf } from "../domain/connection.ts";
import { refusal } from "../domain/refusal.ts";
import { connectionResourceStore } from "./connection-resource-store.ts";
import { listOf, neededText, textOf } from "./import-line.ts";
import type { ImportOutcome, ImportParts } from "./import-site.ts";
import { newId } from "./new-id.ts";
import type { NamedResource } from "./resolve-names.ts";
import { resolveNames } from "./resolve-names.ts";

/** Members of a line that are ours and no attributes. */
const ownMembers: ReadonlySet<string> = new Set(["kind", "connection", "meta", "schemas", "id"]);

/** The connection that a line is about, with everything that is done in it. */
interface ResourceSite {
  readonly connection: Connection;
  readonly resourceType: ResourceType;
  readonly store: ResourceStore;
  readonly parts: ImportParts;
}

/** Imports a User; `groups` as an array of texts names groups that it becomes a member of. */
export async function importUser(
  content: JsonObject,
  connection: Connection,
  parts: ImportParts,
): Promise<ImportOutcome> {
  const site = siteOf("User", connection, parts);
  const names = groupNamesOf(content);
  const { groups: _, ...attributes } = content;
  const saved = await saveResource(attributes, site);
  if (parts.dryRun) {
    return saved.outcome;
  }
  const groups = await resolveNames(names, site, ["Group"]);
  for (const group of groups) {
    const joined = await addMembers(group, [saved.id], siteOf("Group", connection, parts));
    if (joined === "changed" && saved.outcome === "unchanged") {
      saved.outcome = "changed";
    }
  }
  return saved.outcome;
}

/** What SCIM shows of groups at a user is not for clients to say, and is left out. */
function groupNamesOf(content: JsonObject): readonly string[] {
  const groups = listOf(content, "groups") ?? [];
  return groups.filter((name) => typeof name === "string");
}

/** Imports a Group; its members are named by id, userName, externalId or, of groups, displayName. */
export async function importGroup(
  content: JsonObject,
  connection: Connection,
  parts: ImportParts,
): Promise<ImportOutcome> {
  const site = siteOf("Group", connection, parts);
  const members = listOf(content, "members");
  const attributes =
    members === undefined ? content : { ...content, members: await memberValues(members, site) };
  return (await saveResource(attributes, site)).outcome;
}

/** Adds members to a Group that is there. */
export async function importMembers(
  content: JsonObject,
  connection: Connection,
  parts: ImportParts,
): Promise<ImportOutcome> {
  const site = siteOf("Group", connection, parts);
  const members = await memberValues(listOf(content, "members") ?? [], site);
  const ids = members.flatMap((member) => textOf(member, "value") ?? []);
  const [group] = parts.dryRun
    ? []
    : await resolveNames([neededText(content, "group")], site, ["Group"]);
  return group === undefined ? "unchanged" : addMembers(group, ids, site);
}

/** Makes a User active or not; tells whether it was otherwise. */
export async function setActive(
  id: string,
  active: boolean,
  connection: Connection,
  parts: ImportParts,
): Promise<boolean> {
  const body = patchOf({ op: "replace", path: "active", value: active });
  const site = siteOf("User", connection, parts);
  return !parts.dryRun && (await send(site, { method: "PATCH", id, body })).changed;
}

function patchOf(operation: JsonObject): JsonObject {
  return {
    schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    Operations: [operation],
  };
}

function siteOf(typeName: string, connection: Connection, parts: ImportParts): ResourceSite {
  const resourceType = parts.registry.named(typeName);
  if (resourceType === undefined) {
    throw new TypeError(`there is no resource type ${typeName}`);
  }
  const store = connectionResourceStore(parts.store, scopeOf(connection), parts.circumstances);
  return { connection, resourceType, parts, store };
}

async function memberValues(
  members: readonly JsonValue[],
  site: ResourceSite,
): Promise<readonly JsonObject[]> {
  const names = members.map((member, index): NamedResource => {
    if (typeof member === "string") {
      return member;
    }
    if (!isJsonObject(member)) {
      throw refusal(`members[${index}]: expected a text or an object`);
    }
    const value = textOf(member, "value");
    return value === undefined ? member : { id: value };
  });
  const ids = site.parts.dryRun ? [] : await resolveNames(names, site, ["User", "Group"]);
  return ids.map((value) => ({ value }));
}

interface Saved {
  readonly id: string;
  outcome: ImportOutcome;
}

async function saveResource(content: JsonObject, site: ResourceSite): Promise<Saved> {
  const { resourceType } = site;
  const id = checkedId(textOf(content, "id"));
  const body = messageOf(content, resourceType);
  const existing = await existingResource(body, id, site);
  if (existing !== undefined) {
    const { changed } = await send(site, { method: "PUT", id: existing.id, body });
    return { id: existing.id, outcome: changed ? "changed" : "unchanged" };
  }
  const made = id ?? newId();
  await send(site, { method: "POST", newId: made, body });
  return { id: made, outcome: "created" };
}

/** Answers with an id; it is part of a URL, and stands in every event. */
export function checkedId(id: string | undefined): string | undefined {
  if (id !== undefined && !/^[A-Za-z0-9][A-Za-z0-9._~-]{0,127}$/.test(id)) {
    throw refusal("id: expected up to 128 letters, digits and . _ ~ -");
  }
  return id;
}

/** The message that a client would send. */
function messageOf(content: JsonObject, resourceType: ResourceType): JsonObject {
  const { schema, extensions } = resourceType;
  const attributes = Object.fromEntries(
    Object.entries(content).filter(([name, value]) => !ownMembers.has(name) && value !== null),
  );
  const uris = extensions.map((extension) => extension.schema.id);
  return {
    schemas: [schema.id, ...uris.filter((uri) => Object.hasOwn(attributes, uri))],
    // What a POST begins with, a PUT keeps: else the second import would take it away.
    ...withDefaults(attributes, resourceType),
  };
}

/** The resource that a line is about: by its keys as a POST would meet it, or by its id. */
async function existingResource(
  body: JsonObject,
  id: string | undefined,
  site: ResourceSite,
): Promise<StoredResource | undefined> {
  const { store, resourceType, connection } = site;
  const keys = uniqueKeysOf(resourceType, body, { ...connectionSettingsOf(connection) });
  if (keys.length === 0 && id === undefined) {
    throw refusal(
      "nothing tells this one from others: expected an externalId or an id, so that importing it again finds it",
    );
  }
  const holders = keys.length === 0 ? [] : await store.readByKeys(resourceType, keys);
  const holder = holders.find(({ path }) => path === "externalId") ?? holders[0];
  return holder?.resource ?? (id === undefined ? undefined : await resourceWithId(id, site));
}

async function resourceWithId(
  id: string,
  { store, resourceType, parts }: ResourceSite,
): Promise<StoredResource | undefined> {
  for (const type of parts.registry.resourceTypes) {
    const found = await store.read(type, id, []);
    if (found !== undefined && type.name !== resourceType.name) {
      throw refusal("id: something of another kind has it");
    }
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

interface Sending {
  readonly method: "POST" | "PUT" | "PATCH";
  /** The resource that is there. */
  readonly id?: string;
  /** The id of a new one. */
  readonly newId?: string;
  readonly body: JsonObject;
}

/** Sends a message to the library, as a client would; throws a refusal where a client would get one. */
async function send(
  site: ResourceSite,
  { method, id, newId: made, body }: Sending,
): Promise<{ readonly changed: boolean }> {
  const { resourceType, connection, parts } = site;
  const noted = { changed: false };
  const context: Omit<ScimContext, "warn"> = {
    store: notingStore(site, noted),
    registry: parts.registry,
    baseUrl: parts.baseUrl,
    settings: connectionSettingsOf(connection),
    profile: clientProfileNamed("generic"),
    createPolicy: adoptionPolicy,
    now: parts.now,
    newId: () => made ?? newId(),
    takeTurn: (key, work) => parts.takeTurn(`${connection.connectionId}/${key}`, work),
  };
  const bytes = Buffer.from(JSON.stringify(body));
  const { pathname } = new URL(parts.baseUrl);
  const { response, report } = await answerRequest(
    {
      method,
      path: `${pathname}${resourceType.endpoint}${id === undefined ? "" : `/${encodeURIComponent(id)}`}`,
      query: "attributes=id",
      headers: {
        get: (name) => (name.toLowerCase() === "content-type" ? "application/scim+json" : null),
      },
      readBody: async (lengthMax) => (bytes.length > lengthMax ? undefined : bytes),
    },
    context,
  );
  if (report.defect !== undefined) {
    throw report.defect;
  }
  if (response.status === 503) {
    throw new ScimError(503, report.reason ?? "The store is away.");
  }
  if (response.status >= 400) {
    throw refusal(report.reason ?? `answered with ${response.status}`);
  }
  return noted;
}

/** Notes whether anything was changed; a dry run changes nothing and says that all would go well. */
function notingStore({ store, parts }: ResourceSite, noted: { changed: boolean }): ResourceStore {
  return {
    ...store,
    commit: async (change, options) => {
      if (parts.dryRun) {
        noted.changed = true;
        const at = new Date(options.nowMs).toISOString();
        return {
          kind: "committed",
          changed: true,
          revision: 1,
          created: at,
          lastModified: at,
          relationCounts: {},
          skippedReferences: [],
        };
      }
      const outcome = await store.commit(change, options);
      noted.changed ||= outcome.kind === "committed" && outcome.changed;
      return outcome;
    },
  };
}

/** How many members one message adds. */
const membersAtOnceMax = 1000;

async function addMembers(
  group: string,
  ids: readonly string[],
  site: ResourceSite,
): Promise<ImportOutcome> {
  let changed = false;
  for (let start = 0; start < ids.length; start += membersAtOnceMax) {
    const value = ids.slice(start, start + membersAtOnceMax).map((id) => ({ value: id }));
    const sent = await send(site, {
      method: "PATCH",
      id: group,
      body: patchOf({ op: "add", path: "members", value }),
    });
    changed ||= sent.changed;
  }
  return changed ? "changed" : "unchanged";
}
