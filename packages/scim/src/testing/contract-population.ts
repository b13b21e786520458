/** The small population that tests of the store contract make and look at. */
import { parseValueFilter } from "../filter/parse-filter.ts";
import { resolveValueFilter } from "../filter/resolve-filter.ts";
import type { ResolvedFilter } from "../filter/resolved-filter.ts";
import type { JsonObject } from "../json.ts";
import type { CommitOptions, CommitOutcome, ResourceStore } from "../provider/resource-store.ts";
import { resolveSearchRequest } from "../query/resolve-search-request.ts";
import type { ResourcePage, ResourceQuery } from "../query/resource-query.ts";
import type { RelationStep } from "../resource/relation-delta.ts";
import type { StoredResource } from "../resource/resource.ts";
import { uniqueKeysOf } from "../resource/unique-keys.ts";
import type { ResourceType, ResourceTypeRegistry } from "../schema/resource-type.ts";
import { coreAttributesOf } from "../schema/resource-type.ts";

/** The base URL of all queries. */
export const contractBaseUrl: string = "https://scim.example/v2";

/** The time of the first commit, 2025-06-15T00:00:00Z; each commit is one second after the one before. */
export const contractStartMs: number = 1_749_945_600_000;

/** What to write; for what is left out the resource stays as it is. */
interface Write {
  readonly after?: JsonObject;
  /** On `members`. */
  readonly steps?: readonly RelationStep[];
  readonly options?: Partial<CommitOptions>;
}

/** A query as a client writes it. */
export interface Search extends Partial<Pick<ResourceQuery, "startIndex" | "count" | "walk">> {
  readonly relations?: readonly string[];
  readonly filter?: string;
  readonly sortBy?: string;
  readonly descending?: boolean;
}

/** What a test can do with the store. Users and groups are told apart by type, as the port does. */
export interface ContractPopulation {
  readonly store: ResourceStore;
  readonly user: ResourceType;
  readonly group: ResourceType;
  /** Makes an id that was not made before. */
  newId(): string;
  /** Commits a new resource under an id. */
  create(
    type: ResourceType,
    id: string,
    attributes: JsonObject,
    write?: Write,
  ): Promise<CommitOutcome>;
  /** Commits a new user and reads it. */
  createUser(userName: string, attributes?: JsonObject): Promise<StoredResource>;
  /** Commits a new group with members and reads it. */
  createGroup(displayName: string, members?: readonly string[]): Promise<StoredResource>;
  /** Commits a change, by default on the revision of `before`. */
  update(type: ResourceType, before: StoredResource, write: Write): Promise<CommitOutcome>;
  /** Commits steps on the members of a group, on the revision it has now. */
  step(id: string, ...steps: readonly RelationStep[]): Promise<CommitOutcome>;
  /** Commits the end of a resource. */
  remove(type: ResourceType, before: StoredResource): Promise<CommitOutcome>;
  /** Reads a resource that is there. */
  read(type: ResourceType, id: string, relations?: readonly string[]): Promise<StoredResource>;
  /** The ids of the members of a group, in code point order. */
  membersOf(id: string): Promise<readonly string[]>;
  query(type: ResourceType, search?: Search): Promise<ResourcePage>;
  /** Queries users and groups together. */
  queryAll(search?: Search): Promise<ResourcePage>;
  /** The filter of a `removeWhere` step on members. */
  memberFilter(text: string): ResolvedFilter;
}

const keySettings = { uniqueExternalId: true, uniqueGroupNames: true };
const resolution = { strict: true, unqualifiedExtensionNames: false };

