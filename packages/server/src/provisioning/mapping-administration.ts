/** Group mappings as operators make, change and remove them; each change can be asked about first. */
import type { Circumstances } from "../domain/audit-entry.ts";
import { cleanText } from "../domain/clean-text.ts";
import type { Connection } from "../domain/connection.ts";
import { roleNamed } from "../domain/find-role.ts";
import { liveTeamNamed } from "../domain/find-team.ts";
import type { GroupMapping, GroupPattern } from "../domain/group-mapping.ts";
import { checkedPattern, patternOfText } from "../domain/group-mapping.ts";
import type { AccessPreview, MappingOutcome, MappingWish } from "../domain/mapping-change.ts";
import type { MappingText } from "../domain/mapping-text.ts";
import { refusal } from "../domain/refusal.ts";
import type { Team } from "../domain/team.ts";
import type { ConnectionId, MappingId, Tenant } from "../domain/tenant.ts";
import type { TenantSettings } from "../domain/tenant-settings.ts";
import type { Store } from "../store/store.ts";
import { newId } from "./new-id.ts";

/** What there is in a tenant to make mappings of. */
export interface MappingGround {
  readonly tenant: Tenant;
  readonly settings: TenantSettings;
  readonly teams: readonly Team[];
  readonly connections: readonly Connection[];
}

/** Reads it. */
export async function mappingGroundOf(
  store: Pick<Store, "memberships" | "teams" | "connections">,
  tenant: Tenant,
): Promise<MappingGround> {
  const { tenantId, slug } = tenant;
  const [settings, teams, connections] = await Promise.all([
    store.memberships.settings(tenantId),
    store.teams.list(tenantId),
    store.connections.list(tenantId),
  ]);
  if (settings === undefined) {
    throw refusal(`tenant ${slug} is gone`);
  }
  return { tenant, settings, teams, connections };
}

/** Runs the check of a part of a text, so that whoever sent it learns which part is wrong. */
export type CheckPart = <Value>(part: string, check: () => Value) => Value;

/** Reads a mapping that is written down; refuses what the tenant does not have. */
export function parseMapping(
  { groups, team, role, connection }: MappingText,
  { tenant, settings, teams, connections }: MappingGround,
  { nowMs, checked }: { readonly nowMs: number; readonly checked: CheckPart },
): GroupMapping {
  const teamId =
    team === undefined ? undefined : checked("team", () => liveTeamNamed(team, teams).teamId);
  return {
    tenantId: tenant.tenantId,
    mappingId: newId() as MappingId,
    connectionId: checked("connection", () => connectionNamed(connection, connections)),
    pattern: checked(groups.by, () => patternOf(groups)),
    teamId,
    role: checked("role", () => roleNamed(role, teamId, settings)),
    version: 1,
    created: new Date(nowMs).toISOString(),
  };
}

function patternOf({ by, text }: MappingText["groups"]): GroupPattern {
  return by === "pattern"
    ? patternOfText(text)
    : checkedPattern({ kind: by === "group" ? "name" : "id", text });
}

function connectionNamed(
  slug: string | undefined,
  connections: readonly Connection[],
): ConnectionId | undefined {
  const found = connections.find((connection) => connection.slug === slug);
  if (slug !== undefined && found === undefined) {
    const others = connections.map((connection) => connection.slug).join(", ");
    throw refusal(
      `the tenant has no connection "${cleanText(slug, 64)}"; it has: ${others === "" ? "none" : others}`,
    );
  }
  return found?.connectionId;
}

/** A change that was made. */
export interface ChangedMapping {
  readonly mapping: GroupMapping;
  readonly preview: AccessPreview;
}

/** Changes mappings; with the token of a preview only while the change does what was shown. */
export async function changeMapping(
  { mappings }: Pick<Store, "mappings">,
  tenant: Tenant,
  { wish, token }: { readonly wish: MappingWish; readonly token: string | undefined },
  circumstances: Circumstances,
): Promise<ChangedMapping> {
  const mode = { kind: "apply", token } as const;
  const outcome = await mappings.change(tenant.tenantId, wish, mode, circumstances);
  if (outcome.kind === "done") {
    return outcome;
  }
  if (outcome.kind === "moved") {
    throw refusal("the facts have moved; ask for a new preview", "facts-moved");
  }
  throw mappingRefusal(outcome, tenant, wish);
}

/** Tells what a change would do, and changes nothing. */
export async function previewMapping(
  { mappings }: Pick<Store, "mappings">,
  tenant: Tenant,
  wish: MappingWish,
  circumstances: Circumstances,
): Promise<AccessPreview> {
  const mode = { kind: "preview" } as const;
  const outcome = await mappings.change(tenant.tenantId, wish, mode, circumstances);
  if (outcome.kind === "preview") {
    return outcome.preview;
  }
  throw mappingRefusal(outcome, tenant, wish);
}

function mappingRefusal(outcome: MappingOutcome, { slug }: Tenant, wish: MappingWish): Error {
  switch (outcome.kind) {
    case "taken":
      return refusal(`tenant ${slug} has the same mapping already: ${outcome.by}`);
    case "no-role":
      return refusal(`there is no such role; expected one of ${outcome.roles.join(", ")}`);
    case "stale":
      return refusal("somebody else has changed the mapping: look at it again", "stale");
    case "gone":
      return refusal(
        outcome.what === "mapping" && wish.kind !== "add"
          ? `tenant ${slug} has no mapping ${cleanText(wish.mappingId, 64)}`
          : `the ${outcome.what} is gone or archived`,
      );
    case "preview":
    case "done":
    case "moved":
      return new TypeError(`a change that is ${outcome.kind} is no refusal`);
  }
}
