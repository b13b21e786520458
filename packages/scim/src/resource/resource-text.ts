/** The JSON text of a representation, without building all of it in memory first (RFC 7644 §3.9, RFC 8259). */
import type { JsonObject } from "../json.ts";
import type { ResourceType } from "../schema/resource-type.ts";
import { isComputed } from "../schema/schema.ts";
import type { RepresentationSite } from "./project-resource.ts";
import {
  metaOf,
  projectRelation,
  projectRelationValues,
  projectResource,
} from "./project-resource.ts";
import type { Projection } from "./projection.ts";
import type { ShownAttribute } from "./representation-shape.ts";
import { isRelated, representationShapeOf } from "./representation-shape.ts";
import type { RelationValue, StoredResource } from "./resource.ts";

/** How many values of a relation are made text at once. */
export const relationSliceLength: number = 1000;

/**
 * Writes what {@link projectResource} builds, in any order of names: in one piece, but for relations of more than
 * {@link relationSliceLength} values, each slice of which is a piece that is made when it is asked for.
 */
export function resourceText(
  stored: StoredResource,
  resourceType: ResourceType,
  projection: Projection,
  site: RepresentationSite,
): Iterable<string> {
  const long = longRelationsOf(stored, resourceType, projection);
  const short =
    long.length === 0
      ? stored.relations
      : Object.fromEntries(
          Object.entries(stored.relations).filter(([name]) =>
            long.every(({ shown }) => shown.name !== name),
          ),
        );
  const text =
    splicedText({ stored, resourceType, projection, site }, short) ??
    JSON.stringify(
      projectResource({ ...stored, relations: short }, resourceType, projection, site),
    );
  return long.length === 0 ? [text] : withLongRelations(text, long, site);
}

/** A relation with too many values for one piece. */
interface LongRelation {
  readonly shown: ShownAttribute;
  readonly values: readonly RelationValue[];
}

function longRelationsOf(
  { relations }: StoredResource,
  resourceType: ResourceType,
  projection: Projection,
): readonly LongRelation[] {
  if (Object.values(relations).every(({ length }) => length <= relationSliceLength)) {
    return [];
  }
  return representationShapeOf(resourceType, projection).core.flatMap((shown) => {
    const values = Object.hasOwn(relations, shown.name) ? relations[shown.name] : undefined;
    return isRelated(shown) &&
      shown.parts.length > 0 &&
      values !== undefined &&
      values.length > relationSliceLength
      ? [{ shown, values }]
      : [];
  });
}

function* withLongRelations(
  text: string,
  relations: readonly LongRelation[],
  site: RepresentationSite,
): Iterable<string> {
  yield text.slice(0, -1);
  for (const { shown, values } of relations) {
    yield `,${JSON.stringify(shown.name)}:[`;
    for (let start = 0; start < values.length; start += relationSliceLength) {
      const slice = values.slice(start, start + relationSliceLength);
      const elements = JSON.stringify(projectRelationValues(shown, slice, site)).slice(1, -1);
      yield start === 0 ? elements : `,${elements}`;
    }
    yield "]";
  }
  yield "}";
}

/** A resource and how it is to be shown. */
interface Shown {
  readonly stored: StoredResource;
  readonly resourceType: ResourceType;
  readonly projection: Projection;
  readonly site: RepresentationSite;
}

/** Puts around the stored text what is not in it; undefined when more would have to be done with it. */
function splicedText(
  { stored, resourceType, projection, site }: Shown,
  relations: StoredResource["relations"],
): string | undefined {
  const { id, attributesText: text } = stored;
  if (text === undefined || projection.kind !== "default") {
    return undefined;
  }
  const plan = splicePlanOf(resourceType, projection);
  if (plan.doubtful.some((name) => text.includes(name))) {
    return undefined;
  }
  const uris = plan.extensions.filter((uri) => text.includes(`${uri}:`));
  const attributes = text === "{}" ? "" : `,${text.slice(1, -1)}`;
  let related = "";
  for (const shown of plan.related) {
    const values = projectRelation(shown, relations, site);
    related += values === undefined ? "" : `,"${shown.name}":${JSON.stringify(values)}`;
  }
  const meta: JsonObject = metaOf(stored, resourceType, site);
  return `{"schemas":[${[plan.schema, ...uris].join(",")}],"id":${JSON.stringify(id)}${attributes}${related},"meta":${JSON.stringify(meta)}}`;
}

/** What has to be known about a resource type to splice; names and URIs as they stand in JSON text. */
interface SplicePlan {
  readonly schema: string;
  readonly extensions: readonly string[];
  /** Names of what is not shown as it is stored: attributes that get a `$ref`, and those not everybody is shown. */
  readonly doubtful: readonly string[];
  readonly related: readonly ShownAttribute[];
}

const planOfType = new WeakMap<ResourceType, SplicePlan>();

function splicePlanOf(resourceType: ResourceType, projection: Projection): SplicePlan {
  const known = planOfType.get(resourceType);
  if (known !== undefined) {
    return known;
  }
  const { core, extensions } = representationShapeOf(resourceType, projection);
  const shown = [core, ...extensions.map(({ attributes }) => attributes)].flat();
  const withReference = shown.filter(
    (one) =>
      !isRelated(one) && one.parts.some(({ referenceTypes }) => referenceTypes !== undefined),
  );
  // What is computed is never stored, and nobody is shown it by default.
  const stored = resourceType.extensions.flatMap(({ schema }) =>
    isComputed(schema) ? [] : [schema],
  );
  const hidden = [resourceType.schema, ...stored]
    .flatMap(({ attributes }) => attributes)
    .flatMap((attribute) => [attribute, ...attribute.subAttributes])
    .filter(({ returned }) => returned === "never" || returned === "request");
  const plan = {
    schema: JSON.stringify(resourceType.schema.id),
    extensions: stored.map(({ id }) => JSON.stringify(id)),
    doubtful: [...withReference, ...hidden].map(({ name }) => JSON.stringify(name)),
    related: core.filter(isRelated),
  };
  planOfType.set(resourceType, plan);
  return plan;
}
