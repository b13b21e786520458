/** Finds users and groups by the names that a file gives them: id, userName, externalId, displayName of a group. */
import type { JsonObject, ResourceStore, ResourceType, UniqueKeyValue } from "@rollcall/scim";
import { uniqueKeysOf } from "@rollcall/scim";
import type { Connection } from "../domain/connection.ts";
import { connectionSettingsOf } from "../domain/connection.ts";
import { refusal } from "../domain/refusal.ts";
import { textOf } from "./import-line.ts";
import type { ImportParts } from "./import-site.ts";

/** A text that may be any of the names, or an object that says which one it is. */
export type NamedResource = string | JsonObject;

/** Where names are looked up. */
interface NameSite {
  readonly store: ResourceStore;
  readonly connection: Connection;
  readonly parts: Pick<ImportParts, "registry">;
}

/** How many names are looked up at once. */
const namesAtOnceMax = 200;

/** Answers with the ids in the order of the names; refuses a name that nothing has. */
export async function resolveNames(
  names: readonly NamedResource[],
  site: NameSite,
  typeNames: readonly string[],
): Promise<readonly string[]> {
  const types = typeNames.flatMap((name) => site.parts.registry.named(name) ?? []);
  const ids: string[] = [];
  for (let start = 0; start < names.length; start += namesAtOnceMax) {
    const some = names.slice(start, start + namesAtOnceMax);
    const found = await idsByKeys(some, types, site);
    for (const [index, name] of some.entries()) {
      const id = found[index] ?? (await idThatIsThere(name, types, site));
      if (id === undefined) {
        throw refusal(
          `name ${start + index + 1} of the members or groups is none of a user or group that is there`,
        );
      }
      ids.push(id);
    }
  }
  return ids;
}

/** What a name may be as a key of a type. */
const keyAttributes = ["userName", "displayName", "externalId"] as const;

function keysOf(
  name: NamedResource,
  type: ResourceType,
  { connection }: NameSite,
): readonly UniqueKeyValue[] {
  const settings = { ...connectionSettingsOf(connection) };
  return keyAttributes.flatMap((attribute) => {
    const value = typeof name === "string" ? name : textOf(name, attribute);
    return value === undefined ? [] : uniqueKeysOf(type, { [attribute]: value }, settings);
  });
}

async function idsByKeys(
  names: readonly NamedResource[],
  types: readonly ResourceType[],
  site: NameSite,
): Promise<readonly (string | undefined)[]> {
  const ids: (string | undefined)[] = names.map(() => undefined);
  for (const type of types) {
    const keys = names.map((name) => keysOf(name, type, site));
    const asked = keys.flat();
    const holders = asked.length === 0 ? [] : await site.store.readByKeys(type, asked);
    const settings = { ...connectionSettingsOf(site.connection) };
    const idOf = new Map(
      holders.flatMap(({ resource }) =>
        uniqueKeysOf(type, resource.attributes, settings).map(
          (key) => [`${key.path} ${key.key}`, resource.id] as const,
        ),
      ),
    );
    for (const [index, own] of keys.entries()) {
      ids[index] ??= own.flatMap((key) => idOf.get(`${key.path} ${key.key}`) ?? [])[0];
    }
  }
  return ids;
}

async function idThatIsThere(
  name: NamedResource,
  types: readonly ResourceType[],
  { store }: NameSite,
): Promise<string | undefined> {
  const id = typeof name === "string" ? name : textOf(name, "id");
  if (id === undefined) {
    return undefined;
  }
  for (const type of types) {
    if ((await store.read(type, id, [])) !== undefined) {
      return id;
    }
  }
  return undefined;
}
