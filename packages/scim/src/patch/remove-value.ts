/** The `remove` operation on one target (RFC 7644 §3.5.2.2). */
import { ScimError } from "../errors.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import { isJsonObject, memberOf } from "../json.ts";
import { withoutDecorations } from "../resource/element-identity.ts";
import { checkImmutable, checkImmutableParts } from "../resource/enforce-mutability.ts";
import type { AttributeReading } from "../resource/read-value.ts";
import { readOneValue, readParts } from "../resource/read-value.ts";
import type { Attribute } from "../schema/attribute.ts";
import { withPart } from "./assign-value.ts";
import type { AttributeTarget } from "./select-targets.ts";
import { elementsOf, selectElements } from "./select-targets.ts";

/**
 * The value of the target's attribute afterwards; undefined when it is unassigned. Removing what is not there is
 * no change. Throws `mutability` when a required or immutable attribute would lose its value.
 */
export function removeValue(
  target: AttributeTarget,
  existing: JsonValue | undefined,
  value: JsonValue | undefined,
  reading: AttributeReading,
): JsonValue | undefined {
  const { attribute, path } = target;
  const left = valueLeft(target, existing, value, reading);
  if (left === undefined && attribute.required) {
    throw new ScimError("mutability", `${path} is required; it cannot be removed`);
  }
  checkImmutable(attribute, existing, left, path);
  if (!attribute.multiValued) {
    checkImmutableParts(attribute, existing, left, path);
  }
  return left;
}

function valueLeft(
  target: AttributeTarget,
  existing: JsonValue | undefined,
  value: JsonValue | undefined,
  reading: AttributeReading,
): JsonValue | undefined {
  const { attribute, subAttribute, filter } = target;
  if (!attribute.multiValued) {
    return subAttribute === undefined ? undefined : withoutPart(target, subAttribute, existing);
  }
  const elements = elementsOf(existing);
  const selected = selectElements(target, elements, reading);
  if (subAttribute !== undefined) {
    return listLeft(
      elements.flatMap((element) =>
        selected.has(element) ? (withoutPart(target, subAttribute, element) ?? []) : [element],
      ),
    );
  }
  if (filter !== undefined) {
    return listLeft(elements.filter((element) => !selected.has(element)));
  }
  // Interop: Entra, authentik and JumpCloud list the values to remove in `value`; to remove all of them instead
  // would take everybody's access away (entra-legacy.json, authentik.json).
  return value === undefined || value === null
    ? undefined
    : listLeft(withoutListed(target, elements, value, reading));
}

function listLeft(elements: readonly JsonValue[]): JsonValue | undefined {
  return elements.length === 0 ? undefined : elements;
}

function withoutPart(
  { attribute, path }: AttributeTarget,
  subAttribute: Attribute,
  existing: JsonValue | undefined,
): JsonObject | undefined {
  if (!isJsonObject(existing)) {
    return undefined;
  }
  const part = memberOf(existing, subAttribute.name);
  if (part === undefined) {
    return existing;
  }
  if (subAttribute.required) {
    throw new ScimError("mutability", `${path} is required; it cannot be removed`);
  }
  checkImmutable(subAttribute, part, undefined, path);
  return withPart(attribute, existing, subAttribute.name, undefined);
}

/** The elements without those that a value names: by `value` (and `type` if it gives one), else by all it says. */
function withoutListed(
  target: AttributeTarget,
  elements: readonly JsonValue[],
  value: JsonValue,
  reading: AttributeReading,
): readonly JsonValue[] {
  const { attribute } = target;
  const byValue = new Map<JsonValue, Set<JsonValue | undefined>>();
  const byOthers: Criteria = new Map();
  for (const listed of elementsOf(value)) {
    const form = criterionOf(target, listed, reading);
    const named = isJsonObject(form) ? memberOf(form, "value") : form;
    if (named !== undefined) {
      const type = isJsonObject(form) ? memberOf(form, "type") : undefined;
      byValue.set(named, (byValue.get(named) ?? new Set()).add(type));
    } else if (isJsonObject(form) && Object.keys(form).length > 0) {
      addCriterion(byOthers, form);
    }
  }
  return elements.filter((element) => {
    const form = reading.comparison.formOf(attribute, element);
    const types = byValue.get(isJsonObject(form) ? (memberOf(form, "value") ?? null) : form);
    const type = isJsonObject(form) ? memberOf(form, "type") : undefined;
    return !(
      types?.has(undefined) === true ||
      types?.has(type) === true ||
      (isJsonObject(form) && satisfiesAny(form, byOthers))
    );
  });
}

/** What a listed value says about the elements it means, in comparison form; undefined when it says nothing. */
function criterionOf(
  { attribute, path }: AttributeTarget,
  listed: JsonValue,
  reading: AttributeReading,
): JsonValue | undefined {
  if (attribute.type !== "complex") {
    const element = readOneValue(attribute, listed, path, reading);
    return element === undefined ? undefined : reading.comparison.formOf(attribute, element);
  }
  const parts = readParts(attribute, listed, path, reading);
  const said: Record<string, JsonValue> = {};
  for (const [{ name }, part] of parts ?? []) {
    if (part !== undefined) {
      said[name] = part;
    }
  }
  const distinguishing = withoutDecorations(said);
  const criterion = Object.keys(distinguishing).length > 0 ? distinguishing : said;
  const form = reading.comparison.formOf(attribute, criterion);
  // The comparison form says `primary: false` of a value that does not say so itself.
  return isJsonObject(form)
    ? Object.fromEntries(Object.entries(form).filter(([name]) => Object.hasOwn(criterion, name)))
    : form;
}

/** What lists of sub-attributes say, by their names: one look-up for each list of names, however many values it has. */
type Criteria = Map<string, { readonly names: readonly string[]; readonly texts: Set<string> }>;

function addCriterion(criteria: Criteria, criterion: JsonObject): void {
  const names = Object.keys(criterion).sort();
  const key = names.join();
  const same = criteria.get(key) ?? { names, texts: new Set() };
  same.texts.add(textOf(criterion, names));
  criteria.set(key, same);
}

function satisfiesAny(form: JsonObject, criteria: Criteria): boolean {
  return [...criteria.values()].some(({ names, texts }) => texts.has(textOf(form, names)));
}

function textOf(form: JsonObject, names: readonly string[]): string {
  return JSON.stringify(names.map((name) => memberOf(form, name) ?? null));
}
