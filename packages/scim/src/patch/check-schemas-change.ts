/** Operations on `schemas` (RFC 7644 §3.5.2): it follows from the data, so they have no effect, or are refused. */
import { ScimError } from "../errors.ts";
import type { JsonValue } from "../json.ts";
import { isJsonArray } from "../json.ts";
import { checkSchemas } from "../resource/check-schemas.ts";
import type { AttributeReading } from "../resource/read-value.ts";
import type { ResourceType } from "../schema/resource-type.ts";
import type { PatchOperation } from "./patch-op.ts";
import type { AttributeTarget } from "./select-targets.ts";
import { selectElements } from "./select-targets.ts";

/** Refuses to take the base schema away (`mutability`) and, strictly, a URI that the resource type does not have. */
export function checkSchemasChange(
  op: PatchOperation["op"],
  target: AttributeTarget,
  value: JsonValue | undefined,
  resourceType: ResourceType,
  reading: AttributeReading,
): void {
  const base = resourceType.schema.id;
  const uris = isJsonArray(value) ? value : [value ?? null];
  const namesBase = uris.some(
    (uri) => typeof uri === "string" && uri.toLowerCase() === base.toLowerCase(),
  );
  if (op === "remove") {
    const isSelected = selectElements(target, [base], reading).size > 0;
    const isListed = target.filter === undefined && isJsonArray(value) && !namesBase;
    if (isSelected && !isListed) {
      throw new ScimError("mutability", `schemas: ${base} cannot be removed`);
    }
  } else {
    if (op === "replace" && !namesBase && target.filter === undefined) {
      throw new ScimError("mutability", `schemas: ${base} cannot be removed`);
    }
    checkSchemas([base, ...uris], resourceType, reading);
  }
  if (op !== "add") {
    reading.notes.sentences.add("schemas follow from the data of a resource and were not changed");
  }
}
