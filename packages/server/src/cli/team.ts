/** `rollcall team`: makes, lists, renames, archives and restores teams of a tenant. */
import { teamJsonOf } from "../admin-contract/teams.ts";
import type { Instance } from "../compose.ts";
import { teamNamed } from "../domain/find-team.ts";
import type { Team } from "../domain/team.ts";
import type { Tenant } from "../domain/tenant.ts";
import type { Call, Command } from "./command.ts";
import { findTenant } from "./find-connection.ts";
import { formatTable } from "./format-table.ts";

const shared = { options: [], usedBy: "all", folder: "need" } as const;

/** The commands. */
export const teamCommands: readonly Command[] = [
  {
    ...shared,
    usage: "team create <tenant> <name>",
    summary: "make a team: a unit of the application in which members have roles",
    run: createTeam,
  },
  {
    ...shared,
    usage: "team list <tenant>",
    summary: "list the teams of a tenant, archived ones too",
    run: listTeams,
  },
  {
    ...shared,
    usage: "team rename <tenant> <team> [name]",
    summary: "give a team another name, or have one that follows a group called as that again",
    run: renameTeam,
  },
  {
    ...shared,
    usage: "team archive <tenant> <team>",
    summary: "put a team away: nobody has a role in it until it is restored",
    run: (call) => archiveTeam(call, true),
  },
  {
    ...shared,
    usage: "team restore <tenant> <team>",
    summary: "have an archived team back, with what it gave",
    run: (call) => archiveTeam(call, false),
  },
];

async function createTeam(call: Call): Promise<number> {
  const { store, access } = await call.open();
  const [slug = "", name = ""] = call.args;
  const team = await access.createTeam(await findTenant(store, slug), name);
  call.answer(teamJsonOf(team, new Map()), [`Team ${team.name} is there: ${team.teamId}`]);
  return 0;
}

async function listTeams(call: Call): Promise<number> {
  const { store } = await call.open();
  const { tenantId } = await findTenant(store, call.args[0] ?? "");
  const slugs = await slugsOf(store, tenantId);
  const listed = (await store.teams.list(tenantId)).map((team) => teamJsonOf(team, slugs));
  call.answer(
    listed,
    formatTable(
      ["TEAM", "NAME", "STATE", "GROUP", "CREATED"],
      listed.map(({ id, name, archivedAt, group, createdAt }) => [
        id,
        name,
        archivedAt === null ? "live" : `archived ${archivedAt}`,
        group === null ? undefined : `${group.connection}/${group.groupId}`,
        createdAt,
      ]),
    ),
  );
  return 0;
}

async function renameTeam(call: Call): Promise<number> {
  const { tenant, team, instance } = await named(call);
  const renamed = await instance.access.renameTeam(tenant, { team }, call.args[2]);
  return await answer(call, renamed, instance, `Team ${team.name} is called ${renamed.name} now.`);
}

async function archiveTeam(call: Call, isArchived: boolean): Promise<number> {
  const { tenant, team, instance } = await named(call);
  const saved = await instance.access.archiveTeam(tenant, { team }, isArchived);
  const sentence = isArchived
    ? `Team ${team.name} is archived: nobody has a role in it.`
    : `Team ${team.name} is live.`;
  return await answer(call, saved, instance, sentence);
}

interface NamedTeam {
  readonly tenant: Tenant;
  readonly team: Team;
  readonly instance: Instance;
}

async function named(call: Call): Promise<NamedTeam> {
  const instance = await call.open();
  const { store } = instance;
  const [slug = "", name = ""] = call.args;
  const tenant = await findTenant(store, slug);
  return { tenant, team: teamNamed(name, await store.teams.list(tenant.tenantId)), instance };
}

async function answer(
  call: Call,
  team: Team,
  { store }: Instance,
  sentence: string,
): Promise<number> {
  call.answer(teamJsonOf(team, await slugsOf(store, team.tenantId)), [sentence]);
  return 0;
}

async function slugsOf(
  { connections }: Instance["store"],
  tenantId: Tenant["tenantId"],
): Promise<ReadonlyMap<string, string>> {
  const all = await connections.list(tenantId);
  return new Map(all.map(({ connectionId, slug }) => [connectionId, slug]));
}