/** Looks at a store as tests do. */
export function contractPopulationOf(
  store: ResourceStore,
  registry: ResourceTypeRegistry,
): ContractPopulation {
  const user = typeNamed(registry, "User");
  const group = typeNamed(registry, "Group");
  const newId = idMaker();
  const commits = createCommits(store);
  const read = async (type: ResourceType, id: string, relations: readonly string[] = []) => {
    const stored = await store.read(type, id, relations);
    if (stored === undefined) {
      throw new Error(`${type.name} ${id} was committed and cannot be read`);
    }
    return stored;
  };
  const createAndRead = async (type: ResourceType, attributes: JsonObject, write: Write) => {
    const id = newId();
    const outcome = await commits.create(type, id, attributes, write);
    if (outcome.kind !== "committed") {
      throw new Error(`a new ${type.name} was not committed, but ${outcome.kind}`);
    }
    return read(type, id);
  };
  return {
    store,
    user,
    group,
    newId,
    ...commits,
    read,
    createUser: (userName, attributes = {}) => createAndRead(user, { userName, ...attributes }, {}),
    createGroup: (displayName, members = []) =>
      createAndRead(group, { displayName }, { steps: [{ op: "add", ids: members }] }),
    step: async (id, ...steps) => commits.update(group, await read(group, id), { steps }),
    membersOf: async (id) => {
      const { relations } = await read(group, id, ["members"]);
      return (relations["members"] ?? []).map(({ value }) => value).sort();
    },
    query: (type, search = {}) => store.query(queryOf([type], search, registry)),
    queryAll: (search = {}) => store.query(queryOf([user, group], search, registry)),
    memberFilter: (text) => memberFilterOf(text, group, registry),
  };
}

function createCommits(
  store: ResourceStore,
): Pick<ContractPopulation, "create" | "update" | "remove"> {
  let count = 0;
  const optionsOf = (expectedRevision: number | undefined, { options = {} }: Write) => ({
    expectedRevision,
    strictReferences: false,
    nowMs: contractStartMs + 1000 * count++,
    baseUrl: contractBaseUrl,
    ...options,
  });
  const contentOf = (type: ResourceType, after: JsonObject, { steps }: Write) => ({
    after,
    relations: steps === undefined ? [] : [{ attribute: "members", steps }],
    uniqueKeys: uniqueKeysOf(type, after, keySettings),
  });
  return {
    create: (resourceType, id, attributes, write = {}) =>
      store.commit(
        { kind: "create", resourceType, id, ...contentOf(resourceType, attributes, write) },
        optionsOf(undefined, write),
      ),
    update: (resourceType, before, write) => {
      const content = contentOf(resourceType, write.after ?? before.attributes, write);
      return store.commit(
        { kind: "update", cause: "patch", resourceType, id: before.id, before, ...content },
        optionsOf(before.revision, write),
      );
    },
    remove: (resourceType, before) =>
      store.commit(
        { kind: "delete", resourceType, id: before.id, before },
        optionsOf(before.revision, {}),
      ),
  };
}

function queryOf(
  resourceTypes: readonly ResourceType[],
  search: Search,
  { schemaUris }: ResourceTypeRegistry,
): ResourceQuery {
  const { filter, sortBy, startIndex = 1, count = 100, relations = [], walk } = search;
  const sortOrder = search.descending === true ? "descending" : "ascending";
  const request = { filter, sortBy, sortOrder, startIndex, count, cursor: undefined } as const;
  const { query } = resolveSearchRequest(request, resourceTypes, {
    ...resolution,
    schemaUris,
    baseUrl: contractBaseUrl,
    unknownAttributes: resourceTypes.length > 1 ? "absent" : "refused",
  });
  const parts = query.parts.map((part) => ({ ...part, relations }));
  return { ...query, parts, walk };
}

function memberFilterOf(
  text: string,
  group: ResourceType,
  { schemaUris }: ResourceTypeRegistry,
): ResolvedFilter {
  const members = coreAttributesOf(group).find(({ name }) => name === "members");
  if (members === undefined) {
    throw new TypeError("The contract needs a registry whose groups have members.");
  }
  const filter = parseValueFilter(text, { ...resolution, schemaUris });
  return resolveValueFilter(filter, members, resolution);
}

function typeNamed(registry: ResourceTypeRegistry, name: string): ResourceType {
  const type = registry.named(name);
  if (type === undefined) {
    throw new TypeError(`The contract needs a registry with ${name}.`);
  }
  return type;
}

function idMaker(): () => string {
  let made = 0;
  return () => `00000000-0000-4000-8000-${String(++made).padStart(12, "0")}`;
}
