/** Teams of a tenant in the admin API. */
import { z } from "zod";
import type { Team } from "../domain/team.ts";
import { nameSchema } from "./names.ts";
import type { Operation, Page, PageQuery } from "./operation.ts";
import {
  named,
  noBody,
  noQuery,
  pageOf,
  pageQuery,
  timeOrNullSchema,
  timeSchema,
} from "./operation.ts";

/** A team as the command line and the admin API show it. */
export interface TeamJson {
  readonly id: string;
  readonly name: string;
  readonly archived: boolean;
  readonly archivedAt: string | null;
  /** The group that it was made for. */
  readonly group: { readonly connection: string; readonly groupId: string } | null;
  /** What of a team that follows a group people have decided, so that no sync changes it. */
  readonly byHand: { readonly name: boolean; readonly archived: boolean };
  readonly createdAt: string;
}

/** Shows a team; `slugs` are those of connections by their ids. */
export function teamJsonOf(team: Team, slugs: ReadonlyMap<string, string>): TeamJson {
  const { teamId, name, group, archived, created, namedByHand, archivedByHand } = team;
  return {
    id: teamId,
    name,
    archived: archived !== undefined,
    archivedAt: archived ?? null,
    group:
      group === undefined
        ? null
        : {
            connection: slugs.get(group.connectionId) ?? group.connectionId,
            groupId: group.groupId,
          },
    byHand: { name: namedByHand === true, archived: archivedByHand === true },
    createdAt: created,
  };
}

const teamSchema: z.ZodType<TeamJson> = named(
  "Team",
  z.object({
    id: z.string(),
    name: z.string().describe("Of those that are not archived no two have one name"),
    archived: z.boolean().describe("Whether it is put away: nobody has a role in it"),
    archivedAt: timeOrNullSchema,
    group: z
      .object({ connection: z.string(), groupId: z.string() })
      .nullable()
      .describe("The group that it was made for and follows; null for one that somebody made"),
    byHand: z
      .object({ name: z.boolean(), archived: z.boolean() })
      .describe(
        "Whether people have named or archived one that follows a group: no sync undoes it",
      ),
    createdAt: timeSchema,
  }),
);

/** What a new team shall be called. */
export interface TeamCreation {
  readonly name: string;
}

const teamCreationSchema: z.ZodType<TeamCreation> = named(
  "TeamCreation",
  z.strictObject({ name: nameSchema }),
);

/** What shall be different about a team. */
export interface TeamPatch {
  /** Null: as its group. */
  readonly name?: string | null | undefined;
  readonly archived?: boolean | undefined;
}

const teamPatchSchema: z.ZodType<TeamPatch> = named(
  "TeamPatch",
  z.strictObject({
    name: nameSchema
      .nullable()
      .optional()
      .describe("Null: a team that follows a group is called as that again"),
    archived: z.boolean().optional().describe("Put it away, or have it back with what it gave"),
  }),
);

const path = "/tenants/{tenant}/teams";
const one = `${path}/{team}` as const;
const shared = { noun: "teams", scope: "tenant", query: noQuery } as const;
const taken = "Another team has the name, or the team is the defaultTeam of the tenant";

/** Lists teams. */
export const listTeams: Operation<PageQuery, undefined, Page<TeamJson>> = {
  ...shared,
  operationId: "listTeams",
  method: "GET",
  path,
  summary: "List the teams of a tenant, archived ones too, oldest first",
  query: pageQuery,
  body: noBody,
  statuses: [200],
  answer: pageOf("TeamPage", teamSchema),
};

/** Makes a team. */
export const createTeam: Operation<object, TeamCreation, TeamJson> = {
  ...shared,
  operationId: "createTeam",
  method: "POST",
  path,
  summary: "Make a team: a unit of the application in which members have roles",
  body: teamCreationSchema,
  statuses: [201],
  answer: teamSchema,
  conflict: "Another team has the name",
};

/** Reads a team. */
export const readTeam: Operation<object, undefined, TeamJson> = {
  ...shared,
  operationId: "readTeam",
  method: "GET",
  path: one,
  summary: "Read a team",
  body: noBody,
  statuses: [200],
  answer: teamSchema,
  versionOf: "the team",
};

/** Changes a team. */
export const changeTeam: Operation<object, TeamPatch, TeamJson> = {
  ...shared,
  operationId: "changeTeam",
  method: "PATCH",
  path: one,
  summary: "Give a team another name, archive it or restore it",
  body: teamPatchSchema,
  statuses: [200],
  answer: teamSchema,
  conflict: taken,
  versionOf: "the team",
};
