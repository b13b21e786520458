/** Resolves attribute notation against a resource type (RFC 7644 §3.10). */
import type { Attribute } from "../schema/attribute.ts";
import type { ResourceType } from "../schema/resource-type.ts";
import { coreAttributesOf } from "../schema/resource-type.ts";
import type { Schema } from "../schema/schema.ts";
import { attributeNamed } from "../schema/schema.ts";
import type { AttributePath, ResolvedPath } from "./attribute-path.ts";

/** How names are looked up. */
export interface NameResolution {
  /** Also find extension attributes that are written without their URN. */
  readonly unqualifiedExtensionNames: boolean;
}

/**
 * Finds the definitions a path names, ignoring case; undefined when the resource type does not know it. The URI of the
 * base schema alone resolves to a path without extension and attribute: the resource itself.
 */
export function resolveAttributePath(
  path: AttributePath,
  resourceType: ResourceType,
  resolution: NameResolution,
): ResolvedPath | undefined {
  const owner = ownerOf(path, resourceType, resolution);
  if (owner === undefined) {
    return undefined;
  }
  const extension = owner === resourceType.schema ? undefined : owner.id;
  if (path.attribute === undefined) {
    return { extension, attribute: undefined, subAttribute: undefined };
  }
  const attribute = attributeNamed(attributesOf(owner, resourceType), path.attribute);
  if (attribute === undefined || path.subAttribute === undefined) {
    return attribute && { extension, attribute, subAttribute: undefined };
  }
  const subAttribute = attributeNamed(attribute.subAttributes, path.subAttribute);
  return subAttribute && { extension, attribute, subAttribute };
}

/** The schema that defines what the path names; the base schema stands for the common attributes too. */
function ownerOf(
  path: AttributePath,
  resourceType: ResourceType,
  resolution: NameResolution,
): Schema | undefined {
  const { schema, extensions } = resourceType;
  if (path.schema !== undefined) {
    const uri = path.schema.toLowerCase();
    return [schema, ...extensions.map((extension) => extension.schema)].find(
      ({ id }) => id.toLowerCase() === uri,
    );
  }
  const name = path.attribute;
  if (name === undefined) {
    return undefined;
  }
  const isCore = attributeNamed(coreAttributesOf(resourceType), name) !== undefined;
  if (isCore || !resolution.unqualifiedExtensionNames) {
    return isCore ? schema : undefined;
  }
  const owners = extensions.filter(
    (extension) => attributeNamed(extension.schema.attributes, name) !== undefined,
  );
  // A name that two extensions define means neither.
  return owners.length === 1 ? owners[0]?.schema : undefined;
}

function attributesOf(owner: Schema, resourceType: ResourceType): readonly Attribute[] {
  return owner === resourceType.schema ? coreAttributesOf(resourceType) : owner.attributes;
}

/** The path as a client would write it in full, for messages and keys: `name.familyName`, `urn:…:manager.value`. */
export function formatResolvedPath(path: ResolvedPath): string {
  const names = [path.attribute, path.subAttribute].flatMap((attribute) => attribute?.name ?? []);
  return [path.extension, names.join(".")].filter(Boolean).join(":");
}
