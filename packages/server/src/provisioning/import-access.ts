/** Imports what says who may do what: teams, group mappings, and roles given by hand. */
import type { JsonObject } from "@rollcall/scim";
import { isJsonObject, memberOf } from "@rollcall/scim";
import { checkedName } from "../domain/checked-name.ts";
import { roleNamed } from "../domain/find-role.ts";
import { teamNamed } from "../domain/find-team.ts";
import type { GroupPattern } from "../domain/group-mapping.ts";
import { checkedPattern, patternOfText } from "../domain/group-mapping.ts";
import { isRefusal, refusal } from "../domain/refusal.ts";
import type { Team, TeamGroup } from "../domain/team.ts";
import type { ConnectionId, MappingId, TeamId, TenantId } from "../domain/tenant.ts";
import type { TenantSettings } from "../domain/tenant-settings.ts";
import { neededText, switchOf, textOf } from "./import-line.ts";
import { fulfilLine } from "./import-person.ts";
import { checkedId } from "./import-resource.ts";
import type { ImportOutcome, ImportParts, ImportPlace } from "./import-site.ts";
import { connectionOf, tenantOf } from "./import-site.ts";
import { newId } from "./new-id.ts";
import { archiveTeam, renameTeam } from "./team-administration.ts";

/**
 * Imports a team: the one with its id, else the live one of its name, is brought to what the line says. One that follows a
 * group is put in archived, and comes back with that group.
 */
export async function importTeam(
  content: JsonObject,
  place: ImportPlace,
  parts: ImportParts,
): Promise<ImportOutcome> {
  const { store, circumstances, now, dryRun } = parts;
  const tenant = tenantOf(place);
  const { tenantId } = tenant;
  const name = checkedName(neededText(content, "name").trim());
  const isArchived = switchOf(content, "archived") ?? false;
  const group = await groupOf(content, place, parts);
  const id = checkedId(textOf(content, "id"));
  const known = await knownTeam({ id, name, isArchived }, tenantId, parts);
  if (known !== undefined) {
    return await changedTeam(known, { name, isArchived }, place, parts);
  }
  if (dryRun) {
    return "created";
  }
  const at = new Date(now()).toISOString();
  const team: Team = {
    tenantId,
    teamId: (id ?? newId()) as TeamId,
    name,
    group,
    created: at,
    archived: isArchived || group !== undefined ? at : undefined,
    ...(switchOf(content, "namedByHand") === true ? { namedByHand: true } : {}),
    ...(switchOf(content, "archivedByHand") === true ? { archivedByHand: true } : {}),
  };
  const outcome = await store.teams.create(team, circumstances);
  if (outcome.kind !== "done") {
    throw refusal("name: a live team has it already");
  }
  return "created";
}

async function groupOf(
  content: JsonObject,
  place: ImportPlace,
  parts: ImportParts,
): Promise<TeamGroup | undefined> {
  const group = memberOf(content, "group");
  if (!isJsonObject(group)) {
    return undefined;
  }
  const { connectionId } = await connectionOf(place, textOf(group, "connection"), parts);
  return { connectionId, groupId: neededText(group, "id") };
}

async function knownTeam(
  {
    id,
    name,
    isArchived,
  }: { readonly id: string | undefined; readonly name: string; readonly isArchived: boolean },
  tenantId: TenantId,
  { store }: ImportParts,
): Promise<Team | undefined> {
  const teams = await store.teams.list(tenantId);
  const byId = teams.find(({ teamId }) => teamId === id);
  if (byId !== undefined || (isArchived && id !== undefined)) {
    return byId;
  }
  return found(() => teamNamed(name, teams));
}

function found(find: () => Team): Team | undefined {
  try {
    return find();
  } catch (error) {
    if (!isRefusal(error)) {
      throw error;
    }
    return undefined;
  }
}

