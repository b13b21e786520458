/** Gives resources a form in which what vectors do not care about makes no difference. */

/** Attributes a vector says nothing about. */
const unspoken = ["id", "meta", "schemas", "$ref", "groups", "password"];

/** Leaves out what is unspoken, null, empty or `primary: false`, and the order of values; members and manager count by value. */
export function comparable(value: unknown, name = ""): unknown {
  if (Array.isArray(value)) {
    const elements = value
      .map((element) => comparable(element, name === "members" ? "member" : ""))
      .filter((element) => element !== undefined)
      .map((element) => JSON.stringify(element))
      .toSorted();
    return elements.length === 0 ? undefined : elements;
  }
  if (typeof value !== "object" || value === null) {
    return value ?? undefined;
  }
  const members = Object.entries(value)
    .filter(([key]) => !unspoken.includes(key))
    .filter(([key]) => !["manager", "member"].includes(name) || key === "value")
    .map(([key, member]) => [key, comparable(member, key)] as const)
    .filter(([key, member]) => member !== undefined && !(key === "primary" && member === false))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return members.length === 0 ? undefined : Object.fromEntries(members);
}
