/** The audit log in the admin API. */
import { z } from "zod";
import type { ChainVerification } from "../domain/audit-chain.ts";
import { actorKinds } from "../domain/audit-entry.ts";
import type { ShownAuditEntry } from "../domain/audit-export.ts";
import { auditPageMax, parseSearchTime } from "../domain/audit-search.ts";
import type { Operation, Page, PageQuery } from "./operation.ts";
import {
  named,
  noBody,
  noQuery,
  pageMembers,
  pageOf,
  queryNumber,
  shaped,
  timeSchema,
} from "./operation.ts";

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

/** Which part of an audit log to export, and as what. */
export interface AuditExportQuery {
  readonly format?: "jsonl" | "csv" | undefined;
  readonly after?: number | undefined;
  readonly limit?: number | undefined;
}

const auditExportQuerySchema: z.ZodType<AuditExportQuery> = z.strictObject({
  format: z
    .enum(["jsonl", "csv"])
    .optional()
    .describe("jsonl, an entry a line, or csv for spreadsheets; jsonl by default"),
  after: queryNumber({ min: 0, max: Number.MAX_SAFE_INTEGER })
    .optional()
    .describe("The number of the last entry that is known already"),
  limit: queryNumber({ min: 1, max: auditPageMax })
    .optional()
    .describe(`How many entries, ${auditPageMax} by default`),
});

/** Exports the audit log of a tenant. */
export const exportAuditLog: Operation<AuditExportQuery, undefined, string> = {
  operationId: "exportAuditLog",
  method: "GET",
  path: "/tenants/{tenant}/audit-log/export",
  noun: "logs",
  summary:
    "Export what was done in a tenant, oldest first; the header Link has the address of what follows, until there is none",
  scope: "tenant",
  query: auditExportQuerySchema,
  body: noBody,
  statuses: [200],
  answer: z.string(),
  mediaTypes: ["application/jsonl", "text/csv; charset=utf-8"],
};

/** Exports the audit log of the instance. */
export const exportInstanceAuditLog: Operation<AuditExportQuery, undefined, string> = {
  ...exportAuditLog,
  operationId: "exportInstanceAuditLog",
  path: "/audit-log/export",
  summary: "Export what was done to the instance as a whole, oldest first, as of a tenant",
  scope: "instance",
};

const verificationSchema: z.ZodType<ChainVerification> = named(
  "AuditVerification",
  shaped(
    z.object({
      ok: z.boolean().describe("Whether every entry is as it was written, and none is missing"),
      entries: z.int().describe("How many entries were looked at: all, or those up to the fault"),
      chained: z.int().describe("How many of them are chained as they should be"),
      firstFault: z
        .object({
          number: z.int(),
          reason: z
            .enum(["changed", "missing", "truncated", "rewritten"])
            .describe(
              "The entry was changed or moved, is missing, is missing with all behind it, or was made anew with all before it",
            ),
        })
        .optional()
        .describe("The first entry that is not as it was written"),
    }),
  ),
);

/** Verifies the audit log of a tenant. */
export const verifyAuditLog: Operation<object, undefined, ChainVerification> = {
  operationId: "verifyAuditLog",
  method: "POST",
  path: "/tenants/{tenant}/audit-log/verify",
  noun: "logs",
  summary: "Tell whether an entry of the audit log of a tenant was changed, moved or removed",
  scope: "tenant",
  query: noQuery,
  body: noBody,
  statuses: [200],
  answer: verificationSchema,
};

/** Verifies the audit log of the instance. */
export const verifyInstanceAuditLog: Operation<object, undefined, ChainVerification> = {
  ...verifyAuditLog,
  operationId: "verifyInstanceAuditLog",
  path: "/audit-log/verify",
  summary: "Tell whether an entry of the audit log of the instance was changed, moved or removed",
  scope: "instance",
};

/** Lists the audit log of the instance. */
export const listInstanceAuditLog: Operation<AuditQuery, undefined, Page<ShownAuditEntry>> = {
  ...listAuditLog,
  operationId: "listInstanceAuditLog",
  path: "/audit-log",
  summary: "List what was done to the instance as a whole, newest first",
  scope: "instance",
};
