/** Equality of JSON values (RFC 8259): the order of an object's names never matters, the order of elements does. */
import type { JsonObject, JsonValue } from "../json.ts";
import { isJsonArray, isJsonObject, memberOf } from "../json.ts";

/** Tells whether two values are the same. */
export function sameJson(left: JsonValue | undefined, right: JsonValue | undefined): boolean {
  if (left === right) {
    return true;
  }
  if (isJsonArray(left) && isJsonArray(right)) {
    return (
      left.length === right.length && left.every((value, index) => sameJson(value, right[index]))
    );
  }
  return isJsonObject(left) && isJsonObject(right) && sameNames(left, right);
}

function sameNames(left: JsonObject, right: JsonObject): boolean {
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every(
      (name) => Object.hasOwn(right, name) && sameJson(memberOf(left, name), memberOf(right, name)),
    )
  );
}
