/** When two values of a multi-valued attribute are the same one (RFC 7643 §2.4). */
import { comparisonFormOfValue } from "../filter/comparison-form.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import { isJsonArray, isJsonObject, memberOf } from "../json.ts";
import type { Attribute } from "../schema/attribute.ts";

/** Sub-attributes that say nothing about which value it is. */
const decorations: ReadonlySet<string> = new Set(["display", "$ref", "primary"]);

/** Looks at elements in comparison form; what it has seen once it remembers, because elements never change. */
export interface ElementComparison {
  /** The element in comparison form, for filters and criteria. */
  formOf(attribute: Attribute, element: JsonValue): JsonValue;
  /**
   * A text that is the same for two elements exactly when they stand for the same value: `value` and `type` where
   * there is a `value`, else all sub-attributes but `display`, `$ref` and `primary`, by the case rules of the schema.
   */
  identityOf(attribute: Attribute, element: JsonValue): string;
}

/** Starts with nothing seen. */
export function createElementComparison(): ElementComparison {
  const forms = new WeakMap<JsonObject, JsonValue>();
  const identities = new WeakMap<JsonObject, string>();
  const formOf = (attribute: Attribute, element: JsonValue): JsonValue =>
    remembered(forms, element, () => comparisonFormOfValue(attribute, element));
  const identityOf = (attribute: Attribute, element: JsonValue): string =>
    remembered(identities, element, () => elementIdentityOf(formOf(attribute, element)));
  return { formOf, identityOf };
}

function remembered<T>(seen: WeakMap<JsonObject, T>, element: JsonValue, compute: () => T): T {
  if (!isJsonObject(element)) {
    return compute();
  }
  const known = seen.get(element);
  if (known !== undefined) {
    return known;
  }
  const computed = compute();
  seen.set(element, computed);
  return computed;
}

function elementIdentityOf(form: JsonValue): string {
  if (!isJsonObject(form)) {
    return sortedText(form);
  }
  const value = memberOf(form, "value");
  return value === undefined
    ? sortedText(withoutDecorations(form))
    : sortedText([value, memberOf(form, "type") ?? null]);
}

/** Tells whether a sub-attribute can make two elements the same or different ones. */
export function isDistinguishing(name: string): boolean {
  return !decorations.has(name);
}

/** The existing element with what the given copy of it changes; the existing one itself when that is nothing. */
export function mergedElement(existing: JsonValue, given: JsonValue): JsonValue {
  if (!isJsonObject(existing) || !isJsonObject(given)) {
    return existing;
  }
  const additions = withoutDecorations(given);
  const primary = memberOf(given, "primary") === true && memberOf(existing, "primary") !== true;
  return { ...existing, ...additions, ...(primary ? { primary } : {}) };
}

/** The elements without repetitions: later copies are merged into the first one. */
export function mergeDuplicates(
  attribute: Attribute,
  elements: readonly JsonValue[],
  comparison: ElementComparison,
): readonly JsonValue[] {
  if (elements.length < 2) {
    return elements;
  }
  const byIdentity = new Map<string, JsonValue>();
  for (const element of elements) {
    const identity = comparison.identityOf(attribute, element);
    const first = byIdentity.get(identity);
    byIdentity.set(identity, first === undefined ? element : mergedElement(first, element));
  }
  return byIdentity.size === elements.length ? elements : [...byIdentity.values()];
}

/** An element without the sub-attributes that say nothing about which value it is. */
export function withoutDecorations(element: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(element).filter(([name]) => isDistinguishing(name)));
}

function sortedText(value: JsonValue): string {
  if (isJsonArray(value)) {
    return `[${value.map(sortedText).join()}]`;
  }
  if (!isJsonObject(value)) {
    return JSON.stringify(value);
  }
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${sortedText(memberOf(value, name) ?? null)}`).join()}}`;
}
