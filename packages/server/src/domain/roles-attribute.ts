/** The SCIM attribute `roles` in all the shapes clients send it, and the tenant role it comes to (RFC 7643 §4.1.2). */
import type { JsonObject, JsonValue } from "@rollcall/scim";
import { fold, isJsonArray, isJsonObject, memberOf } from "@rollcall/scim";
import type { TenantSettings } from "./tenant-settings.ts";

/** One value of the attribute. */
interface RoleValue {
  readonly text: string;
  readonly isPrimary: boolean;
}

/** What the roles of a tenant depend on. */
type RoleSettings = Pick<TenantSettings, "roles" | "defaultRole" | "roleMapping">;

/** Lists in objects in texts in objects in a list: nobody sends more, and the text of a value may be deeper than a body. */
const depthMax = 6;

/**
 * Finds the tenant role that the attribute comes to: the highest one that its values stand for, those marked primary
 * first, and the default role when they stand for none. Undefined when there are no values.
 */
export function roleOfRoles(
  roles: JsonValue | undefined,
  settings: RoleSettings,
): string | undefined {
  const values = roles === undefined ? [] : valuesIn(roles, depthMax);
  if (values.length === 0) {
    return undefined;
  }
  const primary = highestOf(
    values.filter(({ isPrimary }) => isPrimary),
    settings,
  );
  return primary ?? highestOf(values, settings) ?? settings.defaultRole;
}

/** The place of a role among those of the tenant: 0 is the highest; one that the tenant does not have is below all. */
export function roleRank(role: string, roles: readonly string[]): number {
  const rank = roles.indexOf(role);
  return rank < 0 ? roles.length : rank;
}

function highestOf(values: readonly RoleValue[], settings: RoleSettings): string | undefined {
  const ranks = values
    .flatMap(({ text }) => mappedRoleOf(fold(text.trim()), settings) ?? [])
    .map((role) => roleRank(role, settings.roles));
  return settings.roles[Math.min(...ranks)];
}

/** The role a folded value stands for. */
function mappedRoleOf(
  value: string,
  { roles, roleMapping }: Pick<RoleSettings, "roles" | "roleMapping">,
): string | undefined {
  if (Object.hasOwn(roleMapping, value)) {
    return roleMapping[value];
  }
  // The owner role is not given by name: it takes a mapping that an operator has written.
  return roles.slice(1).find((role) => fold(role) === value);
}

function valuesIn(value: JsonValue, depth: number): readonly RoleValue[] {
  if (depth === 0) {
    return [];
  }
  if (isJsonArray(value)) {
    return value.flatMap((element) => valuesIn(element, depth - 1));
  }
  if (isJsonObject(value)) {
    return valuesOfObject(value, depth);
  }
  return typeof value === "string" && value.trim() !== "" ? valuesOfText(value, depth) : [];
}

/** What an object is called is looked at only where it has no value. */
function valuesOfObject(object: JsonObject, depth: number): readonly RoleValue[] {
  const names = ["value", "display", "displayName"];
  const found = names
    .map((name) => valuesIn(memberOf(object, name) ?? null, depth - 1))
    .find((values) => values.length > 0);
  return isTrue(memberOf(object, "primary"))
    ? (found ?? []).map(({ text }) => ({ text, isPrimary: true }))
    : (found ?? []);
}

/** Interop: Entra sends the role it assigns as the text of a JSON object, `{"id":…,"value":…}` (no recorded flow). */
function valuesOfText(text: string, depth: number): readonly RoleValue[] {
  const inside = /^\s*[{[]/.test(text) ? parsedOf(text) : undefined;
  return inside === undefined ? [{ text, isPrimary: false }] : valuesIn(inside, depth - 1);
}

/** Undefined for a text that only looks like JSON: then it is the value itself. */
function parsedOf(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) {
      return undefined;
    }
    throw error;
  }
}

function isTrue(primary: JsonValue | undefined): boolean {
  return primary === true || (typeof primary === "string" && fold(primary) === "true");
}
