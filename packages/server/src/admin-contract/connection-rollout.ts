/** Rolling out connections in the admin API and taking them away, and previews of what groups and settings do to people. */
import type { JsonObject } from "@rollcall/scim";
import { z } from "zod";
import type { Activation, ActivationSummary } from "../domain/activation-summary.ts";
import type { TeamMove } from "../domain/group-team.ts";
import type { CountsByTarget, PreviewSummary } from "../domain/preview-summary.ts";
import type { RemovedCounts } from "../domain/removed-connection.ts";
import type { ConnectionJson } from "./connections.ts";
import { connectionSchema } from "./connections.ts";
import type { PreviewTokenQuery } from "./mappings.ts";
import { countsSchema, previewMembers, targetSchema, tokenQuery } from "./mappings.ts";
import type { Operation } from "./operation.ts";
import { named, noBody, noQuery } from "./operation.ts";
import { settingsChangeSchema } from "./tenant-settings.ts";

/** How many Users came to what. */
const activationSchema: z.ZodType<Activation> = named(
  "Activation",
  z.object({
    attached: z.int().describe("Who has an account behind them now"),
    pending: z.int().describe("Who is invited"),
    refused: z.int().describe("Who gets no account: the preview and each User say why"),
    left: z.int().describe("Who still waits, since a request has its time; ask again"),
  }),
);

const anybody = {
  accountId: z.string().nullable().describe("Null for an account that is yet to be made"),
  email: z.string().nullable(),
  target: targetSchema,
};
const userMembers = {
  id: z.string().describe("That of the User"),
  userName: z.string().nullable(),
};

const summaryMembers: {
  readonly [Name in keyof ActivationSummary]: z.ZodType<ActivationSummary[Name]>;
} = {
  attached: z.int().describe("How many Users get an account behind them"),
  mails: z.int().describe("How many mails to people that causes"),
  joins: z.array(z.object({ ...anybody, role: z.string() })),
  losses: z.array(z.object({ ...anybody, role: z.string() })),
  changes: z.array(z.object({ ...anybody, from: z.string(), to: z.string() })),
  counts: countsSchema,
  pending: z.array(z.object(userMembers)).describe("Users whose persons are invited"),
  refused: z
    .array(
      z.object({
        ...userMembers,
        reason: z
          .enum(["policy", "taken", "declined"])
          .describe(
            "The attach policy; another User with the same account; the person, who has left or declined",
          ),
      }),
    )
    .describe("Users that get no account"),
  left: z.int().describe("How many were not looked at, since a request has its time"),
};

const activationSummarySchema: z.ZodType<ActivationSummary> = named(
  "ActivationPreview",
  z.object(summaryMembers),
);

const removedMembers: z.ZodType<RemovedCounts> = z.object({
  resources: z.record(z.string(), z.int()).describe("By resource type"),
  memberships: z.int().describe("Those that nothing else keeps"),
  mappings: z.int(),
  teams: z.int().describe("Those of its groups, which are archived"),
  credentials: z.int(),
  mails: z.int().describe("How many people are told by mail that they are no members any more"),
});

/** What the removal of a connection would do. */
export interface RemovalPreviewJson extends PreviewSummary {
  readonly removed: RemovedCounts;
}

const removalPreviewSchema: z.ZodType<RemovalPreviewJson> = named(
  "ConnectionRemovalPreview",
  z.object({ ...previewMembers, removed: removedMembers.describe("What goes with it") }),
);

/** What the removal of a connection has done. */
export interface RemovedConnectionJson {
  /** The slug. */
  readonly connection: string;
  readonly removed: RemovedCounts;
  readonly counts: CountsByTarget;
}

const removedSchema: z.ZodType<RemovedConnectionJson> = named(
  "RemovedConnection",
  z.object({
    connection: z.string().describe("The slug that it had"),
    removed: removedMembers,
    counts: countsSchema.describe("What it did to people"),
  }),
);

const { token: _token, ...withoutToken } = previewMembers;