/** What follows a group is as that is. */
async function changedTeam(
  known: Team,
  wanted: { readonly name: string; readonly isArchived: boolean },
  place: ImportPlace,
  { store, circumstances, dryRun }: ImportParts,
): Promise<ImportOutcome> {
  const tenant = tenantOf(place);
  const isNamed = known.name === wanted.name;
  const isSame = isNamed && (known.archived !== undefined) === wanted.isArchived;
  if (isSame || known.group !== undefined) {
    return "unchanged";
  }
  if (!dryRun) {
    const team = isNamed
      ? known
      : await renameTeam(store, tenant, { team: known, name: wanted.name }, circumstances);
    await archiveTeam(store, tenant, { team, isArchived: wanted.isArchived }, circumstances);
  }
  return "changed";
}

/** Imports a mapping; one that is there already is no change. */
export async function importMapping(
  content: JsonObject,
  place: ImportPlace,
  parts: ImportParts,
): Promise<ImportOutcome> {
  const { store, circumstances, now, dryRun } = parts;
  const tenant = tenantOf(place);
  const { tenantId } = tenant;
  const pattern = patternIn(content);
  if (dryRun) {
    neededText(content, "role");
    return "created";
  }
  const teamId = await teamIdIn(content, tenantId, parts);
  const role = roleNamed(neededText(content, "role"), teamId, await settingsOf(tenantId, parts));
  const connectionId = await connectionIdIn(content, place, parts);
  const mappingId = newId() as MappingId;
  const created = new Date(now()).toISOString();
  const mapping = { tenantId, mappingId, connectionId, pattern, teamId, role, version: 1, created };
  const outcome = await store.mappings.change(
    tenantId,
    { kind: "add", mapping, mayBeIdle: true },
    { kind: "apply", token: undefined },
    circumstances,
  );
  switch (outcome.kind) {
    case "done":
      return "created";
    case "taken":
      return "unchanged";
    default:
      throw refusal(`the mapping cannot be made: ${outcome.kind}`);
  }
}

const patternKinds = ["id", "name", "prefix", "regex"] as const;

/** With `by` exactly that; else as on the command line. */
function patternIn(content: JsonObject): GroupPattern {
  const text = neededText(content, "pattern");
  const by = textOf(content, "by");
  if (by === undefined) {
    return patternOfText(text);
  }
  const kind = patternKinds.find((known) => known === by);
  if (kind === undefined) {
    throw refusal(`by: expected one of ${patternKinds.join(", ")}`);
  }
  return checkedPattern({ kind, text });
}

async function connectionIdIn(
  content: JsonObject,
  place: ImportPlace,
  parts: ImportParts,
): Promise<ConnectionId | undefined> {
  const name = textOf(content, "connection");
  return name === undefined ? undefined : (await connectionOf(place, name, parts)).connectionId;
}

/** The team of a line: by its id or name, else by the name that it had where the line comes from. */
async function teamIdIn(
  content: JsonObject,
  tenantId: TenantId,
  { store }: ImportParts,
): Promise<TeamId | undefined> {
  const text = textOf(content, "team");
  if (text === undefined) {
    return undefined;
  }
  const teams = await store.teams.list(tenantId);
  const byName = textOf(content, "teamName");
  const team = found(() => teamNamed(text, teams));
  return (team ?? teamNamed(byName ?? text, teams)).teamId;
}

async function settingsOf(
  tenantId: TenantId,
  { store: { memberships } }: ImportParts,
): Promise<TenantSettings> {
  const settings = await memberships.settings(tenantId);
  if (settings === undefined) {
    throw refusal("the tenant is gone");
  }
  return settings;
}

/** Imports a role given by hand, in the tenant or in a team, be it archived. */
export async function importGrant(
  content: JsonObject,
  place: ImportPlace,
  parts: ImportParts,
): Promise<ImportOutcome> {
  const { tenantId } = tenantOf(place);
  const text = neededText(content, "role");
  if (parts.dryRun) {
    return "changed";
  }
  const teamId = await teamIdIn(content, tenantId, parts);
  const role = roleNamed(text, teamId, await settingsOf(tenantId, parts));
  return await fulfilLine({ kind: "grant", teamId, role }, content, place, parts);
}
