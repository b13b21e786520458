/** Group mappings of a tenant in the admin API: each change of them can be asked about first. */
import { z } from "zod";
import type { GroupMapping, GroupPatternKind } from "../domain/group-mapping.ts";
import type { CountsByTarget, MoveCounts, PreviewSummary } from "../domain/preview-summary.ts";
import { targetNameOf } from "../domain/team.ts";
import type { Operation, Page, PageQuery } from "./operation.ts";
import { named, noBody, noQuery, pageOf, pageQuery, timeSchema } from "./operation.ts";

/** A mapping as the command line and the admin API show it. */
export interface MappingJson {
  readonly id: string;
  /** The slug of the connection; null for the groups of all of them, and of logins. */
  readonly connection: string | null;
  readonly kind: GroupPatternKind;
  readonly pattern: string;
  /** `tenant`, or `team:` and the name of the team. */
  readonly target: string;
  readonly teamId: string | null;
  readonly role: string;
  readonly version: number;
  readonly createdAt: string;
}

/** What things are called, by their ids. */
export interface MappingNames {
  readonly teams: ReadonlyMap<string, string>;
  readonly connections: ReadonlyMap<string, string>;
}

/** Shows a mapping. */
export function mappingJsonOf(mapping: GroupMapping, names: MappingNames): MappingJson {
  const { mappingId, connectionId, pattern, teamId, role, version, created } = mapping;
  return {
    id: mappingId,
    connection:
      connectionId === undefined ? null : (names.connections.get(connectionId) ?? connectionId),
    kind: pattern.kind,
    pattern: pattern.text,
    target: targetNameOf(
      teamId === undefined ? undefined : { name: names.teams.get(teamId) ?? teamId },
    ),
    teamId: teamId ?? null,
    role,
    version,
    createdAt: created,
  };
}

/** `tenant`, or `team:` and a name, in answers. */
export const targetSchema: z.ZodType<string> = z
  .string()
  .describe("tenant, or team: and the name of the team");

const mappingMembers = {
  id: z.string(),
  connection: z
    .string()
    .nullable()
    .describe("The slug of the connection; null for the groups of all of them, and of logins"),
  kind: z
    .enum(["id", "name", "prefix", "regex"])
    .describe("Whether pattern is an id or externalId, a name, its beginning, or an expression"),
  pattern: z.string(),
  target: targetSchema,
  teamId: z.string().nullable().describe("Null for the tenant itself"),
  role: z.string(),
  version: z.int().describe("Counts the changes of the mapping, from 1"),
  createdAt: timeSchema,
};

const mappingSchema: z.ZodType<MappingJson> = named("Mapping", z.object(mappingMembers));

const countMembers = {
  joins: z.int().describe("How often somebody gets a role where they have none"),
  losses: z.int().describe("How often somebody loses the role they have"),
  changes: z.int().describe("How often somebody has another role"),
};

const moveCountsSchema: z.ZodType<MoveCounts> = named("MoveCounts", z.object(countMembers));

/** How many moves there are. */
export const countsSchema: z.ZodType<CountsByTarget> = named(
  "MoveCountsByTarget",
  z.object({
    ...countMembers,
    byTarget: z
      .record(z.string(), moveCountsSchema)
      .describe("The same for tenant and each team:NAME of which there are any"),
  }),
);

/** A mapping after a change, with what that came to. */
export interface AppliedMappingJson extends MappingJson {
  readonly counts: CountsByTarget;
}

const appliedSchema: z.ZodType<AppliedMappingJson> = named(
  "AppliedMapping",
  z.object({ ...mappingMembers, counts: countsSchema.describe("What it did to people") }),
);

const personMembers = {
  accountId: z.string(),
  email: z.string().nullable(),
  target: targetSchema,
};

const moveSchema = z.object({ ...personMembers, role: z.string() });

/** What a preview shows. */
export const previewMembers: {
  readonly [Name in keyof PreviewSummary]: z.ZodType<PreviewSummary[Name]>;
} = {
  token: z
    .string()
    .describe("Give it as previewToken with the change: it is refused unless it does just this"),
  joins: z.array(moveSchema).describe("Who gets a role where they have none"),
  losses: z.array(moveSchema).describe("Who loses the role they have"),
  changes: z
    .array(z.object({ ...personMembers, from: z.string(), to: z.string() }))
    .describe("Who has another role"),
  retained: z
    .array(z.object({ accountId: z.string(), email: z.string().nullable() }))
    .describe("Who keeps a role, because it must not be lost"),
  counts: countsSchema,
};

