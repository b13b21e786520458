/** What a client may not change (RFC 7643 §7, RFC 7644 §3.5.1). */
import { ScimError } from "../errors.ts";
import { comparisonFormOfValue } from "../filter/comparison-form.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import { isJsonArray, isJsonObject, memberOf } from "../json.ts";
import type { Attribute } from "../schema/attribute.ts";
import type { ResourceType } from "../schema/resource-type.ts";
import { coreAttributesOf } from "../schema/resource-type.ts";
import { sameJson } from "./same-json.ts";
import type { ValidatedResource } from "./validate-resource.ts";
import { withDefaults } from "./validate-resource.ts";

/**
 * The attributes after a PUT: what was sent, plus what PUT keeps when left out (`keptByReplace`, readOnly, immutable
 * and writeOnly attributes), plus defaults. Throws `mutability` when an immutable value would change.
 */
export function replaceAttributes(
  before: JsonObject,
  sent: ValidatedResource,
  resourceType: ResourceType,
): JsonObject {
  const core = coreAttributesOf(resourceType);
  const after = replaced(core, before, sent.attributes, "", sent.present);
  for (const { schema } of resourceType.extensions) {
    const extension = replaced(
      schema.attributes,
      objectNamed(before, schema.id),
      objectNamed(sent.attributes, schema.id),
      `${schema.id}:`,
      sent.present,
    );
    if (Object.keys(extension).length > 0) {
      after[schema.id] = extension;
    }
  }
  return withDefaults(after, resourceType, before);
}

/** Throws `mutability` unless an immutable attribute gets its first value or the one it has (RFC 7643 §7). */
export function checkImmutable(
  attribute: Attribute,
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  path: string,
): void {
  if (
    attribute.mutability === "immutable" &&
    before !== undefined &&
    !sameByCaseRule(attribute, before, after)
  ) {
    throw new ScimError("mutability", `${path} is immutable and has a value; it cannot change`);
  }
}

/** Throws `mutability` when a value replaced by another loses or changes an immutable sub-attribute. */
export function checkImmutableParts(
  attribute: Attribute,
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  path: string,
): void {
  for (const subAttribute of attribute.subAttributes) {
    checkImmutable(
      subAttribute,
      isJsonObject(before) ? memberOf(before, subAttribute.name) : undefined,
      isJsonObject(after) ? memberOf(after, subAttribute.name) : undefined,
      `${path}.${subAttribute.name}`,
    );
  }
}

function replaced(
  attributes: readonly Attribute[],
  before: JsonObject,
  sent: JsonObject,
  prefix: string,
  present: ReadonlySet<string>,
): Record<string, JsonValue> {
  const after: Record<string, JsonValue> = {};
  for (const attribute of attributes) {
    const { name } = attribute;
    const old = memberOf(before, name);
    const given = memberOf(sent, name);
    const value =
      given === undefined
        ? leftOut(attribute, old, present.has(`${prefix}${name}`))
        : sentOver(attribute, old, given, `${prefix}${name}`);
    if (value !== undefined) {
      after[name] = value;
    }
  }
  return after;
}

/** The value of an attribute that a PUT does not give one; `cleared` when it says so explicitly (null, []). */
function leftOut(
  attribute: Attribute,
  old: JsonValue | undefined,
  cleared: boolean,
): JsonValue | undefined {
  if (attribute.mutability !== "readWrite" || (attribute.keptByReplace === true && !cleared)) {
    return old;
  }
  return immutablePartsOf(attribute, old);
}

function sentOver(
  attribute: Attribute,
  old: JsonValue | undefined,
  given: JsonValue,
  path: string,
): JsonValue {
  if (attribute.mutability === "immutable" && old !== undefined) {
    checkImmutable(attribute, old, given, path);
    return old;
  }
  if (!isJsonObject(given)) {
    return given;
  }
  const value = { ...immutablePartsOf(attribute, old), ...given };
  checkImmutableParts(attribute, old, value, path);
  return value;
}

/** What stays of a singular complex value that is replaced. */
function immutablePartsOf(
  attribute: Attribute,
  old: JsonValue | undefined,
): JsonObject | undefined {
  if (!isJsonObject(old)) {
    return undefined;
  }
  const parts = attribute.subAttributes.flatMap(({ name, mutability }) => {
    const part = mutability === "immutable" ? memberOf(old, name) : undefined;
    return part === undefined ? [] : [[name, part] as const];
  });
  return parts.length === 0 ? undefined : Object.fromEntries(parts);
}

function sameByCaseRule(
  attribute: Attribute,
  before: JsonValue,
  after: JsonValue | undefined,
): boolean {
  return after !== undefined && sameJson(formOf(attribute, before), formOf(attribute, after));
}

function formOf(attribute: Attribute, value: JsonValue): JsonValue {
  return isJsonArray(value)
    ? value.map((element) => comparisonFormOfValue(attribute, element))
    : comparisonFormOfValue(attribute, value);
}

function objectNamed(values: JsonObject, name: string): JsonObject {
  const value = memberOf(values, name);
  return isJsonObject(value) ? value : {};
}
