/** Connections for tools that play clients: each has a population of its own on a server of the test. */
import type { ClientProfileName, ClientSettings } from "@rollcall/scim";
import {
  connectionSettingsOf,
  scopeOf,
  uniqueKeyPathsOf,
} from "../packages/server/src/domain/connection.ts";
import type { TestRollcall } from "./compose-for-tests.ts";

/** Makes a tenant with a connection of this profile, with settings of its own if told; answers with its token. */
export async function newProfileToken(
  server: TestRollcall,
  slug: string,
  profile: ClientProfileName,
  settings: Partial<ClientSettings> = {},
): Promise<string> {
  const tenant = await server.createTenant({ slug, name: undefined });
  const made = await server.createConnection({
    tenant,
    profile,
    slug: undefined,
    name: undefined,
  });
  const connection = { ...made, settings };
  const keyPaths = uniqueKeyPathsOf(connectionSettingsOf(connection), server.registry);
  await server.store.connections.save(connection, keyPaths, server.circumstances());
  return server.newToken(scopeOf(connection));
}
