/** What is left of an outbox event when the person it tells of is erased: ids, order, and who was active; no values. Pure. */
import type { JsonObject, JsonValue } from "@rollcall/scim";
import { isJsonObject, memberOf } from "@rollcall/scim";

/** Members without personal values: ids, versions, names of attributes, and what access came to. */
const keptMembers: ReadonlySet<string> = new Set([
  "id",
  "resourceType",
  "revision",
  "changed",
  "cause",
  "accountId",
  "isNewAccount",
  "accessRevision",
  "access",
  "leftRelationsOf",
]);

/** What a text is replaced by. */
export const erasedText = "(erased)";

/** Erases the values; what was erased before stays as it is. A member that is not known may be personal, and goes. */
export function erasedEventData(data: JsonObject): JsonObject {
  const members = Object.entries(data).flatMap(([name, value]): [string, JsonValue][] =>
    keptMembers.has(name) ? [[name, value]] : erasedMember(name, value),
  );
  return Object.fromEntries(members);
}

function erasedMember(name: string, value: JsonValue): [string, JsonValue][] {
  if (name === "resource" && isJsonObject(value)) {
    // Whoever folds the events still has to know who is active.
    const active = memberOf(value, "active");
    return [[name, typeof active === "boolean" ? { active } : {}]];
  }
  // As if the application had never set its own id.
  if (name === "ref") {
    return [[name, null]];
  }
  return typeof value === "string" ? [[name, erasedText]] : [];
}
