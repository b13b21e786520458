/** Connections: one client (IdP) of one tenant, its client profile and its settings. */
import type {
  ClientProfileName,
  ClientSettings,
  ResourceType,
  ResourceTypeRegistry,
} from "@rollcall/scim";
import { clientProfileNamed, clientSettingsOf } from "@rollcall/scim";
import type { ConnectionId, Scope, TenantId } from "./tenant.ts";

/** One client (IdP) of one tenant. */
export interface Connection {
  readonly tenantId: TenantId;
  readonly connectionId: ConnectionId;
  /** Unique in the tenant; what the CLI calls the connection. */
  readonly slug: string;
  readonly name: string;
  readonly profile: ClientProfileName;
  /** Where the connection differs from its profile. */
  readonly settings: Partial<ClientSettings>;
  readonly disabled: boolean;
  /** Whether what the client sends is stored, and gives nobody anything yet. */
  readonly staged: boolean;
  /** Attribute paths, by resource type, that the operator wants an index for beside those of the type. */
  readonly indexPaths?: Readonly<Record<string, readonly string[]>>;
  /** xsd:dateTime in UTC. */
  readonly created: string;
}

/** What became of staging a connection: `live` where a User of it is tied to an account, or about to be. */
export type StagingOutcome = "done" | "gone" | "live";

/** The scope of a connection. */
export function scopeOf({ tenantId, connectionId }: Connection): Scope {
  return { tenantId, connectionId };
}

/** The settings a connection works with: the defaults, then its profile, then its own. */
export function connectionSettingsOf({
  profile,
  settings,
}: Pick<Connection, "profile" | "settings">): ClientSettings {
  return clientSettingsOf(clientProfileNamed(profile), settings);
}

/** The unique keys of one resource type that hold under some settings. */
export interface UniqueKeyPaths {
  readonly resourceType: ResourceType;
  readonly paths: readonly string[];
}

/** Lists, by resource type, which unique keys hold under the settings. */
export function uniqueKeyPathsOf(
  settings: ClientSettings,
  { resourceTypes }: Pick<ResourceTypeRegistry, "resourceTypes">,
): readonly UniqueKeyPaths[] {
  const switches = new Map<string, unknown>(Object.entries(settings));
  return resourceTypes.map((resourceType) => ({
    resourceType,
    paths: resourceType.uniqueKeys
      .filter(({ setting }) => setting === undefined || switches.get(setting) === true)
      .map(({ path }) => path),
  }));
}
