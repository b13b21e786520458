/** Applies one operation (RFC 7644 §3.5.2.1–3): finds what each part of it is about and hands it on. */
import { ScimError } from "../errors.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import { isJsonObject, memberOf } from "../json.ts";
import { extensionNamed } from "../resource/collect-body.ts";
import { isDerivedReference } from "../resource/derived-reference.ts";
import type { AttributeReading } from "../resource/read-value.ts";
import { readValue } from "../resource/read-value.ts";
import { printableName } from "../resource/reading-notes.ts";
import type { RelationStep } from "../resource/relation-delta.ts";
import { wrongKindError } from "../resource/wrong-kind.ts";
import type { ResourceType, SchemaExtension } from "../schema/resource-type.ts";
import { isComputed } from "../schema/schema.ts";
import { assignElements } from "./assign-elements.ts";
import type { AssigningOp } from "./assign-value.ts";
import { assignPart, assignValue } from "./assign-value.ts";
import { checkSchemasChange } from "./check-schemas-change.ts";
import type { PatchOperation, PatchPath, PatchReading } from "./patch-op.ts";
import { parsePatchPath } from "./patch-op.ts";
import { relationStepOf } from "./relation-step.ts";
import { removeValue } from "./remove-value.ts";
import type { AttributeTarget, SchemaTarget } from "./select-targets.ts";
import { elementsOf, selectTarget } from "./select-targets.ts";

/** What operations are applied with. */
export interface Patching {
  readonly resourceType: ResourceType;
  readonly names: PatchReading;
  readonly values: AttributeReading;
  /** Told how many values an operation looks at; throws when it is too many. */
  readonly countValues: (values: number) => void;
  /** Takes what an operation does to a relation. */
  readonly noteStep: (attribute: string, step: RelationStep) => void;
}

/** Common attributes that are ignored inside a value without path. Interop: Okta and authentik repeat them there (okta.json, authentik.json). */
const ignoredInValue: ReadonlySet<string> = new Set(["schemas", "id", "meta"]);

/** The attributes after the operation. */
export function applyOperation(
  { op, path, value }: PatchOperation,
  attributes: JsonObject,
  patching: Patching,
): JsonObject {
  if (path === undefined) {
    return op === "remove" ? attributes : applyObject(op, value, undefined, attributes, patching);
  }
  const target = selectTarget(path, patching.resourceType, patching.names);
  if (target === undefined) {
    return refuseUnknown(path, attributes, patching);
  }
  return target.kind === "schema"
    ? applyToSchema(op, target, value, attributes, patching)
    : applyToAttribute(op, target, value, attributes, patching);
}

/** Each attribute of an object, as if it stood in `path`; with `uri` those of one extension. */
function applyObject(
  op: AssigningOp,
  value: JsonValue | undefined,
  uri: string | undefined,
  attributes: JsonObject,
  patching: Patching,
): JsonObject {
  if (!isJsonObject(value)) {
    throw wrongKindError(uri ?? "value without path", value, "an object of attributes");
  }
  let patched = attributes;
  for (const [name, part] of Object.entries(value)) {
    const qualified = uri === undefined ? name : `${uri}:${name}`;
    const target = targetNamed(qualified, patching);
    if (target === undefined) {
      patching.values.notes.unknown.add(withoutFilter(qualified));
    } else if (target.kind === "schema") {
      patched = applyToSchema(op, target, part, patched, patching);
    } else if (target.extension !== undefined || !ignoredInValue.has(target.attribute.name)) {
      patched = applyToAttribute(op, target, part, patched, patching);
    }
  }
  return patched;
}

/**
 * The target of a name inside a value: an attribute, or any path. Interop: Entra sends dotted names, qualified names
 * and value paths there (entra-modern.json). What is not even a path is unknown, unless it has brackets.
 */
function targetNamed(
  name: string,
  { resourceType, names }: Patching,
): AttributeTarget | SchemaTarget | undefined {
  try {
    return selectTarget(parsePatchPath(name, names), resourceType, names);
  } catch (error) {
    if (error instanceof ScimError && !name.includes("[")) {
      return undefined;
    }
    throw error;
  }
}

function applyToSchema(
  op: PatchOperation["op"],
  { extension: uri }: SchemaTarget,
  value: JsonValue | undefined,
  attributes: JsonObject,
  patching: Patching,
): JsonObject {
  const extension = uri === undefined ? undefined : extensionNamed(patching.resourceType, uri);
  if (extension !== undefined && isComputed(extension.schema)) {
    throw new ScimError("mutability", `${uri} is readOnly; it cannot be changed`);
  }
  if (op === "remove" || (op === "replace" && value === null)) {
    if (extension === undefined) {
      const base = patching.resourceType.schema.id;
      throw new ScimError("mutability", `${base} is the base schema; it cannot be removed`);
    }
    return withoutExtension(extension, attributes);
  }
  return value === null ? attributes : applyObject(op, value, uri, attributes, patching);
}

