/** Grants of members, and the effective access of everybody, in the admin API. */
import { z } from "zod";
import type { AccessRow, AccessSource, ShownGrant } from "../domain/access-row.ts";
import type { RoleSettings } from "../domain/effective-access.ts";
import type { Member } from "../domain/member.ts";
import { accessOf } from "../domain/member-summary.ts";
import type { Team } from "../domain/team.ts";
import { targetNameOf } from "../domain/team.ts";
import { targetSchema } from "./mappings.ts";
import type { Operation, Page, PageQuery } from "./operation.ts";
import { named, noBody, noQuery, pageMembers, pageOf, pageQuery } from "./operation.ts";

const sourceMembers = {
  kind: z.enum(["manual", "group", "login", "roles", "default", "retained"]),
  role: z.string(),
  connection: z
    .string()
    .nullable()
    .describe("Of group and roles, the slug of the connection that it comes through"),
  groupId: z.string().nullable().describe("Of group, the id of the group that the mapping means"),
  group: z.string().nullable().describe("What the group is called"),
  mapping: z.string().nullable().describe("Of group and login, the id of the mapping"),
  user: z.string().nullable().describe("Of group and roles, the id of the User"),
  since: z.string().nullable().describe("Since when; null for what is derived"),
};

const sourceSchema: z.ZodType<AccessSource> = named("AccessSource", z.object(sourceMembers));

const rowSchema: z.ZodType<AccessRow> = named(
  "AccessRow",
  z.object({
    accountId: z.string(),
    email: z.string().nullable(),
    target: targetSchema,
    teamId: z.string().nullable().describe("Null for the tenant itself"),
    role: z.string().describe("The highest of what its sources give"),
    sources: z.array(sourceSchema),
  }),
);

const grantSchema: z.ZodType<ShownGrant> = named(
  "Grant",
  z.object({
    target: targetSchema,
    teamId: z.string().nullable().describe("Null for the tenant itself"),
    ...sourceMembers,
    effective: z.boolean(),
    why: z.string().describe("Where it comes from, or why it has no effect"),
  }),
);

/** The manual grant of somebody after a change. */
export interface ChangedGrantJson {
  readonly accountId: string;
  readonly email: string | null;
  readonly target: string;
  /** The role that takes effect there. */
  readonly role: string | null;
  /** The role that is given by hand there. */
  readonly manual: string | null;
  /** Whether anything is different from before. */
  readonly changed: boolean;
}

/** Shows it. */
export function changedGrantJsonOf(
  {
    member,
    settings,
    changed,
  }: { readonly member: Member; readonly settings: RoleSettings; readonly changed: boolean },
  team: Team | undefined,
): ChangedGrantJson {
  const { role, teams } = accessOf(member, settings);
  const inTeam = teams.find(({ teamId }) => teamId === team?.teamId)?.role;
  const manual = member.facts.grants.find(
    ({ source, teamId }) => source === "manual" && teamId === team?.teamId,
  );
  return {
    accountId: member.account.accountId,
    email: member.account.email ?? null,
    target: targetNameOf(team),
    role: (team === undefined ? role : inTeam) ?? null,
    manual: manual?.role ?? null,
    changed,
  };
}

const changedSchema: z.ZodType<ChangedGrantJson> = named(
  "ChangedGrant",
  z.object({
    accountId: z.string(),
    email: z.string().nullable(),
    target: targetSchema,
    role: z.string().nullable().describe("The role that takes effect there"),
    manual: z.string().nullable().describe("The role that is given by hand there"),
    changed: z.boolean().describe("Whether anything is different from before"),
  }),
);

/** A role to be given by hand. */
export interface GrantBody {
  readonly role: string;
}

const grantBodySchema: z.ZodType<GrantBody> = named(
  "GrantBody",
  z.strictObject({
    role: z.string().describe("A role of teams, or of the tenant, whatever its case"),
  }),
);

/** Whose access is wanted. */
export interface AccessQuery extends PageQuery {
  readonly email?: string | undefined;
}

const accessQuery: z.ZodType<AccessQuery> = z.strictObject({
  ...pageMembers,
  email: z.string().min(1).max(512).optional().describe("Of one person alone"),
});

const path = "/tenants/{tenant}/members/{account}/grants";
const one = `${path}/{target}` as const;
const shared = { noun: "grants", scope: "tenant", query: noQuery } as const;
const guarded = "The member is protected, or the last owner of the tenant; type says which";

/** Lists the grants of a member. */
export const listGrants: Operation<PageQuery, undefined, Page<ShownGrant>> = {
  ...shared,
  operationId: "listGrants",
  method: "GET",
  path,
  summary: "List everything that gives a member a role, and whether it has effect",
  query: pageQuery,
  body: noBody,
  statuses: [200],
  answer: pageOf("GrantPage", grantSchema),
};

/** Gives a role by hand. */
export const saveGrant: Operation<object, GrantBody, ChangedGrantJson> = {
  ...shared,
  operationId: "saveGrant",
  method: "PUT",
  path: one,
  summary:
    "Give somebody a role by hand; no sync and no login takes it back. A credential of the tenant does so with those who are members already",
  body: grantBodySchema,
  statuses: [200],
  answer: changedSchema,
  conflict: guarded,
};

/** Takes back what was given by hand. */
export const removeGrant: Operation<object, undefined, ChangedGrantJson> = {
  ...shared,
  operationId: "removeGrant",
  method: "DELETE",
  path: one,
  summary: "Take back the role that was given by hand: what is automatic decides again",
  body: noBody,
  statuses: [200],
  answer: changedSchema,
  conflict: guarded,
};

/** Takes over what automation gives. */
export const adoptGrant: Operation<object, undefined, ChangedGrantJson> = {
  ...shared,
  operationId: "adoptGrant",
  method: "POST",
  path: `${one}/adopt`,
  summary: "Make the role that groups, logins, roles or the default give at present one by hand",
  body: noBody,
  statuses: [200],
  answer: changedSchema,
  conflict: "Nothing automatic gives the member a role there",
};

/** Lists effective access. */
export const listAccess: Operation<AccessQuery, undefined, Page<AccessRow>> = {
  ...shared,
  noun: "access",
  operationId: "listAccess",
  method: "GET",
  path: "/tenants/{tenant}/access",
  summary:
    "List who may do what in a tenant and in its teams, with where it comes from; only what has effect",
  query: accessQuery,
  body: noBody,
  statuses: [200],
  answer: pageOf("AccessRowPage", rowSchema),
};
