/** Shows members with what they may do: the names of teams, connections and groups are read once and kept for all of them. */
import type { JsonValue, ResourceTypeRegistry } from "@rollcall/scim";
import { memberOf } from "@rollcall/scim";
import type {
  AccessNames,
  AccessRow,
  GroupOfConnection,
  ShownGrant,
} from "../domain/access-row.ts";
import { accessRowsOf, grantRowsOf, groupKeyOf, groupsBehind } from "../domain/access-row.ts";
import { teamNamesOf } from "../domain/find-team.ts";
import type { Member } from "../domain/member.ts";
import { refusal } from "../domain/refusal.ts";
import type { Tenant } from "../domain/tenant.ts";
import type { TenantSettings } from "../domain/tenant-settings.ts";
import type { Store } from "../store/store.ts";

/** Shows members of one tenant. */
export interface AccessView {
  readonly settings: TenantSettings;
  /** Their effective access, in their order. */
  rowsOf(members: readonly Member[]): Promise<readonly AccessRow[]>;
  /** All grants of one, effective or not. */
  grantsOf(member: Member): Promise<readonly ShownGrant[]>;
}

/** What it reads from. */
export interface AccessViewParts {
  readonly store: Pick<Store, "memberships" | "teams" | "connections" | "resources">;
  readonly registry: ResourceTypeRegistry;
}

/** Opens it, as things are called at present. */
export async function openAccessView(
  { store, registry }: AccessViewParts,
  { tenantId, slug }: Tenant,
): Promise<AccessView> {
  const [settings, teams, connections] = await Promise.all([
    store.memberships.settings(tenantId),
    store.teams.list(tenantId),
    store.connections.list(tenantId),
  ]);
  if (settings === undefined) {
    throw refusal(`tenant ${slug} is gone`);
  }
  const groups = new Map<string, string>();
  const names: AccessNames = {
    teams: teamNamesOf(teams),
    connections: new Map(
      connections.map(({ connectionId, slug: connection }) => [connectionId, connection]),
    ),
    groups,
  };
  const group = registry.resourceTypes.find(({ name }) => name === "Group");
  const addNames = async (members: readonly Member[]): Promise<void> => {
    for (const one of groupsBehind(members).filter((known) => !groups.has(groupKeyOf(known)))) {
      const name = await nameOf(one);
      if (name !== undefined) {
        groups.set(groupKeyOf(one), name);
      }
    }
  };
  const nameOf = async ({
    connectionId,
    groupId,
  }: GroupOfConnection): Promise<string | undefined> => {
    const scope = { tenantId, connectionId };
    const read = group && (await store.resources.read(scope, group, groupId, []));
    return read && textOf(memberOf(read.attributes, "displayName"));
  };
  return {
    settings,
    rowsOf: async (members) => {
      await addNames(members);
      return members.flatMap((member) => accessRowsOf(member, settings, names));
    },
    grantsOf: async (member) => {
      await addNames([member]);
      return grantRowsOf(member, settings, names);
    },
  };
}

function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}
