/** Connections for tools that play clients: each has a population of its own on a server of the test. */
import type { ClientProfileName } from "@rollcall/scim";
import { scopeOf } from "../packages/server/src/domain/connection.ts";
import type { TestRollcall } from "./compose-for-tests.ts";

/** Makes a tenant with a connection of this profile; answers with its token. */
export async function newProfileToken(
  server: TestRollcall,
  slug: string,
  profile: ClientProfileName,
): Promise<string> {
  const tenant = await server.createTenant({ slug, name: undefined });
  const connection = await server.createConnection({
    tenant,
    profile,
    slug: undefined,
    name: undefined,
  });
  return server.newToken(scopeOf(connection));
}
