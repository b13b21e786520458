/** Effective access in the admin API: what a person may do in a tenant now, and why. */
import { z } from "zod";
import type { EffectiveAccessJson } from "../domain/access-difference.ts";
import { accessJson } from "../domain/access-difference.ts";
import type { LinkState } from "../domain/account.ts";
import type { AdminScope } from "../domain/admin-credential.ts";
import { askedPersonsMax } from "../domain/asked-person.ts";
import type { EffectiveAccess } from "../domain/effective-access.ts";
import { noAccess } from "../domain/effective-access.ts";
import type { Member } from "../domain/member.ts";
import { strongestLinkOf } from "../domain/member-summary.ts";
import type { TeamId } from "../domain/tenant.ts";
import { seesMember, shownEmailOf } from "../domain/visible-account.ts";
import { linkStateSchema, lockSourcesSchema } from "./members.ts";
import type { Operation } from "./operation.ts";
import { named, noBody, noQuery } from "./operation.ts";

/** Access as the command line and the admin API show it, where teams have their names. */
export type AccessJson = {
  /** The slug of the tenant. */
  readonly tenant: string;
  /** Null where there is no such account, as far as the credential may see. */
  readonly accountId: string | null;
  readonly email: string | null;
} & Omit<EffectiveAccessJson, "teams" | "grants"> & {
    readonly teams: readonly (EffectiveAccessJson["teams"][number] & { readonly team: string })[];
    readonly grants: readonly (EffectiveAccessJson["grants"][number] & {
      readonly team: string | null;
    })[];
    readonly link: LinkState;
    /** Why there is no access; null where there is. */
    readonly whyNot: string | null;
  };

/** What was found about somebody in a tenant. */
export interface AccessFinding {
  /** Undefined where there is no such account. */
  readonly member: Member | undefined;
  readonly access: EffectiveAccess;
  /** Why there is no access. */
  readonly whyNot: string | undefined;
}

/** The teams that somebody has anything in, whose names are shown. */
export function teamsBehind({ teams, grants }: EffectiveAccess): readonly TeamId[] {
  const found = [...teams, ...grants].flatMap(({ teamId }) => teamId ?? []);
  return [...new Set(found)];
}

/** Shows access; whom a credential may not see is shown like nobody. `teamNames` are those of the teams behind it. */
export function accessJsonOf(
  tenant: string,
  { member, access, whyNot }: AccessFinding,
  scope: AdminScope,
  teamNames: ReadonlyMap<string, string>,
): AccessJson {
  return member === undefined || !seesMember(scope, member)
    ? noAccessJson(tenant, "there is no such account")
    : {
        tenant,
        accountId: member.account.accountId,
        email: shownEmailOf(scope, member),
        ...namedAccess(access, teamNames),
        link: strongestLinkOf(member),
        whyNot: whyNot ?? null,
      };
}

/** Shows that there is no access because something does not exist. */
export function noAccessJson(tenant: string, whyNot: string): AccessJson {
  const nothing = namedAccess(noAccess, new Map());
  return { tenant, accountId: null, email: null, ...nothing, link: "none", whyNot };
}

function namedAccess(access: EffectiveAccess, teamNames: ReadonlyMap<string, string>) {
  const shown = accessJson(access);
  const nameOf = (teamId: string) => teamNames.get(teamId) ?? teamId;
  return {
    ...shown,
    teams: shown.teams.map((team) => ({ ...team, team: nameOf(team.teamId) })),
    grants: shown.grants.map((grant) => ({
      ...grant,
      team: grant.teamId === null ? null : nameOf(grant.teamId),
    })),
  };
}

const teamMembers = { teamId: z.string(), role: z.string() };
const teamsSentence = "The highest effective role in each team";
const grantMembers = {
  source: z.enum(["manual", "group", "login", "roles", "default", "retained"]),
  sourceId: z.string().nullable(),
  teamId: z.string().nullable().describe("Null for the tenant itself"),
  role: z.string(),
  effective: z.boolean(),
  why: z.string().describe("Where it comes from, or why it has no effect"),
};

