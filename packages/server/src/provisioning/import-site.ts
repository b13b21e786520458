/** What an import works with, and which tenant and connection its lines are about. */
import type { ResourceTypeRegistry, TakeTurn } from "@rollcall/scim";
import type { Circumstances } from "../domain/audit-entry.ts";
import type { Connection } from "../domain/connection.ts";
import { refusal } from "../domain/refusal.ts";
import type { Tenant } from "../domain/tenant.ts";
import type { Store } from "../store/store.ts";

/** What an import works with. */
export interface ImportParts {
  readonly store: Store;
  readonly registry: ResourceTypeRegistry;
  /** The SCIM base URL that clients use. */
  readonly baseUrl: string;
  readonly now: () => number;
  /** In whose name everything is written. */
  readonly circumstances: Circumstances;
  readonly takeTurn: TakeTurn;
  /** Look at everything, write nothing. */
  readonly dryRun: boolean;
}

/** Where lines go that do not say it. */
export interface ImportPlace {
  /** The one that the operator has named, else that of the last line about a tenant. */
  tenant: Tenant | undefined;
  /** The one that the operator has named; lines about others name theirs. */
  readonly connection: Connection | undefined;
  /** Whether the operator has named the tenant, whatever the file says. */
  readonly isTenantGiven: boolean;
  /** Connections that were looked up, by their names. */
  readonly connections: Map<string, Connection>;
}

/** What one line came to. */
export type ImportOutcome = "created" | "changed" | "unchanged";

/** The tenant of a line. */
export function tenantOf({ tenant }: ImportPlace): Tenant {
  if (tenant === undefined) {
    throw refusal("nobody has said which tenant this is about: give --tenant or --connection");
  }
  return tenant;
}

/** The connection of a line, by the name that it says. */
export async function connectionOf(
  place: ImportPlace,
  name: string | undefined,
  { store }: Pick<ImportParts, "store">,
): Promise<Connection> {
  if (name === undefined) {
    if (place.connection === undefined) {
      throw refusal("nobody has said which connection this is about: give --connection");
    }
    return place.connection;
  }
  const known = place.connections.get(name);
  if (known !== undefined) {
    return known;
  }
  const { tenantId, slug } = tenantOf(place);
  const found = await store.connections.bySlug(tenantId, name);
  if (found === undefined) {
    throw refusal(`tenant ${slug} has no such connection`);
  }
  place.connections.set(name, found);
  return found;
}
