/** Reads the values of settings, as the command line and the admin API send them: what does not fit is refused. Pure. */
import type { JsonObject, JsonValue } from "@rollcall/scim";
import { fold, isJsonArray, isJsonObject } from "@rollcall/scim";
import { checkedName } from "./checked-name.ts";
import { cleanText } from "./clean-text.ts";
import { refusal } from "./refusal.ts";

/** The longest that a tenant keeps audit entries and mails, in days. */
const retentionDaysMax = 36_500;

/** The longest text of a setting, in characters. */
const lineLengthMax = 64;

/** Reads on or off. */
export function readSwitch(key: string, value: JsonValue): boolean {
  const word = typeof value === "string" ? value.toLowerCase() : value;
  if (word === true || word === "on" || word === "true") {
    return true;
  }
  if (word === false || word === "off" || word === "false") {
    return false;
  }
  throw refusal(`${key}: expected on or off`);
}

/** Reads a text of one line, with nothing in it that cannot be seen. */
export function readLine(key: string, value: JsonValue): string {
  const isGood =
    typeof value === "string" && cleanText(value) === value && [...value].length <= lineLengthMax;
  if (!isGood) {
    throw refusal(`${key}: expected up to ${lineLengthMax} characters, none of them invisible`);
  }
  return value;
}

/** Reads roles in their order, the highest first. */
export function readRoles(key: "roles" | "teamRoles", value: JsonValue): readonly string[] {
  const names = isJsonArray(value) ? value : typeof value === "string" ? value.split(",") : [];
  const roles = names.map((name) => readRoleName(key, name));
  const different = new Set(roles.map(fold)).size;
  if (roles.length < 2 || different < roles.length) {
    throw refusal(
      `${key}: expected two roles or more, all different, the highest first: ${exampleRoles[key]}`,
    );
  }
  return roles;
}

const exampleRoles = { roles: "owner,user", teamRoles: "editor,viewer" } as const;

function readRoleName(key: "roles" | "teamRoles", name: JsonValue): string {
  if (typeof name !== "string" || /[,=]/.test(name)) {
    throw refusal(`${key}: expected names without commas and equals signs`);
  }
  return checkedName(name.trim());
}

/** Reads one of some roles, whatever its letter case. */
export function readRole(
  value: JsonValue,
  { key, roles }: { readonly key: string; readonly roles: readonly string[] },
): string {
  const folded = typeof value === "string" ? fold(value.trim()) : undefined;
  const role = roles.find((known) => fold(known) === folded);
  if (role === undefined) {
    throw refusal(`${key}: expected one of the roles ${roles.join(", ")}`);
  }
  return role;
}

/** Reads which role a value stands for. */
export function readRoleMapping(
  value: JsonValue,
  roles: readonly string[],
): Readonly<Record<string, string>> {
  const entries = typeof value === "string" ? mappingEntriesOf(value) : value;
  if (!isJsonObject(entries)) {
    throw refusal("roleMapping: expected VALUE=ROLE separated by commas, or a JSON object");
  }
  const pairs = Object.entries(entries).map(
    ([from, role]) => [fold(from.trim()), readRole(role, { key: "roleMapping", roles })] as const,
  );
  const isClear = new Map(pairs).size === pairs.length && pairs.every(([from]) => from !== "");
  if (!isClear) {
    throw refusal("roleMapping: expected values that are not blank and differ in more than case");
  }
  // fromEntries defines members instead of assigning them, so that a name like __proto__ stays data.
  return Object.fromEntries(pairs);
}

/** `Staff=user,Global Admin=admin`, or the text of a JSON object. */
function mappingEntriesOf(text: string): JsonObject {
  if (text.trim().startsWith("{")) {
    return parsedObject(text);
  }
  const pairs = text.split(",").map((pair) => {
    const equals = pair.lastIndexOf("=");
    return [pair.slice(0, Math.max(equals, 0)), pair.slice(equals + 1)] as const;
  });
  const values = pairs.map(([from]) => fold(from.trim()));
  if (new Set(values).size < values.length) {
    throw refusal("roleMapping: expected each value once");
  }
  return Object.fromEntries(pairs);
}

function parsedObject(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    if (isJsonObject(value)) {
      return value;
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) {
      throw error;
    }
  }
  throw refusal('roleMapping: expected a JSON object such as {"Global Admin": "admin"}');
}

/** Reads a number of days. */
export function readDays(key: string, value: JsonValue): number {
  const isWritten = typeof value === "string" && /^\d{1,6}$/.test(value);
  const days = isWritten ? Number(value) : value;
  const isGood = typeof days === "number" && Number.isSafeInteger(days);
  if (!isGood || days < 1 || days > retentionDaysMax) {
    throw refusal(`${key}: expected a whole number from 1 to ${retentionDaysMax}`);
  }
  return days;
}