function applyToAttribute(
  op: PatchOperation["op"],
  target: AttributeTarget,
  value: JsonValue | undefined,
  attributes: JsonObject,
  patching: Patching,
): JsonObject {
  const { attribute, subAttribute, extension, path } = target;
  const { resourceType, values, noteStep } = patching;
  if (extension === undefined && attribute.name === "schemas") {
    checkSchemasChange(op, target, value, resourceType, values);
    return attributes;
  }
  if (attribute.mutability === "readOnly" || subAttribute?.mutability === "readOnly") {
    throw new ScimError("mutability", `${path} is readOnly; it cannot be changed`);
  }
  if (attribute.stored === "relation") {
    const step = relationStepOf(op, target, value, values);
    if (step !== undefined) {
      noteStep(attribute.name, step);
    }
    return attributes;
  }
  if (isDropped(target)) {
    checkDropped(op, target, value, values);
    return attributes;
  }
  const container = containerOf(attributes, extension);
  const existing = memberOf(container, attribute.name);
  patching.countValues(elementsOf(existing).length);
  const next =
    op === "remove"
      ? removeValue(target, existing, value, values)
      : assigned(op, target, existing, value ?? null, values);
  return next === existing ? attributes : withValue(attributes, target, container, next);
}

function assigned(
  op: AssigningOp,
  target: AttributeTarget,
  existing: JsonValue | undefined,
  value: JsonValue,
  values: AttributeReading,
): JsonValue | undefined {
  const { attribute, subAttribute, filter, path } = target;
  const assignment = { op, value, path };
  if (attribute.multiValued && (subAttribute !== undefined || filter !== undefined)) {
    return assignElements(target, existing, assignment, values);
  }
  return subAttribute === undefined
    ? assignValue(attribute, existing, assignment, values)
    : assignPart(attribute, subAttribute, existing, assignment, values);
}

/** What is accepted and not stored: writeOnly attributes, and references that follow from their `value`. */
function isDropped({ attribute, subAttribute }: AttributeTarget): boolean {
  return (
    attribute.mutability === "writeOnly" ||
    subAttribute?.mutability === "writeOnly" ||
    (subAttribute !== undefined && isDerivedReference(attribute, subAttribute))
  );
}

function checkDropped(
  op: PatchOperation["op"],
  { attribute, subAttribute, path }: AttributeTarget,
  value: JsonValue | undefined,
  values: AttributeReading,
): void {
  if (op !== "remove") {
    readValue(subAttribute ?? attribute, value ?? null, path, values);
  }
  values.notes.notStored.add(path);
}

/** A name without the filter in it, which has values. */
function withoutFilter(name: string): string {
  const open = name.indexOf("[");
  return open === -1 ? name : `${name.slice(0, open)}${name.slice(name.lastIndexOf("]") + 1)}`;
}

function refuseUnknown(
  { path, subAttribute }: PatchPath,
  attributes: JsonObject,
  { names, values, resourceType }: Patching,
): JsonObject {
  const parts = [path.attribute, path.subAttribute, subAttribute];
  const attribute = parts.filter((name) => name !== undefined).join(".");
  const text = [path.schema, attribute].filter((name) => name !== undefined).join(":");
  if (names.strict) {
    const shown = printableName(text);
    throw new ScimError("invalidPath", `${shown}: no schema of ${resourceType.name} defines it`);
  }
  values.notes.unknown.add(text);
  return attributes;
}

function containerOf(attributes: JsonObject, extension: string | undefined): JsonObject {
  const container = extension === undefined ? attributes : memberOf(attributes, extension);
  return isJsonObject(container) ? container : {};
}

function withValue(
  attributes: JsonObject,
  { attribute, extension }: AttributeTarget,
  container: JsonObject,
  value: JsonValue | undefined,
): JsonObject {
  const changed = withOwn(container, attribute.name, value);
  return extension === undefined
    ? changed
    : withOwn(attributes, extension, Object.keys(changed).length === 0 ? undefined : changed);
}

/** Removes what a client may remove; readOnly values stay. */
function withoutExtension(
  { schema, required }: SchemaExtension,
  attributes: JsonObject,
): JsonObject {
  if (required) {
    throw new ScimError("mutability", `${schema.id} is required; it cannot be removed`);
  }
  const left: Record<string, JsonValue> = {};
  const container = containerOf(attributes, schema.id);
  for (const { name, mutability } of schema.attributes) {
    const value = memberOf(container, name);
    if (value !== undefined && mutability === "immutable") {
      throw new ScimError("mutability", `${schema.id}:${name} is immutable; it cannot be removed`);
    }
    if (value !== undefined && mutability === "readOnly") {
      left[name] = value;
    }
  }
  return withOwn(attributes, schema.id, Object.keys(left).length === 0 ? undefined : left);
}

function withOwn(object: JsonObject, name: string, value: JsonValue | undefined): JsonObject {
  if (value !== undefined) {
    return { ...object, [name]: value };
  }
  const { [name]: _removed, ...rest } = object;
  return rest;
}
