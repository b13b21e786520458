/** What events of each type carry as `data`: zod schemas, from which the JSON Schemas and the documentation are derived. */
import { z } from "zod";
import type { EffectiveAccessJson } from "../domain/access-difference.ts";
import type { EventType } from "../domain/event-types.ts";
import { effectiveAccessMembers } from "./access.ts";
import { timeSchema } from "./operation.ts";

/** Who is behind a User. */
interface Who {
  readonly accountId: string;
  /** The application's own id of the person; null until it has set one. */
  readonly ref: string | null;
}
type MaybeWho = { readonly [Name in keyof Who]?: Who[Name] | undefined };

/** The access of a person, complete. */
interface ToldAccess extends Who {
  readonly isNewAccount: boolean;
  readonly accessRevision: number;
  readonly access: EffectiveAccessJson;
}

/** Ids that came and went, or how many of them. */
type ToldRelation =
  | { readonly added: readonly string[]; readonly removed: readonly string[] }
  | { readonly addedCount: number; readonly removedCount: number };

interface ToldResource<Name extends string> {
  readonly id: string;
  readonly resourceType: Name;
  readonly revision: number;
}

type UpdateCause = "replace" | "patch" | "adopt";

interface ToldChange<Name extends string> extends ToldResource<Name> {
  /** By which operation; left out where it was created, or no request of a client did it. */
  readonly cause?: UpdateCause | undefined;
  /** Every attribute as it is now, as SCIM has it, but for id, meta and relations. */
  readonly resource: Readonly<Record<string, unknown>>;
  readonly changed: readonly string[];
}

interface ToldDeletion<Name extends string> extends ToldResource<Name> {
  readonly name?: string | undefined;
  readonly externalId?: string | undefined;
  readonly leftRelationsOf: readonly string[];
}

interface ToldTeam extends ToldResource<"Team"> {
  readonly name: string;
  /** When it was archived; null for a live one. */
  readonly archived: string | null;
  /** The group that it was made for; null for one that somebody made. */
  readonly groupId: string | null;
}

interface ToldConnection extends ToldResource<"Connection"> {
  readonly slug: string;
  readonly name: string;
  readonly profile: string;
  readonly disabled: boolean;
  readonly staged: boolean;
}

type ChangedUser = ToldChange<"User"> & MaybeWho;
type ChangedGroup = ToldChange<"Group"> & { readonly members?: ToldRelation | undefined };

/** The data of the events of each type. */
export interface EventDataByType {
  "user.created": ToldChange<"User"> & {
    readonly [Name in keyof ToldAccess]?: ToldAccess[Name] | undefined;
  };
  "user.updated": ChangedUser;
  "user.deactivated": ChangedUser;
  "user.reactivated": ChangedUser;
  "user.deleted": ToldDeletion<"User"> & MaybeWho;
  "group.created": ChangedGroup;
  "group.updated": ChangedGroup;
  "group.deleted": ToldDeletion<"Group">;
  "access.changed": ToldAccess;
  "team.created": ToldTeam;
  "team.updated": ToldTeam;
  "sessions.revoke": ToldResource<"User" | "Account"> & MaybeWho;
  "account.deleted": {
    readonly id: string;
    readonly resourceType: "Account";
    readonly ref: string | null;
  };
  "connection.created": ToldConnection;
  "connection.updated": ToldConnection;
  "connection.disabled": ToldConnection;
  "connection.enabled": ToldConnection;
  "connection.deleted": ToldConnection;
  "credential.expiring": {
    readonly credentialId: string;
    readonly connection: string;
    readonly name: string;
    readonly expires: string;
    readonly daysLeft: number;
  };
  "webhook.disabled": {
    readonly webhookId: string;
    readonly origin: string;
    readonly reason: string;
  };
  "webhook.test": { readonly webhookId: string };
}

const revisionSchema = z.int().describe("Grows with every change; of two events the larger wins");

const who = {
  accountId: z.string().describe("The account behind the User"),
  ref: z
    .string()
    .nullable()
    .describe("The application's own id of the person; null until it has set one"),
};
const maybeWho = { accountId: who.accountId.optional(), ref: who.ref.optional() };

const accessSchema = z
  .object(effectiveAccessMembers)
  .describe("The complete state; it takes the place of what was told before");

const accessMembers = {
  ...who,
  isNewAccount: z.boolean().describe("Whether the account was made for it"),
  accessRevision: revisionSchema,
  access: accessSchema,
};

