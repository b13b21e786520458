/** What Microsoft Entra ID needs beyond the defaults. */
import type { JsonObject, JsonValue } from "../json.ts";
import { isJsonArray, isJsonObject, memberOf } from "../json.ts";
import type { BodyRewrite, ClientProfile } from "./client-profile.ts";

const enterpriseUri = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const misspeltUri = "urn:ietf:params:scim:schemas:extension:enterprise:2.0User";

/**
 * Puts the missing colon into the URI of the Enterprise User extension, in `schemas` and as a name.
 * Interop: Entra sends `…enterprise:2.0User` (entra-legacy.json, create-user-with-nulls-and-bad-extension-urn).
 */
export const mendEnterpriseUri: BodyRewrite = {
  name: "mend-enterprise-uri",
  rewrite: (body) => {
    const schemas = memberOf(body, "schemas");
    const inSchemas = isJsonArray(schemas) && schemas.includes(misspeltUri);
    // Beside the right name the misspelt one stays, to be dropped with a warning: of two neither replaces the other.
    const isMended =
      memberOf(body, misspeltUri) !== undefined && memberOf(body, enterpriseUri) === undefined;
    if (!inSchemas && !isMended) {
      return body;
    }
    // fromEntries defines members instead of assigning them, so that a name like __proto__ stays data.
    return Object.fromEntries(
      Object.entries(body).map(([name, value]) => [
        isMended && name === misspeltUri ? enterpriseUri : name,
        name === "schemas" ? mendSchemas(value) : value,
      ]),
    );
  },
};

function mendSchemas(schemas: JsonValue): JsonValue {
  return isJsonArray(schemas)
    ? [...new Set(schemas.map((uri) => (uri === misspeltUri ? enterpriseUri : uri)))]
    : schemas;
}

/**
 * Takes the one element out of a list that stands for the manager.
 * Interop: Entra sends `path: "manager"` with `[{"$ref": …, "value": …}]` (entra-legacy.json, manager-as-string-and-array).
 */
export const unwrapManagerList: BodyRewrite = {
  name: "unwrap-manager-list",
  rewrite: (body, method) => {
    const operations = memberOf(body, "Operations");
    if (method !== "PATCH" || !isJsonArray(operations) || !operations.some(hasManagerList)) {
      return body;
    }
    return {
      ...body,
      Operations: operations.map((operation) =>
        hasManagerList(operation) ? { ...operation, value: operation.value[0] } : operation,
      ),
    };
  },
};

function hasManagerList(
  operation: JsonValue,
): operation is JsonObject & { readonly value: readonly [JsonObject] } {
  if (!isJsonObject(operation)) {
    return false;
  }
  const path = memberOf(operation, "path");
  const value = memberOf(operation, "value");
  return (
    typeof path === "string" &&
    /(^|:)manager$/i.test(path) &&
    isJsonArray(value) &&
    value.length === 1 &&
    isJsonObject(value[0])
  );
}

/**
 * Microsoft Entra ID. Interop: Entra searches before it creates and its validator wants 409 for a duplicate
 * (entra-modern.json, create-user-conflict); its externalId need not be unique; extension attributes come without their
 * URN (entra-modern.json, reference-check-query); a PATCH of a group wants 204 (entra-modern.json, group-membership).
 */
export const entraProfile: ClientProfile = {
  name: "entra",
  title: "Microsoft Entra ID",
  settings: {
    adoption: "never",
    uniqueExternalId: false,
    groupPatchAnswer: "204",
    unqualifiedExtensionNames: true,
  },
  rewrites: [mendEnterpriseUri, unwrapManagerList],
};