const groupRemovalSchema: z.ZodType<Omit<PreviewSummary, "token">> = named(
  "GroupRemovalPreview",
  z.object(withoutToken),
);

/** A team of a group that comes, goes or is named anew. */
export interface TeamMoveJson {
  readonly id: string;
  readonly name: string;
  readonly change: TeamMove["kind"];
}

/** What changing settings would do. */
export interface SettingsPreviewJson extends Omit<ActivationSummary, "left"> {
  readonly token: string;
  readonly teams: readonly TeamMoveJson[];
}

const { left: _left, ...settled } = summaryMembers;

const teamMoveSchema: z.ZodType<TeamMoveJson> = z.object({
  id: z.string(),
  name: z.string().describe("What it is called from then on"),
  change: z.enum(["created", "restored", "archived", "renamed"]),
});

const settingsPreviewSchema: z.ZodType<SettingsPreviewJson> = named(
  "TenantSettingsPreview",
  z.object({
    token: previewMembers.token,
    ...settled,
    teams: z.array(teamMoveSchema).describe("Teams of groups that come, go or are named anew"),
  }),
);

const one = "/tenants/{tenant}/connections/{connection}";
const shared = { scope: "tenant", query: noQuery, body: noBody, statuses: [200] } as const;
const moved = "The change does something else than the preview (urn:rollcall:problem:facts-moved)";

/** Stages a connection. */
export const stageConnection: Operation<object, undefined, ConnectionJson> = {
  ...shared,
  operationId: "stageConnection",
  method: "POST",
  path: `${one}/stage`,
  noun: "connections",
  summary: "Store what the client of a connection sends and give nobody anything yet",
  answer: connectionSchema,
  conflict: "The connection is live: Users of it have accounts, or their persons are invited",
};

/** Activates a connection. */
export const activateConnection: Operation<object, undefined, Activation> = {
  ...shared,
  operationId: "activateConnection",
  method: "POST",
  path: `${one}/activate`,
  noun: "connections",
  summary: "Make a staged connection active and attach those who wait, for about ten seconds",
  answer: activationSchema,
};

/** Asks about activating. */
export const previewActivation: Operation<object, undefined, ActivationSummary> = {
  ...shared,
  operationId: "previewActivation",
  method: "POST",
  path: `${one}/activate/preview`,
  noun: "connections",
  summary: "Tell what activating a connection would do, exactly, and do nothing",
  answer: activationSummarySchema,
};

/** Removes a connection. */
export const removeConnection: Operation<PreviewTokenQuery, undefined, RemovedConnectionJson> = {
  ...shared,
  operationId: "removeConnection",
  method: "DELETE",
  path: one,
  noun: "connections",
  summary: "Remove a connection with its Users, Groups, tokens and mappings, and what they give",
  query: tokenQuery,
  answer: removedSchema,
  conflict: moved,
};

/** Asks about removing a connection. */
export const previewConnectionRemoval: Operation<object, undefined, RemovalPreviewJson> = {
  ...shared,
  operationId: "previewConnectionRemoval",
  method: "POST",
  path: `${one}/removal/preview`,
  noun: "connections",
  summary: "Tell what removing a connection would do, exactly, and do nothing",
  answer: removalPreviewSchema,
};

/** Asks about the end of a Group. */
export const previewGroupRemoval: Operation<object, undefined, Omit<PreviewSummary, "token">> = {
  ...shared,
  operationId: "previewGroupRemoval",
  method: "POST",
  path: `${one}/groups/{group}/removal/preview`,
  noun: "groups",
  summary: "Tell what it would do to people if the identity provider deleted a Group",
  answer: groupRemovalSchema,
};

/** Asks about settings. */
export const previewTenantSettings: Operation<object, JsonObject, SettingsPreviewJson> = {
  ...shared,
  operationId: "previewTenantSettings",
  method: "POST",
  path: "/tenants/{tenant}/settings/preview",
  noun: "tenants",
  summary: "Tell what changing settings would do to people, exactly, and do nothing",
  body: settingsChangeSchema,
  answer: settingsPreviewSchema,
  conflict: "The tenant would have no owner",
};
