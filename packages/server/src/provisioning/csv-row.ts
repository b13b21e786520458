/** Makes the object of a line out of a row of CSV: the header names attributes. */
import type { JsonObject, JsonValue } from "@rollcall/scim";
import { isJsonObject } from "@rollcall/scim";

/** Attributes of which a cell may have several values, with semicolons between them. */
const multiValued: ReadonlySet<string> = new Set(["emails", "phoneNumbers", "roles"]);
/** Lists of names, with semicolons between them. */
const lists: ReadonlySet<string> = new Set(["members", "groups"]);
/** Attributes that are true or false. */
const switches: ReadonlySet<string> = new Set(["active", "emailVerified", "hasLogin"]);

/**
 * Makes the object. Empty cells say nothing. `name.givenName` is a sub-attribute, a URN before the last colon an
 * extension; of several values the first is the primary one.
 */
export function objectOfRow(row: Readonly<Record<string, string>>): JsonObject {
  const object: Record<string, JsonValue> = {};
  for (const [column, cell] of Object.entries(row)) {
    if (cell.trim() !== "") {
      place(object, pathOf(column.trim()), valueIn(column.trim(), cell));
    }
  }
  return object;
}

function pathOf(column: string): readonly string[] {
  const colon = column.startsWith("urn:") ? column.lastIndexOf(":") : -1;
  const names = column.slice(colon + 1).split(".");
  return colon < 0 ? names : [column.slice(0, colon), ...names];
}

function valueIn(column: string, cell: string): JsonValue {
  if (switches.has(column)) {
    const word = cell.trim().toLowerCase();
    return word === "true" || word === "false" ? word === "true" : cell;
  }
  if (lists.has(column)) {
    return valuesIn(cell);
  }
  if (multiValued.has(column)) {
    return valuesIn(cell).map((value, index) => ({
      value,
      ...(index === 0 ? { primary: true } : {}),
    }));
  }
  return cell;
}

function valuesIn(cell: string): readonly string[] {
  return cell
    .split(";")
    .map((value) => value.trim())
    .filter((value) => value !== "");
}

function place(object: Record<string, JsonValue>, path: readonly string[], value: JsonValue): void {
  const [name = "", ...rest] = path;
  if (rest.length === 0) {
    // Defining a member, so that a name like __proto__ stays data.
    Object.defineProperty(object, name, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
    return;
  }
  const known = Object.hasOwn(object, name) ? object[name] : undefined;
  const inner: Record<string, JsonValue> = isJsonObject(known) ? { ...known } : {};
  place(inner, rest, value);
  place(object, [name], inner);
}