const relationSchema = z
  .union([
    z.object({ added: z.array(z.string()), removed: z.array(z.string()) }),
    z.object({ addedCount: z.int(), removedCount: z.int() }),
  ])
  .describe("Ids that came and went; above 1,000 their counts alone");

function identity<Name extends string>(resourceType: z.ZodType<Name>) {
  return {
    id: z.string().describe("The id of the resource"),
    resourceType,
    revision: revisionSchema,
  };
}

function changed<Name extends string>(resourceType: z.ZodType<Name>) {
  return {
    ...identity(resourceType),
    cause: z
      .enum(["replace", "patch", "adopt"])
      .optional()
      .describe("By which operation of the client; left out where it was created"),
    resource: z
      .record(z.string(), z.unknown())
      .describe("Every attribute as it is now, as SCIM has it, but for id, meta and relations"),
    changed: z
      .array(z.string())
      .describe("The attributes that differ; those of an extension behind its URN and a colon"),
  };
}

function deleted<Name extends string>(resourceType: z.ZodType<Name>) {
  return {
    ...identity(resourceType),
    name: z.string().optional().describe("The last userName or displayName"),
    externalId: z.string().optional(),
    leftRelationsOf: z
      .array(z.string())
      .describe("Ids of the groups it was a member of, the first 1,000"),
  };
}

const user = z.literal("User");
const group = z.literal("Group");
const changedUser = z.object({ ...changed(user), ...maybeWho });
const changedGroup = z.object({ ...changed(group), members: relationSchema.optional() });

const toldTeam = z.object({
  ...identity(z.literal("Team")),
  name: z.string(),
  archived: z
    .string()
    .nullable()
    .describe("When it was archived: its grants have no effect; null for a live one"),
  groupId: z
    .string()
    .nullable()
    .describe("The group that it was made for and follows; null for one that somebody made"),
});

const toldConnection = z.object({
  ...identity(z.literal("Connection")),
  slug: z.string().describe("Its name in URLs and on the command line"),
  name: z.string(),
  profile: z.string().describe("Such as okta"),
  disabled: z.boolean(),
  staged: z.boolean().describe("Whether it gives nobody anything yet"),
});

/** The schema of the data of every type. */
export const eventDataSchemas: {
  readonly [Type in EventType]: z.ZodType<EventDataByType[Type]>;
} = {
  "user.created": z.object({ ...changed(user), ...z.object(accessMembers).partial().shape }),
  "user.updated": changedUser,
  "user.deactivated": changedUser,
  "user.reactivated": changedUser,
  "user.deleted": z.object({ ...deleted(user), ...maybeWho }),
  "group.created": changedGroup,
  "group.updated": changedGroup,
  "group.deleted": z.object(deleted(group)),
  "access.changed": z.object(accessMembers),
  "team.created": toldTeam,
  "team.updated": toldTeam,
  "sessions.revoke": z.object({
    id: z.string().describe("The id of the User, or of the account"),
    resourceType: z.enum(["User", "Account"]).describe("What the id is the id of"),
    revision: revisionSchema,
    ...maybeWho,
  }),
  "account.deleted": z.object({
    id: z.string().describe("The id of the account"),
    resourceType: z.literal("Account"),
    ref: who.ref,
  }),
  "connection.created": toldConnection,
  "connection.updated": toldConnection,
  "connection.disabled": toldConnection,
  "connection.enabled": toldConnection,
  "connection.deleted": toldConnection,
  "credential.expiring": z.object({
    credentialId: z.string(),
    connection: z.string().describe("The slug of its connection"),
    name: z.string().describe("What the token is called; may be empty"),
    expires: timeSchema,
    daysLeft: z.int().describe("30, 14, 7 or 1"),
  }),
  "webhook.disabled": z.object({
    webhookId: z.string(),
    origin: z
      .string()
      .describe("Scheme, host and port of its address; the rest may be a secret of the receiver"),
    reason: z.string(),
  }),
  "webhook.test": z.object({ webhookId: z.string() }),
};

/** The data of an event of a resource type of the deployer's; undefined for what is no such type. */
export function ownTypeDataSchema(type: string): z.ZodType | undefined {
  const [, verb] = /^[a-z][\w-]*\.(created|updated|deleted)$/.exec(type) ?? [];
  switch (verb) {
    case undefined:
      return undefined;
    case "deleted":
      return z.object(deleted(z.string()));
    default:
      return z.object(changed(z.string())).catchall(relationSchema);
  }
}
