/** The first start on an empty database: a tenant, a connection and a token, so that a client can begin. */
import type { Connection } from "../domain/connection.ts";
import { scopeOf } from "../domain/connection.ts";
import { lifetimeDaysDefault } from "../domain/credential.ts";
import type { Store } from "../store/store.ts";
import type { Occasion } from "./create-connection.ts";
import { createConnection, newTenant } from "./create-connection.ts";
import type { IssuedCredential } from "./issue-credential.ts";
import { issueCredential } from "./issue-credential.ts";
import type { SecretHash } from "./secret-hash.ts";

/** What the first start made; the token is shown once. */
export interface FirstStart extends IssuedCredential {
  readonly connection: Connection;
}

/**
 * Makes tenant and connection `default` with a token, when there is no tenant at all; undefined otherwise, and for all
 * but one of those that start at the same moment: the name of the tenant is taken once.
 */
export async function firstStart(
  store: Store,
  secretHash: SecretHash,
  occasion: Occasion,
): Promise<FirstStart | undefined> {
  if ((await store.tenants.list()).length > 0) {
    return undefined;
  }
  const tenant = newTenant({ slug: "default", name: "Default" }, occasion.nowMs);
  if ((await store.tenants.create(tenant, occasion)) === "taken") {
    return undefined;
  }
  const connection = await createConnection(
    store,
    { tenant, profile: "generic", slug: "default", name: "Default" },
    occasion,
  );
  const issued = await issueCredential(
    store,
    secretHash,
    {
      scope: scopeOf(connection),
      name: "first start",
      lifetime: { kind: "days", days: lifetimeDaysDefault },
      scopes: ["scim:read", "scim:write"],
      cidrs: [],
      creator: "first-start",
    },
    occasion,
  );
  return { ...issued, connection };
}
