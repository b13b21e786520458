/** Connections in the admin API. */
import type { ClientProfileName, ClientSettings } from "@rollcall/scim";
import { clientProfileNames, defaultClientSettings } from "@rollcall/scim";
import { z } from "zod";
import type { Connection } from "../domain/connection.ts";
import { connectionSettingsOf } from "../domain/connection.ts";
import { formatIndexPaths } from "../domain/index-path.ts";
import { nameSchema, slugSchema } from "./names.ts";
import type { Operation, Page, PageQuery } from "./operation.ts";
import { named, noBody, noQuery, pageOf, pageQuery, shaped, timeSchema } from "./operation.ts";

/** A connection as the command line and the admin API show it. */
export interface ConnectionJson {
  readonly connectionId: string;
  /** The slug of the tenant. */
  readonly tenant: string;
  readonly slug: string;
  readonly name: string;
  readonly profile: ClientProfileName;
  readonly disabled: boolean;
  /** Whether nobody gets anything by it before it is activated. */
  readonly staged: boolean;
  readonly baseUrl: string;
  /** All that the connection works with. */
  readonly settings: ClientSettings;
  /** Those that differ from the profile. */
  readonly changedSettings: Partial<ClientSettings>;
  readonly indexes: readonly string[];
  readonly created: string;
}

/** Shows a connection; `scimUrl` is the base URL that clients use. */
export function connectionJsonOf(
  connection: Connection,
  { tenant, scimUrl }: { readonly tenant: string; readonly scimUrl: string },
): ConnectionJson {
  const { connectionId, slug, name, profile, settings, disabled, staged, created } = connection;
  return {
    connectionId,
    tenant,
    slug,
    name,
    profile,
    disabled,
    staged,
    baseUrl: scimUrl,
    settings: connectionSettingsOf(connection),
    changedSettings: settings,
    indexes: formatIndexPaths(connection),
    created,
  };
}

/** Settings as they are changed: null goes back to what the profile says. */
export type ConnectionSettingsChange = Readonly<Record<string, string | boolean | null>>;

function settingForms(): Readonly<Record<string, z.ZodType<string | boolean>>> {
  return Object.fromEntries(
    Object.entries(defaultClientSettings).map(([key, value]) => [
      key,
      typeof value === "boolean" ? z.boolean() : z.string(),
    ]),
  );
}

const profileSchema: z.ZodType<ClientProfileName> = z.enum(clientProfileNames);

const settingsSchema: z.ZodType<ClientSettings> = named(
  "ConnectionSettings",
  shaped(z.object(settingForms())),
);

/** A connection in answers. */
export const connectionSchema: z.ZodType<ConnectionJson> = named(
  "Connection",
  z.object({
    connectionId: z.string(),
    tenant: z.string().describe("The slug of its tenant"),
    slug: z.string(),
    name: z.string(),
    profile: profileSchema,
    disabled: z.boolean(),
    staged: z
      .boolean()
      .describe("Whether what its client sends is stored and gives nobody anything yet"),
    baseUrl: z.string().describe("Where its client reaches SCIM"),
    settings: settingsSchema,
    changedSettings: shaped<Partial<ClientSettings>>(z.object(settingForms()).partial()).describe(
      "Those that differ from the profile",
    ),
    indexes: z.array(z.string()),
    created: timeSchema,
  }),
);

/** What a new connection shall be. */
export interface ConnectionCreation {
  readonly profile?: ClientProfileName | undefined;
  readonly slug?: string | undefined;
  readonly name?: string | undefined;
  readonly staged?: boolean | undefined;
}

const connectionCreationSchema: z.ZodType<ConnectionCreation> = named(
  "ConnectionCreation",
  z.strictObject({
    profile: profileSchema.optional().describe("The client, generic by default"),
    slug: slugSchema.optional().describe("The profile by default, made unique"),
    name: nameSchema.optional().describe("How people call it, the slug by default"),
    staged: z
      .boolean()
      .optional()
      .describe("Whether nobody gets anything by it before it is activated; not by default"),
  }),
);

/** What to change of a connection. */
export interface ConnectionChange {
  readonly name?: string | undefined;
  readonly profile?: ClientProfileName | undefined;
  readonly disabled?: boolean | undefined;
  readonly settings?: ConnectionSettingsChange | undefined;
  readonly indexes?: readonly string[] | undefined;
}

const connectionChangeSchema: z.ZodType<ConnectionChange> = named(
  "ConnectionChange",
  z.strictObject({
    name: nameSchema.optional(),
    profile: profileSchema.optional(),
    disabled: z
      .boolean()
      .optional()
      .describe("Whether every request of its client is refused; its resources and tokens stay"),
    settings: shaped<ConnectionSettingsChange>(
      z.strictObject(
        Object.fromEntries(
          Object.entries(settingForms()).map(([key, form]) => [key, form.nullable().optional()]),
        ),
      ),
    )
      .optional()
      .describe("Those to change; null goes back to what the profile says"),
    indexes: z
      .array(z.string())
      .optional()
      .describe("Attributes that filters with eq find at once, such as User:title; all of them"),
  }),
);

/** Lists connections. */
export const listConnections: Operation<PageQuery, undefined, Page<ConnectionJson>> = {
  operationId: "listConnections",
  method: "GET",
  path: "/tenants/{tenant}/connections",
  noun: "connections",
  summary: "List the connections of a tenant, by slug",
  scope: "tenant",
  query: pageQuery,
  body: noBody,
  statuses: [200],
  answer: pageOf("ConnectionPage", connectionSchema),
};

/** Makes a connection. */
export const createConnection: Operation<object, ConnectionCreation, ConnectionJson> = {
  operationId: "createConnection",
  method: "POST",
  path: "/tenants/{tenant}/connections",
  noun: "connections",
  summary: "Make a connection: one identity provider of a tenant",
  scope: "tenant",
  query: noQuery,
  body: connectionCreationSchema,
  statuses: [201],
  answer: connectionSchema,
  conflict: "The tenant has a connection of that slug",
};

/** Reads a connection. */
export const readConnection: Operation<object, undefined, ConnectionJson> = {
  operationId: "readConnection",
  method: "GET",
  path: "/tenants/{tenant}/connections/{connection}",
  noun: "connections",
  summary: "Read a connection with all its settings",
  scope: "tenant",
  query: noQuery,
  body: noBody,
  statuses: [200],
  answer: connectionSchema,
};

/** Changes a connection. */
export const changeConnection: Operation<object, ConnectionChange, ConnectionJson> = {
  operationId: "changeConnection",
  method: "PATCH",
  path: "/tenants/{tenant}/connections/{connection}",
  noun: "connections",
  summary: "Change the name, the profile or settings of a connection, disable or enable it",
  scope: "tenant",
  query: noQuery,
  body: connectionChangeSchema,
  statuses: [200],
  answer: connectionSchema,
  conflict: "Resources share a value that would have to be unique; nothing is changed",
};
