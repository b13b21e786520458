/**
 * Fills a data folder and its database with a directory without HTTP, through the server's own storage port, so that
 * every row is the one a request would have left.
 */
import type { CommitOptions, CommitOutcome, JsonObject, ResourceType } from "@rollcall/scim";
import { isJsonObject, uniqueKeysOf } from "@rollcall/scim";
import type { Instance } from "../packages/server/src/compose.ts";
import { compose, openInstance } from "../packages/server/src/compose.ts";
import type { Config } from "../packages/server/src/config/config.ts";
import { readConfig } from "../packages/server/src/config/config.ts";
import { connectionSettingsOf, scopeOf } from "../packages/server/src/domain/connection.ts";
import type { Attributes, Directory, GeneratedUser } from "./generate-directory.ts";

/** Where to fill it in. */
export interface FillTarget {
  readonly folder: string;
  /** SQLite in the folder when undefined. */
  readonly databaseUrl: string | undefined;
}

/** How it is filled. */
export interface FillOptions {
  /** How many writes are under way at once. */
  readonly together: number;
  readonly onProgress: (users: number) => void;
}

/** Fills an empty folder and an empty database, and answers with the token of its one connection. */
export async function fillDirectory(
  target: FillTarget,
  directory: Directory,
  options: FillOptions,
): Promise<string> {
  const config = configOf(target);
  const rollcall = await compose({ config, writeLog: () => undefined });
  try {
    if (rollcall.first === undefined) {
      throw new Error(`${target.folder} is not empty`);
    }
    await fill(await writerOn(rollcall), directory, options);
    return rollcall.first.token;
  } finally {
    await rollcall.close();
  }
}

/** Adds people to a database that no server works on; nothing happens in it but their writes. */
export async function withUserWriter<Result>(
  target: FillTarget,
  work: (write: (user: GeneratedUser) => Promise<void>) => Promise<Result>,
): Promise<Result> {
  return withInstance(target, async (instance) => work((await writerOn(instance)).writeUser));
}

/** Works with everything the server keeps while no server does. */
export async function withInstance<Result>(
  target: FillTarget,
  work: (instance: Instance) => Promise<Result>,
): Promise<Result> {
  const instance = await openInstance(configOf(target), { role: "cli", now: Date.now });
  try {
    return await work(instance);
  } finally {
    await instance.close();
  }
}

function configOf({ folder, databaseUrl }: FillTarget): Config {
  const flags = { data: folder, port: "0", ...(databaseUrl === undefined ? {} : { databaseUrl }) };
  const reading = readConfig({ flags, env: {} }, "serve");
  if (reading.kind === "problems") {
    throw new Error(reading.problems.join("\n"));
  }
  return reading.config;
}

/** Writes resources into the one connection. */
interface Writer {
  writeUser(user: GeneratedUser): Promise<void>;
  writeGroup(id: string, attributes: JsonObject, members: readonly string[]): Promise<void>;
}

async function writerOn({ store, registry }: Instance): Promise<Writer> {
  const [tenant] = await store.tenants.list();
  const [connection] = tenant === undefined ? [] : await store.connections.list(tenant.tenantId);
  const [userType, groupType] = [registry.named("User"), registry.named("Group")];
  if (connection === undefined || userType === undefined || groupType === undefined) {
    throw new TypeError("a directory needs a connection and the types User and Group");
  }
  const scope = scopeOf(connection);
  const settings = { ...connectionSettingsOf(connection) };
  const write = async (
    resourceType: ResourceType,
    { id, after, members }: { id: string; after: JsonObject; members: readonly string[] },
  ): Promise<void> => {
    const options: CommitOptions = {
      expectedRevision: undefined,
      strictReferences: true,
      nowMs: Date.now(),
      baseUrl: "http://127.0.0.1/scim/v2",
    };
    const outcome = await store.resources.record(
      scope,
      {
        kind: "create",
        resourceType,
        id,
        after,
        relations:
          members.length === 0
            ? []
            : [{ attribute: "members", steps: [{ op: "replace", ids: members }] }],
        uniqueKeys: uniqueKeysOf(resourceType, after, settings),
      },
      options,
      { actor: { kind: "operator", id: "bench" }, requestId: id },
    );
    requireWritten(outcome, id);
  };
  return {
    writeUser: ({ id, attributes }) =>
      write(userType, { id, after: jsonOf(attributes), members: [] }),
    writeGroup: (id, after, members) => write(groupType, { id, after, members }),
  };
}

async function fill(
  { writeUser, writeGroup }: Writer,
  { users, groups, userAt, userIdAt, groupAt }: Directory,
  { together, onProgress }: FillOptions,
): Promise<void> {
  for (let from = 0; from < users; from += together) {
    const size = Math.min(together, users - from);
    await Promise.all(
      Array.from({ length: size }, (_, offset) => writeUser(userAt(from + offset))),
    );
    onProgress(from + size);
  }
  for (let index = 0; index < groups && users > 0; index += 1) {
    const { id, displayName, externalId, members } = groupAt(index);
    await writeGroup(id, { externalId, displayName }, Array.from(members(), userIdAt));
  }
}

function jsonOf(attributes: Attributes): JsonObject {
  const json: unknown = attributes;
  if (!isJsonObject(json)) {
    throw new TypeError("a person's attributes are no JSON object");
  }
  return json;
}

function requireWritten(outcome: CommitOutcome, id: string): void {
  if (outcome.kind !== "committed" || !outcome.changed || outcome.skippedReferences.length > 0) {
    throw new Error(`${id} was not written: ${JSON.stringify(outcome)}`);
  }
}
