/** What a memory store keeps: rows by id, unique keys by value, relations as ids in order. */
import type { JsonObject, JsonValue } from "../json.ts";
import { isJsonObject, memberOf } from "../json.ts";
import type { RelationValue, StoredResource } from "../resource/resource.ts";
import type { Attribute } from "../schema/attribute.ts";
import type { ResourceType, ResourceTypeRegistry } from "../schema/resource-type.ts";
import { coreAttributesOf } from "../schema/resource-type.ts";

/** One live resource. Relations hold ids of live resources only. */
export interface MemoryRow {
  readonly resourceType: ResourceType;
  readonly id: string;
  readonly attributes: JsonObject;
  readonly created: string;
  readonly lastModified: string;
  readonly revision: number;
  /** Its place in the order of creation. */
  readonly sequence: number;
  readonly relations: ReadonlyMap<string, ReadonlySet<string>>;
  /** The unique keys it holds, as {@link MemoryPopulation} names them. */
  readonly keys: readonly string[];
}

/** All live resources, and who holds which unique key. */
export interface MemoryPopulation {
  readonly registry: ResourceTypeRegistry;
  readonly rows: Map<string, MemoryRow>;
  /** The same rows by resource type, in the order of their creation. */
  readonly rowsOfType: Map<string, Map<string, MemoryRow>>;
  readonly holders: Map<string, string>;
  /** How many rows there have ever been. */
  created: number;
}

/** Makes an empty population. */
export function createMemoryPopulation(registry: ResourceTypeRegistry): MemoryPopulation {
  const rowsOfType = new Map(registry.resourceTypes.map(({ name }) => [name, new Map()]));
  return { registry, rows: new Map(), rowsOfType, holders: new Map(), created: 0 };
}

/** Puts a row in the place of the one with the same id, and its keys in the place of that one's keys. */
export function setRow(population: MemoryPopulation, row: MemoryRow): void {
  const { rows, rowsOfType, holders } = population;
  releaseKeys(population, row.id);
  rows.set(row.id, row);
  rowsOfType.get(row.resourceType.name)?.set(row.id, row);
  for (const key of row.keys) {
    holders.set(key, row.id);
  }
}

/** Takes a row away. */
export function removeRow(population: MemoryPopulation, { id, resourceType }: MemoryRow): void {
  releaseKeys(population, id);
  population.rows.delete(id);
  population.rowsOfType.get(resourceType.name)?.delete(id);
}

function releaseKeys({ rows, holders }: MemoryPopulation, id: string): void {
  for (const key of rows.get(id)?.keys ?? []) {
    holders.delete(key);
  }
}

/** Reads a row as the port hands it out, with the relations named. */
export function storedResourceOf(
  population: MemoryPopulation,
  row: MemoryRow,
  relations: readonly string[],
): StoredResource {
  const { id, attributes, created, lastModified, revision, resourceType } = row;
  const asked = coreAttributesOf(resourceType).filter(({ name }) => relations.includes(name));
  return {
    id,
    attributes,
    created,
    lastModified,
    revision,
    relations: Object.fromEntries(
      asked.map((attribute) => [attribute.name, relationValuesOf(population, row, attribute)]),
    ),
  };
}

/** The values of a relation or of a derived attribute. */
export function relationValuesOf(
  population: MemoryPopulation,
  row: MemoryRow,
  attribute: Attribute,
): readonly RelationValue[] {
  if (attribute.stored === "derived") {
    return derivedValuesOf(population, row, attribute);
  }
  return [...(row.relations.get(attribute.name) ?? [])].flatMap((id) => {
    const target = population.rows.get(id);
    return target === undefined ? [] : [relationValueOf(target, target.resourceType.name)];
  });
}

/** The reverse of a relation: who has this resource in it, and who has those, and so on; cycles are harmless. */
function derivedValuesOf(
  population: MemoryPopulation,
  row: MemoryRow,
  { reverseOf }: Attribute,
): readonly RelationValue[] {
  if (reverseOf === undefined) {
    return [];
  }
  const found = new Map<string, RelationValue>();
  let reached: readonly MemoryRow[] = [row];
  for (let kind = "direct"; reached.length > 0; kind = "indirect") {
    const ids = new Set(reached.map(({ id }) => id));
    reached = [...(population.rowsOfType.get(reverseOf.resourceType)?.values() ?? [])].filter(
      (candidate) =>
        !found.has(candidate.id) && hasAny(candidate.relations.get(reverseOf.attribute), ids),
    );
    for (const holder of reached) {
      found.set(holder.id, relationValueOf(holder, kind));
    }
  }
  return [...found.values()];
}

function hasAny(values: ReadonlySet<string> | undefined, wanted: ReadonlySet<string>): boolean {
  return [...wanted].some((id) => values?.has(id));
}

function relationValueOf(target: MemoryRow, type: string): RelationValue {
  const { id: value, resourceType } = target;
  const display = displayOf(target);
  return {
    value,
    type,
    resourceType: resourceType.name,
    ...(display === undefined ? {} : { display }),
  };
}

function displayOf({ attributes, resourceType }: MemoryRow): string | undefined {
  for (const path of resourceType.displayAttributes) {
    const value = path
      .split(".")
      .reduce<JsonValue | undefined>(
        (holder, name) => (isJsonObject(holder) ? memberOf(holder, name) : undefined),
        attributes,
      );
    if (typeof value === "string" && value !== "") {
      return value;
    }
  }
  return undefined;
}
