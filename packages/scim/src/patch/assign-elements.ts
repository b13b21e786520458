/** Gives values to the elements that a path selects (RFC 7644 §3.5.2.1, §3.5.2.3). */
import { ScimError } from "../errors.ts";
import type { JsonValue } from "../json.ts";
import { isJsonArray, isJsonObject } from "../json.ts";
import { isDistinguishing, mergeDuplicates } from "../resource/element-identity.ts";
import { checkImmutableParts } from "../resource/enforce-mutability.ts";
import { checkPrimary, withNewPrimary } from "../resource/primary-value.ts";
import type { AttributeReading } from "../resource/read-value.ts";
import { expectedKind, readOneValue } from "../resource/read-value.ts";
import { wrongKindError } from "../resource/wrong-kind.ts";
import type { Assignment } from "./assign-value.ts";
import { assignPart, mergeParts } from "./assign-value.ts";
import { newElement } from "./new-element.ts";
import type { AttributeTarget } from "./select-targets.ts";
import { elementsOf, selectElements } from "./select-targets.ts";

/**
 * The elements of a multi-valued attribute after `add` or `replace` on those that the target selects. When it selects
 * none, strict reading throws `noTarget`; lenient reading makes the element that the filter describes.
 */
export function assignElements(
  target: AttributeTarget,
  existing: JsonValue | undefined,
  assignment: Assignment,
  reading: AttributeReading,
): JsonValue | undefined {
  const { attribute, subAttribute, path } = target;
  const { after, changed } = changedElements(target, elementsOf(existing), assignment, reading);
  if (after.length === 0 && attribute.required) {
    throw wrongKindError(path, assignment.value, `${expectedKind(attribute)}, it is required`);
  }
  checkPrimary([...changed], path);
  const elements = withNewPrimary(after, (element) => changed.has(element));
  if (elements.length === 0) {
    return undefined;
  }
  return subAttribute === undefined || isDistinguishing(subAttribute.name)
    ? mergeDuplicates(attribute, elements, reading.comparison)
    : elements;
}

/** All elements afterwards, and among them the ones that are new or not what they were. */
function changedElements(
  target: AttributeTarget,
  elements: readonly JsonValue[],
  assignment: Assignment,
  reading: AttributeReading,
) {
  const selected = selectElements(target, elements, reading);
  const changed = new Set<JsonValue>();
  const after: JsonValue[] = [];
  const append = (element: JsonValue, isNew: boolean): void => {
    after.push(element);
    if (isNew) {
      changed.add(element);
    }
  };
  for (const element of elements) {
    const next = selected.has(element)
      ? assignElement(target, element, assignment, reading)
      : element;
    if (next !== undefined) {
      append(next, next !== element);
    }
  }
  if (selected.size === 0 && (assignment.value !== null || reading.strict)) {
    append(createdElement(target, assignment, reading), true);
  }
  return { after, changed };
}

/** One selected element afterwards; undefined when nothing is left of it. */
function assignElement(
  { attribute, subAttribute, path }: AttributeTarget,
  element: JsonValue,
  assignment: Assignment,
  reading: AttributeReading,
): JsonValue | undefined {
  if (subAttribute !== undefined) {
    return assignPart(attribute, subAttribute, element, assignment, reading);
  }
  const value = onlyElement(assignment.value);
  if (value === null) {
    return assignment.op === "add" ? element : undefined;
  }
  if (assignment.op === "add" && isJsonObject(element)) {
    return mergeParts(attribute, element, { ...assignment, value }, reading);
  }
  const whole = readOneValue(attribute, value, path, reading);
  checkImmutableParts(attribute, element, whole, path);
  return whole;
}

/** Interop: Entra relies on it for every valuePath (entra-modern.json, the validator's "add attributes verbose"). */
function createdElement(
  target: AttributeTarget,
  assignment: Assignment,
  reading: AttributeReading,
): JsonValue {
  const value = onlyElement(assignment.value);
  const element = reading.strict
    ? undefined
    : newElement(target, { ...assignment, value }, reading);
  if (element === undefined) {
    throw new ScimError(
      "noTarget",
      `${target.path}: the path selects no value; expected one that it selects`,
    );
  }
  return element;
}

/** A list of one stands for its element. */
function onlyElement(value: JsonValue): JsonValue {
  return isJsonArray(value) && value.length === 1 ? (value[0] ?? null) : value;
}