const previewSchema: z.ZodType<PreviewSummary> = named("AccessPreview", z.object(previewMembers));

/** A mapping as it is sent. */
export interface MappingBody {
  readonly group?: string | undefined;
  readonly groupId?: string | undefined;
  readonly pattern?: string | undefined;
  readonly team?: string | undefined;
  readonly tenant?: true | undefined;
  readonly role: string;
  readonly connection?: string | undefined;
}

const groupKeys = ["group", "groupId", "pattern"] as const;

const bodyMembers = {
  group: z.string().optional().describe("The name of a group, whatever its letter case"),
  groupId: z.string().optional().describe("The id of a group, or its externalId"),
  pattern: z
    .string()
    .optional()
    .describe("Eng-* for names that begin so, or an expression of RE2, such as /^(eng|ops)-/"),
  team: z.string().optional().describe("The id of a team, or its name"),
  tenant: z.literal(true).optional().describe("For a role in the tenant itself"),
  connection: z
    .string()
    .optional()
    .describe("The slug of a connection, for its groups alone; without it of all, and of logins"),
};

const roleSchema = z.string().describe("A role of teams, or of the tenant, whatever its case");
const tokenSchema = z
  .string()
  .min(1)
  .max(256)
  .optional()
  .describe("The token of a preview: without it the change is made whatever it does");

function checkGroups(
  body: Omit<MappingBody, "role">,
  context: { addIssue(issue: { code: "custom"; message: string; path: string[] }): void },
): void {
  if (groupKeys.filter((key) => body[key] !== undefined).length !== 1) {
    context.addIssue({
      code: "custom",
      path: ["group"],
      message: "expected one of group, groupId and pattern",
    });
  }
  if ((body.team === undefined) === (body.tenant === undefined)) {
    context.addIssue({
      code: "custom",
      path: ["team"],
      message: "expected either team, or tenant: true",
    });
  }
}

/** A new mapping. */
export interface MappingCreation extends MappingBody {
  readonly previewToken?: string | undefined;
}

const creationSchema: z.ZodType<MappingCreation> = named(
  "MappingCreation",
  z
    .strictObject({ ...bodyMembers, role: roleSchema, previewToken: tokenSchema })
    .superRefine(checkGroups),
);

/** What is asked about: a new mapping, one that is removed, or one that gets another role. */
export interface MappingQuestion extends Omit<MappingBody, "role"> {
  readonly role?: string | undefined;
  readonly remove?: string | undefined;
  readonly mapping?: string | undefined;
}

const questionSchema: z.ZodType<MappingQuestion> = named(
  "MappingQuestion",
  z
    .strictObject({
      ...bodyMembers,
      role: roleSchema.optional(),
      remove: z.string().optional().describe("The id of a mapping to be removed, and nothing else"),
      mapping: z.string().optional().describe("The id of a mapping that gets another role"),
    })
    .superRefine((body, context) => {
      const { remove, mapping, role, ...rest } = body;
      const others = Object.values(rest).some((value) => value !== undefined);
      if (remove === undefined && role === undefined) {
        context.addIssue({ code: "custom", path: ["role"], message: "expected a role" });
      }
      if (remove === undefined && mapping === undefined) {
        checkGroups(body, context);
      } else if (
        others ||
        (remove !== undefined && (mapping !== undefined || role !== undefined))
      ) {
        const message = "expected remove alone, or mapping and role";
        context.addIssue({ code: "custom", path: ["remove"], message });
      }
    }),
);

/** Another role for a mapping. */
export interface MappingPatch {
  readonly role: string;
  readonly previewToken?: string | undefined;
}

const patchSchema: z.ZodType<MappingPatch> = named(
  "MappingPatch",
  z.strictObject({ role: roleSchema, previewToken: tokenSchema }),
);

/** The token of a preview. */
export interface PreviewTokenQuery {
  readonly previewToken?: string | undefined;
}

/** The parameters of what can be asked about first. */
export const tokenQuery: z.ZodType<PreviewTokenQuery> = z.strictObject({
  previewToken: tokenSchema,
});

