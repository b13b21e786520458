/** What a projection shows of the resources of a type, worked out once and not for each of them (RFC 7643 §7 returned). */
import type { Attribute } from "../schema/attribute.ts";
import type { ResourceType } from "../schema/resource-type.ts";
import { coreAttributesOf } from "../schema/resource-type.ts";
import type { AttributeSelection } from "./attribute-selection.ts";
import { attributeSelectionOf } from "./attribute-selection.ts";
import { isDerivedReference, resourceTypesOf } from "./derived-reference.ts";
import type { Projection } from "./projection.ts";
import { defaultProjection } from "./projection.ts";

/** A sub-attribute that is shown. */
export interface ShownPart {
  readonly name: string;
  /** For a `$ref` that is derived: the names of the resource types it may point to. */
  readonly referenceTypes: readonly string[] | undefined;
}

/** An attribute that is shown. */
export interface ShownAttribute {
  readonly name: string;
  readonly isComplex: boolean;
  /** Where its values live, as in the attribute. */
  readonly stored: NonNullable<Attribute["stored"]>;
  /** The sub-attributes that are shown; empty for a simple attribute. */
  readonly parts: readonly ShownPart[];
}

/** Everything that is shown, in the order of the schemas. */
export interface RepresentationShape {
  /** Common and core attributes but for `schemas`, `id` and `meta`. */
  readonly core: readonly ShownAttribute[];
  readonly extensions: readonly {
    readonly uri: string;
    readonly attributes: readonly ShownAttribute[];
  }[];
  readonly meta: ShownAttribute | undefined;
}

const shapesOfType = new WeakMap<ResourceType, WeakMap<Projection, RepresentationShape>>();

/** The shape of a resource type under a projection. */
export function representationShapeOf(
  resourceType: ResourceType,
  wanted: Projection,
): RepresentationShape {
  const projection = wanted.kind === "default" ? defaultProjection : wanted;
  const shapes = shapesOfType.get(resourceType) ?? new WeakMap<Projection, RepresentationShape>();
  const known = shapes.get(projection);
  if (known !== undefined) {
    return known;
  }
  const shape = makeShape(resourceType, projection);
  shapesOfType.set(resourceType, shapes.set(projection, shape));
  return shape;
}

/** Tells whether the values of an attribute are no part of the stored attributes. */
export function isRelated({ stored }: Pick<ShownAttribute, "stored">): boolean {
  return stored !== "inline";
}

function makeShape(resourceType: ResourceType, projection: Projection): RepresentationShape {
  const paths = projection.kind === "default" ? [] : projection.paths;
  const selection = attributeSelectionOf(projection.kind, paths);
  const core = coreAttributesOf(resourceType);
  const [meta] = shownOf(
    core.filter(({ name }) => name === "meta"),
    selection,
  );
  return {
    core: shownOf(
      core.filter(({ name }) => !hasItsOwnPlace.has(name)),
      selection,
    ),
    extensions: resourceType.extensions.map(({ schema }) => ({
      uri: schema.id,
      attributes: shownOf(schema.attributes, selection, schema.id),
    })),
    meta,
  };
}

/** Attributes that have a place of their own in the representation. */
const hasItsOwnPlace: ReadonlySet<string> = new Set(["schemas", "id", "meta"]);

function shownOf(
  attributes: readonly Attribute[],
  selection: AttributeSelection,
  extension?: string,
): readonly ShownAttribute[] {
  return attributes.flatMap((attribute) => {
    const parts = selection.partsShown(attribute, extension);
    return parts === undefined ? [] : [shownAttribute(attribute, parts)];
  });
}

function shownAttribute(attribute: Attribute, parts: readonly Attribute[]): ShownAttribute {
  return {
    name: attribute.name,
    isComplex: attribute.type === "complex",
    stored: attribute.stored ?? "inline",
    parts: parts.map((part) => ({
      name: part.name,
      referenceTypes: isDerivedReference(attribute, part) ? resourceTypesOf(part) : undefined,
    })),
  };
}
