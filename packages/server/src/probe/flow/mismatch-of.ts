/** Compares an answer with what a recorded flow expects: objects and arrays match as subsets. */
import { refusal } from "../../domain/refusal.ts";

/** Says where an answer differs from what is expected; undefined when it does not. Refuses a matcher that there is not. */
export function mismatchOf(expected: unknown, actual: unknown, at = "body"): string | undefined {
  if (Array.isArray(expected)) {
    return arrayMismatch(expected, actual, at);
  }
  if (typeof expected !== "object" || expected === null) {
    return expected === actual ? undefined : `${at} is ${shown(actual)}, not ${shown(expected)}`;
  }
  const [[first, argument] = ["", undefined]] = Object.entries(expected);
  if (first.startsWith("$") && first !== "$ref") {
    return matcherMismatch(first, argument, actual, at);
  }
  if (typeof actual !== "object" || actual === null) {
    return `${at} is ${shown(actual)}, not an object`;
  }
  const members: ReadonlyMap<string, unknown> = new Map(Object.entries(actual));
  return firstOf(
    Object.entries(expected).map(([name, value]) =>
      mismatchOf(value, members.get(name), `${at}.${name}`),
    ),
  );
}

/** Each expected element needs an element of its own. */
function arrayMismatch(
  expected: readonly unknown[],
  actual: unknown,
  at: string,
): string | undefined {
  if (!Array.isArray(actual)) {
    return `${at} is ${shown(actual)}, not an array`;
  }
  const unused = [...actual];
  for (const element of expected) {
    const index = unused.findIndex((one) => mismatchOf(element, one) === undefined);
    if (index < 0) {
      return `${at} has no element like ${shown(element)}: ${shown(actual)}`;
    }
    unused.splice(index, 1);
  }
  return undefined;
}

/** What an array is for the matchers that look into one. */
function elementsOf(actual: unknown): readonly unknown[] {
  return Array.isArray(actual) ? actual : [];
}

const matchers: Readonly<Record<string, (argument: unknown, actual: unknown) => boolean>> = {
  $absent: (_, actual) => actual === undefined,
  $present: (_, actual) => actual !== undefined && actual !== null,
  $emptyOrAbsent: (_, actual) =>
    actual === undefined || (Array.isArray(actual) && actual.length === 0),
  $type: (type, actual) => (Array.isArray(actual) ? "array" : typeof actual) === type,
  $len: (length, actual) => Array.isArray(actual) && actual.length === length,
  $ieq: (text, actual) => String(actual).toLowerCase() === String(text).toLowerCase(),
  $matches: (pattern, actual) => new RegExp(String(pattern)).test(String(actual)),
  $none: (unwanted, actual) =>
    elementsOf(actual).every((one) => mismatchOf(unwanted, one) !== undefined),
  $anyOf: (alternatives, actual) =>
    elementsOf(alternatives).some((one) => mismatchOf(one, actual) === undefined),
};

function matcherMismatch(
  name: string,
  argument: unknown,
  actual: unknown,
  at: string,
): string | undefined {
  const matches = matchers[name];
  if (matches === undefined) {
    throw refusal(`${name} is no matcher`);
  }
  return matches(argument, actual)
    ? undefined
    : `${at} is ${shown(actual)}, which ${name} ${shown(argument)} refuses`;
}

function firstOf(mismatches: readonly (string | undefined)[]): string | undefined {
  return mismatches.find((mismatch) => mismatch !== undefined);
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? "absent").slice(0, 300);
}