/** A mapping that is removed, with what that came to. */
export interface RemovedMappingJson {
  readonly removed: true;
  readonly id: string;
  readonly counts: CountsByTarget;
}

const removedSchema: z.ZodType<RemovedMappingJson> = named(
  "RemovedMapping",
  z.object({ removed: z.literal(true), id: z.string(), counts: countsSchema }),
);

/** Whether differences are only counted. */
export interface ReconcileWish {
  readonly check?: boolean | undefined;
}

/** What reconciling came to. */
export interface ReconciliationJson {
  readonly differences: number;
  readonly counts: CountsByTarget;
}

const reconcileWishSchema: z.ZodType<ReconcileWish> = named(
  "ReconcileWish",
  z.strictObject({
    check: z.boolean().optional().describe("Only tell, and mend nothing; false by default"),
  }),
);

const reconciliationSchema: z.ZodType<ReconciliationJson> = named(
  "Reconciliation",
  z.object({
    differences: z
      .int()
      .describe("How many grants were there and not due, or due and not there; 0 when all is well"),
    counts: countsSchema.describe("What mending them does to people"),
  }),
);

const path = "/tenants/{tenant}/mappings";
const one = `${path}/{mapping}` as const;
const shared = { noun: "mappings", scope: "tenant", query: noQuery } as const;
const moved =
  "The change does something else than the preview (urn:rollcall:problem:facts-moved), or the tenant has the same mapping";

/** Lists mappings. */
export const listMappings: Operation<PageQuery, undefined, Page<MappingJson>> = {
  ...shared,
  operationId: "listMappings",
  method: "GET",
  path,
  summary: "List the group mappings of a tenant, oldest first",
  query: pageQuery,
  body: noBody,
  statuses: [200],
  answer: pageOf("MappingPage", mappingSchema),
};

/** Reads a mapping. */
export const readMapping: Operation<object, undefined, MappingJson> = {
  ...shared,
  operationId: "readMapping",
  method: "GET",
  path: one,
  summary: "Read a group mapping",
  body: noBody,
  statuses: [200],
  answer: mappingSchema,
  versionOf: "the mapping",
};

/** Adds a mapping. */
export const addMapping: Operation<object, MappingCreation, AppliedMappingJson> = {
  ...shared,
  operationId: "addMapping",
  method: "POST",
  path,
  summary: "Give the members of groups a role, at once and from now on",
  body: creationSchema,
  statuses: [201],
  answer: appliedSchema,
  conflict: moved,
};

/** Asks about a change. */
export const previewMapping: Operation<object, MappingQuestion, PreviewSummary> = {
  ...shared,
  operationId: "previewMapping",
  method: "POST",
  path: `${path}/preview`,
  summary: "Tell what adding, changing or removing a mapping would do, exactly, and do nothing",
  body: questionSchema,
  statuses: [200],
  answer: previewSchema,
  conflict: "The tenant has the same mapping",
};

/** Changes the role of a mapping. */
export const changeMapping: Operation<object, MappingPatch, AppliedMappingJson> = {
  ...shared,
  operationId: "changeMapping",
  method: "PATCH",
  path: one,
  summary: "Give a mapping another role, and so everybody who has it",
  body: patchSchema,
  statuses: [200],
  answer: appliedSchema,
  conflict: moved,
  versionOf: "the mapping",
};

/** Removes a mapping. */
export const removeMapping: Operation<PreviewTokenQuery, undefined, RemovedMappingJson> = {
  ...shared,
  operationId: "removeMapping",
  method: "DELETE",
  path: one,
  summary: "Remove a mapping, and what it gives; what other sources give stays",
  query: tokenQuery,
  body: noBody,
  statuses: [200],
  answer: removedSchema,
  conflict: moved,
  versionOf: "the mapping",
};

/** Reconciles a tenant. */
export const reconcileAccess: Operation<object, ReconcileWish, ReconciliationJson> = {
  ...shared,
  operationId: "reconcileAccess",
  method: "POST",
  path: "/tenants/{tenant}/reconcile",
  summary: "Compare all that groups and logins give with what they should, and mend it",
  body: reconcileWishSchema,
  statuses: [200],
  answer: reconciliationSchema,
};
