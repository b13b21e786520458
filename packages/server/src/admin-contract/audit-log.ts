/** The audit log in the admin API. */
import { z } from "zod";
import { actorKinds } from "../domain/audit-entry.ts";
import type { ShownAuditEntry } from "../domain/audit-export.ts";
import { parseSearchTime } from "../domain/audit-search.ts";
import type { Operation, Page, PageQuery } from "./operation.ts";
import { named, noBody, pageMembers, pageOf, shaped, timeSchema } from "./operation.ts";

/** Which entries to list. */
export interface AuditQuery extends PageQuery {
  readonly target?: string | undefined;
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  readonly outcome?: "done" | "refused" | undefined;
  readonly requestId?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

const searchTime = z.string().refine((text) => parseSearchTime(text) !== undefined, {
  message: "expected a date, or a time with its offset",
});

const auditQuerySchema: z.ZodType<AuditQuery> = z.strictObject({
  ...pageMembers,
  target: z.string().optional().describe("The id or the name of a target"),
  actor: z
    .string()
    .optional()
    .describe(`A kind (${actorKinds.join(", ")}), an id, or both as kind:id`),
  action: z.string().optional().describe("An action, or with a dot at its end what it begins with"),
  outcome: z.enum(["done", "refused"]).optional(),
  requestId: z.string().optional(),
  from: searchTime.optional().describe("Not before this date or time"),
  to: searchTime.optional().describe("Before this date or time"),
});

const auditEntrySchema: z.ZodType<ShownAuditEntry> = named(
  "AuditEntry",
  shaped(
    z.object({
      id: z.string(),
      time: timeSchema,
      actor: z.object({ kind: z.enum(actorKinds), id: z.string() }),
      action: z.string().describe("Such as user.create or connection.update"),
      target: z.object({
        type: z.string(),
        id: z.string(),
        name: z.string().optional(),
        externalId: z.string().optional(),
      }),
      outcome: z.enum(["done", "refused"]),
      requestId: z.string(),
      changes: z
        .array(z.record(z.string(), z.unknown()))
        .describe("Changed attributes with before and after; then members added and removed"),
    }),
  ),
);

const auditPage = pageOf("AuditEntryPage", auditEntrySchema);

/** Lists the audit log of a tenant. */
export const listAuditLog: Operation<AuditQuery, undefined, Page<ShownAuditEntry>> = {
  operationId: "listAuditLog",
  method: "GET",
  path: "/tenants/{tenant}/audit-log",
  noun: "logs",
  summary: "List what was done in a tenant, newest first",
  scope: "tenant",
  query: auditQuerySchema,
  body: noBody,
  statuses: [200],
  answer: auditPage,
};

/** Lists the audit log of the instance. */
export const listInstanceAuditLog: Operation<AuditQuery, undefined, Page<ShownAuditEntry>> = {
  ...listAuditLog,
  operationId: "listInstanceAuditLog",
  path: "/audit-log",
  summary: "List what was done to the instance as a whole, newest first",
  scope: "instance",
};
