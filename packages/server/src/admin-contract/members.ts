/** Members of a tenant and their locks in the admin API. */
import { z } from "zod";
import type { LinkState, LockSource } from "../domain/account.ts";
import type { Member } from "../domain/member.ts";
import type { MemberSummary } from "../domain/member-summary.ts";
import type { ManualLock } from "../domain/membership-wish.ts";
import { isLockReason, lockReasonMax } from "../domain/membership-wish.ts";
import type { NamedPerson } from "./account-texts.ts";
import { onePerson, personMembers } from "./account-texts.ts";
import type { Operation, Page, PageQuery } from "./operation.ts";
import { named, noBody, noQuery, pageOf, pageQuery, timeSchema } from "./operation.ts";

/** A member after a change. */
export interface ChangedMemberJson extends MemberSummary {
  /** Whether anything is different from before. */
  readonly changed: boolean;
}

/** The states of links. */
export const linkStateSchema: z.ZodType<LinkState> = z
  .enum(["none", "pending", "linked", "declined"])
  .describe("The strongest of the links to Users: linked, pending, declined, none");

const lockSourceSchema: z.ZodType<LockSource> = z.enum(["scim", "admin", "security", "erasure"]);

/** The sources of locks. */
export const lockSourcesSchema: z.ZodType<readonly LockSource[]> = z.array(lockSourceSchema);

/** What a membership shows wherever it is shown. */
export const membershipMembers: {
  readonly role: z.ZodType<string | null>;
  readonly link: z.ZodType<LinkState>;
  readonly locks: z.ZodType<readonly LockSource[]>;
  readonly effective: z.ZodType<boolean>;
} = {
  role: z
    .string()
    .nullable()
    .describe("The effective role; where there is none, the highest that is granted"),
  link: linkStateSchema,
  locks: lockSourcesSchema.describe("The sources of all locks"),
  effective: z.boolean().describe("Whether access is active"),
};

const memberMembers = {
  accountId: z.string(),
  email: z
    .string()
    .nullable()
    .describe("Null also where a credential of the tenant asks about somebody who is no member"),
  ...membershipMembers,
};
const memberSchema: z.ZodType<MemberSummary> = named("Member", z.object(memberMembers));
const changedMemberSchema: z.ZodType<ChangedMemberJson> = named(
  "ChangedMember",
  z.object({
    ...memberMembers,
    changed: z.boolean().describe("Whether anything is different from before"),
  }),
);

/** Who is to be a member, and with which role. */
export interface MemberAddition extends NamedPerson {
  readonly role: string;
}

const memberAdditionSchema: z.ZodType<MemberAddition> = named(
  "MemberAddition",
  z
    .strictObject({
      ...personMembers,
      role: z.string().describe("One of the roles of the tenant"),
    })
    .refine(...onePerson),
);

/** A lock as the admin API shows it. */
export interface LockJson {
  readonly source: LockSource;
  /** The slug of the connection of a lock of its sync. */
  readonly connection: string | null;
  readonly reason: string | null;
  readonly at: string;
}

/** Shows the locks of a member, in the order of their sources; `slugs` are those of connections by their ids. */
export function lockJsonsOf(
  { facts }: Pick<Member, "facts">,
  slugs: ReadonlyMap<string, string>,
): readonly LockJson[] {
  return facts.locks
    .map(({ source, connectionId, reason, at }) => ({
      source,
      connection: connectionId === undefined ? null : (slugs.get(connectionId) ?? connectionId),
      reason: reason ?? null,
      at,
    }))
    .toSorted((one, other) => (lockKeyOf(one) < lockKeyOf(other) ? -1 : 1));
}

/** The key of a lock among those of a member. */
export function lockKeyOf({ source, connection }: LockJson): string {
  return `${source} ${connection ?? ""}`;
}

const lockSchema: z.ZodType<LockJson> = named(
  "Lock",
  z.object({
    source: lockSourceSchema,
    connection: z.string().nullable().describe("Of a lock of a sync, the slug of its connection"),
    reason: z.string().nullable(),
    at: timeSchema,
  }),
);

/** A lock to be added. */
export interface LockAddition {
  readonly source: ManualLock;
  readonly reason?: string | undefined;
}