/** What a person may do in a tenant, as answers and events have it. */
export const effectiveAccessMembers: {
  readonly [Name in keyof EffectiveAccessJson]: z.ZodType<EffectiveAccessJson[Name]>;
} = {
  state: z
    .enum(["active", "suspended", "none"])
    .describe("Let the person in when it is active, and only then"),
  role: z
    .string()
    .nullable()
    .describe("The highest effective role in the tenant itself; null where there is none"),
  teams: z.array(z.object(teamMembers)).describe(teamsSentence),
  grants: z.array(z.object(grantMembers)),
  locks: lockSourcesSchema.describe("The sources of the locks that count at present"),
};

const accessMembers = {
  tenant: z.string().describe("The slug of the tenant"),
  accountId: z
    .string()
    .nullable()
    .describe("Null where there is no such account, as far as the credential may see"),
  email: z.string().nullable(),
  ...effectiveAccessMembers,
  teams: z
    .array(z.object({ ...teamMembers, team: z.string().describe("What it is called") }))
    .describe(teamsSentence),
  grants: z.array(
    z.object({ ...grantMembers, team: z.string().nullable().describe("What it is called") }),
  ),
  link: linkStateSchema,
  whyNot: z.string().nullable().describe("Why there is no access; null where there is"),
};
const accessSchema: z.ZodType<AccessJson> = named("Access", z.object(accessMembers));

/** One question of many. */
export interface AccessQuestion {
  /** The slug of a tenant. */
  readonly tenant: string;
  /** An id, `ref:…` or `email:…`. */
  readonly account: string;
}

/** The questions. */
export interface AccessQuestions {
  readonly checks: readonly AccessQuestion[];
}

/** The most tenants that are asked about at once. */
export const askedTenantsMax: number = 20;

const questionsSchema: z.ZodType<AccessQuestions> = named(
  "AccessQuestions",
  z.strictObject({
    checks: z
      .array(
        z.strictObject({
          tenant: z.string().max(256).describe("The slug of a tenant"),
          account: z.string().max(512).describe("An id, ref:… or email:…"),
        }),
      )
      .max(askedPersonsMax)
      .refine((checks) => new Set(checks.map(({ tenant }) => tenant)).size <= askedTenantsMax, {
        message: `expected questions about at most ${askedTenantsMax} tenants`,
      })
      .describe(`About at most ${askedTenantsMax} tenants`),
  }),
);

/** The answer to one of many questions. */
export type CheckedAccessJson = { readonly account: string } & AccessJson;

/** The answers. */
export interface CheckedAccessesJson {
  readonly items: readonly CheckedAccessJson[];
}

const checkedSchema: z.ZodType<CheckedAccessesJson> = named(
  "CheckedAccesses",
  z.object({
    items: z
      .array(z.object({ account: z.string().describe("As it was asked for"), ...accessMembers }))
      .describe("In the order of the questions"),
  }),
);

const fromDatabase = "as the database has it at this moment; who is not there has no access";

/** Tells the access of one person in one tenant. */
export const readAccess: Operation<object, undefined, AccessJson> = {
  operationId: "readAccess",
  method: "GET",
  path: "/access/{tenant}/{account}",
  noun: "access",
  summary: `Tell what a person may do in a tenant, ${fromDatabase}`,
  scope: "tenant",
  query: noQuery,
  body: noBody,
  statuses: [200],
  answer: accessSchema,
};

/** Tells the access of many. */
export const checkAccess: Operation<object, AccessQuestions, CheckedAccessesJson> = {
  operationId: "checkAccess",
  method: "POST",
  path: "/access/check",
  noun: "access",
  summary: `Tell it for up to ${askedPersonsMax} pairs of a tenant and an account at once, ${fromDatabase}`,
  scope: "tenant",
  query: noQuery,
  body: questionsSchema,
  statuses: [200],
  answer: checkedSchema,
};

/** Tells why a member has access or has not. */
export const readMemberAccess: Operation<object, undefined, AccessJson> = {
  operationId: "readMemberAccess",
  method: "GET",
  path: "/tenants/{tenant}/members/{account}/access",
  noun: "members",
  summary: "Tell what a member may do, with every grant and why it has effect or has not",
  scope: "tenant",
  query: noQuery,
  body: noBody,
  statuses: [200],
  answer: accessSchema,
};
