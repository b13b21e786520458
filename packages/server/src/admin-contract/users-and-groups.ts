/** The Users and Groups that a connection has provisioned, in the admin API: to read, for applications that begin anew. */
import type { JsonObject } from "@rollcall/scim";
import { z } from "zod";
import type { LinkState } from "../domain/account.ts";
import { linkStateSchema } from "./members.ts";
import type { Operation, Page, PageQuery } from "./operation.ts";
import { named, noBody, noQuery, pageOf, pageQuery, shaped, timeSchema } from "./operation.ts";

/** What every resource shows. */
interface ResourceJson {
  readonly id: string;
  readonly externalId: string | null;
  /** The same as in events: of two states the larger one wins. */
  readonly revision: number;
  readonly created: string;
  readonly lastModified: string;
  /** As SCIM returns them, but for id, meta, schemas and relations. */
  readonly attributes: JsonObject;
}

/** A User. */
export interface UserJson extends ResourceJson {
  readonly userName: string;
  readonly active: boolean;
  readonly link: LinkState;
  /** The account behind it; null where there is none. */
  readonly accountId: string | null;
}

/** A Group, without its members. */
export interface GroupJson extends ResourceJson {
  readonly displayName: string;
}

/** A member of a Group. */
export interface GroupMemberJson {
  readonly id: string;
  readonly resourceType: string;
  /** The userName or displayName. */
  readonly display: string | null;
}

const resourceMembers = {
  id: z.string(),
  externalId: z.string().nullable(),
  revision: z.int().describe("The same as in events: of two states the larger one wins"),
  created: timeSchema,
  lastModified: timeSchema,
  attributes: z
    .record(z.string(), z.unknown())
    .describe("As SCIM returns them, but for id, meta, schemas and relations"),
};

const userSchema: z.ZodType<UserJson> = named(
  "User",
  shaped(
    z.object({
      ...resourceMembers,
      userName: z.string(),
      active: z.boolean().describe("What the identity provider asserts"),
      link: linkStateSchema.describe("How the User stands to an account"),
      accountId: z
        .string()
        .nullable()
        .describe("The account that it is linked to, or invited to be; null where there is none"),
    }),
  ),
);

const groupSchema: z.ZodType<GroupJson> = named(
  "Group",
  shaped(z.object({ ...resourceMembers, displayName: z.string() })),
);

const groupMemberSchema: z.ZodType<GroupMemberJson> = named(
  "GroupMember",
  z.object({
    id: z.string(),
    resourceType: z.string().describe("User or Group"),
    display: z.string().nullable().describe("The userName or displayName"),
  }),
);

const path = "/tenants/{tenant}/connections/{connection}";
const order =
  "in the order of creation; what is there all the while is on one page, whatever comes and goes";

/** Lists Users. */
export const listUsers: Operation<PageQuery, undefined, Page<UserJson>> = {
  operationId: "listUsers",
  method: "GET",
  path: `${path}/users`,
  noun: "users",
  summary: `List the Users of a connection ${order}`,
  scope: "tenant",
  query: pageQuery,
  body: noBody,
  statuses: [200],
  answer: pageOf("UserPage", userSchema),
};

/** Reads a User. */
export const readUser: Operation<object, undefined, UserJson> = {
  operationId: "readUser",
  method: "GET",
  path: `${path}/users/{user}`,
  noun: "users",
  summary: "Read a User of a connection",
  scope: "tenant",
  query: noQuery,
  body: noBody,
  statuses: [200],
  answer: userSchema,
};

/** Lists Groups. */
export const listGroups: Operation<PageQuery, undefined, Page<GroupJson>> = {
  operationId: "listGroups",
  method: "GET",
  path: `${path}/groups`,
  noun: "groups",
  summary: `List the Groups of a connection, without their members, ${order}`,
  scope: "tenant",
  query: pageQuery,
  body: noBody,
  statuses: [200],
  answer: pageOf("GroupPage", groupSchema),
};

/** Reads a Group. */
export const readGroup: Operation<object, undefined, GroupJson> = {
  operationId: "readGroup",
  method: "GET",
  path: `${path}/groups/{group}`,
  noun: "groups",
  summary: "Read a Group of a connection, without its members",
  scope: "tenant",
  query: noQuery,
  body: noBody,
  statuses: [200],
  answer: groupSchema,
};

/** Lists the members of a Group. */
export const listGroupMembers: Operation<PageQuery, undefined, Page<GroupMemberJson>> = {
  operationId: "listGroupMembers",
  method: "GET",
  path: `${path}/groups/{group}/members`,
  noun: "groups",
  summary: "List the members of a Group in the order in which they were added",
  scope: "tenant",
  query: pageQuery,
  body: noBody,
  statuses: [200],
  answer: pageOf("GroupMemberPage", groupMemberSchema),
};