const lockAdditionSchema: z.ZodType<LockAddition> = named(
  "LockAddition",
  z.strictObject({
    source: z.enum(["admin", "security"]),
    reason: z
      .string()
      .refine(isLockReason, {
        message: `expected 1 to ${lockReasonMax} characters, not all of them blank and none of them invisible`,
      })
      .optional()
      .describe("Why, for other operators"),
  }),
);

const path = "/tenants/{tenant}/members";
const memberPath = `${path}/{account}` as const;
const guarded = "The member is protected, or the last owner of the tenant; type says which";

/** Lists members. */
export const listMembers: Operation<PageQuery, undefined, Page<MemberSummary>> = {
  operationId: "listMembers",
  method: "GET",
  path,
  noun: "members",
  summary: "List the members of a tenant, and whom it has invited or who has left",
  scope: "tenant",
  query: pageQuery,
  body: noBody,
  statuses: [200],
  answer: pageOf("MemberPage", memberSchema),
};

/** Adds a member. */
export const addMember: Operation<object, MemberAddition, ChangedMemberJson> = {
  operationId: "addMember",
  method: "POST",
  path,
  noun: "members",
  summary:
    "Make an account a member by hand, or give a member another role; no sync takes it back. A credential of the tenant does so with those who are members already",
  scope: "tenant",
  query: noQuery,
  body: memberAdditionSchema,
  statuses: [200],
  answer: changedMemberSchema,
  conflict: guarded,
};

/** Reads a member. */
export const readMember: Operation<object, undefined, MemberSummary> = {
  operationId: "readMember",
  method: "GET",
  path: memberPath,
  noun: "members",
  summary: "Read a member in one line",
  scope: "tenant",
  query: noQuery,
  body: noBody,
  statuses: [200],
  answer: memberSchema,
};

/** Takes back what was given by hand. */
export const removeMember: Operation<object, undefined, ChangedMemberJson> = {
  operationId: "removeMember",
  method: "DELETE",
  path: memberPath,
  noun: "members",
  summary: "Take back what was given by hand; what an identity provider gives stays",
  scope: "tenant",
  query: noQuery,
  body: noBody,
  statuses: [200],
  answer: changedMemberSchema,
  conflict: guarded,
};

/** Protects a member. */
export const protectMember: Operation<object, undefined, ChangedMemberJson> = {
  operationId: "protectMember",
  method: "PUT",
  path: `${memberPath}/protection`,
  noun: "members",
  summary: "Protect a member for emergencies: no sync suspends or removes it",
  scope: "tenant",
  query: noQuery,
  body: noBody,
  statuses: [200],
  answer: changedMemberSchema,
  conflict: "The account is no member",
};

/** Ends the protection of a member. */
export const unprotectMember: Operation<object, undefined, ChangedMemberJson> = {
  operationId: "unprotectMember",
  method: "DELETE",
  path: `${memberPath}/protection`,
  noun: "members",
  summary: "End the protection of a member",
  scope: "tenant",
  query: noQuery,
  body: noBody,
  statuses: [200],
  answer: changedMemberSchema,
  conflict: guarded,
};

/** Lists the locks of a member. */
export const listLocks: Operation<PageQuery, undefined, Page<LockJson>> = {
  operationId: "listLocks",
  method: "GET",
  path: `${memberPath}/locks`,
  noun: "members",
  summary: "List what suspends a member, with the reasons",
  scope: "tenant",
  query: pageQuery,
  body: noBody,
  statuses: [200],
  answer: pageOf("LockPage", lockSchema),
};

/** Adds a lock. */
export const addLock: Operation<object, LockAddition, ChangedMemberJson> = {
  operationId: "addLock",
  method: "POST",
  path: `${memberPath}/locks`,
  noun: "members",
  summary: "Suspend a member until the lock is removed, whatever a sync says",
  scope: "tenant",
  query: noQuery,
  body: lockAdditionSchema,
  statuses: [200],
  answer: changedMemberSchema,
  conflict: guarded,
};

/** Removes a lock. */
export const removeLock: Operation<object, undefined, ChangedMemberJson> = {
  operationId: "removeLock",
  method: "DELETE",
  path: `${memberPath}/locks/{source}`,
  noun: "members",
  summary: "Remove a lock of a member; others stay",
  scope: "tenant",
  query: noQuery,
  body: noBody,
  statuses: [200],
  answer: changedMemberSchema,
};
