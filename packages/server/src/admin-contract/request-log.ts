/** The request log in the admin API. */
import { z } from "zod";
import type { RequestLogEntry } from "../domain/request-log-entry.ts";
import type { Operation, Page, PageQuery } from "./operation.ts";
import {
  named,
  noBody,
  pageMembers,
  pageOf,
  queryNumber,
  shaped,
  timeSchema,
} from "./operation.ts";

/** A request as the command line and the admin API show it. */
export type LoggedRequestJson = RequestLogEntry & { readonly sequence: number };

/** Which requests to list. */
export interface RequestLogQuery extends PageQuery {
  readonly connection?: string | undefined;
  readonly statusFrom?: number | undefined;
}

const requestLogQuerySchema: z.ZodType<RequestLogQuery> = z.strictObject({
  ...pageMembers,
  connection: z.string().optional().describe("The slug of a connection"),
  statusFrom: queryNumber({ min: 100, max: 599 })
    .optional()
    .describe("The lowest status: 400 for what was refused"),
});

const loggedRequestSchema: z.ZodType<LoggedRequestJson> = named(
  "LoggedRequest",
  shaped(
    z.object({
      sequence: z.int(),
      requestId: z.string(),
      at: timeSchema,
      tenantId: z.string().optional(),
      connectionId: z.string().optional(),
      credentialId: z.string().optional(),
      client: z.string(),
      method: z.string(),
      pathTemplate: z.string(),
      status: z.int(),
      scimType: z.string().optional(),
      reason: z.string().optional().describe("Why it was refused"),
      warnings: z.array(z.string()).describe("What was ignored"),
      durationMs: z.number(),
    }),
  ),
);

/** Lists the request log. */
export const listRequestLog: Operation<RequestLogQuery, undefined, Page<LoggedRequestJson>> = {
  operationId: "listRequestLog",
  method: "GET",
  path: "/tenants/{tenant}/request-log",
  noun: "logs",
  summary: "List what clients asked and why they were refused, newest first",
  scope: "tenant",
  query: requestLogQuerySchema,
  body: noBody,
  statuses: [200],
  answer: pageOf("LoggedRequestPage", loggedRequestSchema),
};
