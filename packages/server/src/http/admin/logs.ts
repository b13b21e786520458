/** Lists what was done and what was asked: the audit log, the request log and the events. */
import type { AuditExportQuery, AuditQuery } from "../../admin-contract/audit-log.ts";
import {
  exportAuditLog,
  exportInstanceAuditLog,
  listAuditLog,
  listInstanceAuditLog,
  verifyAuditLog,
  verifyInstanceAuditLog,
} from "../../admin-contract/audit-log.ts";
import { eventJsonOf, listEvents } from "../../admin-contract/events.ts";
import type { Page } from "../../admin-contract/operation.ts";
import { adminRoot } from "../../admin-contract/operation.ts";
import { listRequestLog } from "../../admin-contract/request-log.ts";
import { instanceAuditId } from "../../domain/admin-credential.ts";
import type { ShownAuditEntry } from "../../domain/audit-export.ts";
import { auditExportFormats, shownAuditEntry } from "../../domain/audit-export.ts";
import {
  auditPageMax,
  isNamed,
  parseActorFilter,
  parseSearchTime,
} from "../../domain/audit-search.ts";
import type { TenantId } from "../../domain/tenant.ts";
import type { Store } from "../../store/store.ts";
import { formatCursor, limitOf, numberPositionOf, pageOfRead } from "./cursor.ts";
import { invalidRequest, notFound } from "./problem.ts";
import type { Answered, ServedOperation } from "./served-operation.ts";
import { served, servedInTenant } from "./served-operation.ts";

/** The operations. */
export const servedLogs: readonly ServedOperation[] = [
  servedInTenant(listAuditLog, async ({ tenant, query }, { store }) => ({
    body: await auditPage(tenant.tenantId, query, store),
  })),
  served(listInstanceAuditLog, async ({ query }, { store }) => ({
    body: await auditPage(instanceAuditId, query, store),
  })),
  servedInTenant(exportAuditLog, ({ tenant: { tenantId, slug }, query }, { store }) =>
    auditExport({ tenantId, path: `/tenants/${slug}/audit-log/export` }, query, store),
  ),
  served(exportInstanceAuditLog, ({ query }, { store }) =>
    auditExport({ tenantId: instanceAuditId, path: "/audit-log/export" }, query, store),
  ),
  servedInTenant(verifyAuditLog, async ({ tenant }, { store }) => ({
    body: await store.auditLog.verify(tenant.tenantId),
  })),
  served(verifyInstanceAuditLog, async (_, { store }) => ({
    body: await store.auditLog.verify(instanceAuditId),
  })),
  servedInTenant(listRequestLog, async ({ tenant, query }, { store }) => {
    const { tenantId } = tenant;
    const connection =
      query.connection === undefined
        ? undefined
        : await store.connections.bySlug(tenantId, query.connection);
    if (query.connection !== undefined && connection === undefined) {
      throw notFound("connection");
    }
    const entries = await store.requestLog.list({
      tenantId,
      connectionId: connection?.connectionId,
      statusFrom: query.statusFrom,
      beforeSequence: numberPositionOf("request-log", query),
      limit: limitOf(query) + 1,
    });
    const forms = {
      list: "request-log",
      keyOf: ({ sequence }: { readonly sequence: number }) => sequence,
      shown: (entry: (typeof entries)[number]) => entry,
    };
    return { body: pageOfRead(entries.toReversed(), query, forms) };
  }),
  servedInTenant(listEvents, async ({ tenant, query }, { store }) => {
    const { tenantId } = tenant;
    const after =
      numberPositionOf("events", query) ?? (await positionBehind(tenantId, query.after, store));
    const events = await store.outbox.list(tenantId, { after, limit: limitOf(query) });
    const { type } = query;
    const wanted = events.filter((event) => type === undefined || isNamed(event.type, type));
    return {
      body: {
        items: wanted.map((event) => eventJsonOf(event, tenant)),
        nextCursor: formatCursor("events", events.at(-1)?.position ?? after),
      },
    };
  }),
];

async function auditPage(
  tenantId: TenantId,
  query: AuditQuery,
  { auditLog }: Store,
): Promise<Page<ShownAuditEntry>> {
  const { target, actor, action, outcome, requestId, from, to } = query;
  const entries = await auditLog.list(tenantId, {
    target,
    actor: actor === undefined ? undefined : parseActorFilter(actor),
    action,
    outcome,
    requestId,
    from: from === undefined ? undefined : parseSearchTime(from),
    to: to === undefined ? undefined : parseSearchTime(to),
    before: numberPositionOf("audit-log", query),
    limit: limitOf(query) + 1,
  });
  return pageOfRead(entries.toReversed(), query, {
    list: "audit-log",
    keyOf: ({ number }) => number,
    shown: shownAuditEntry,
  });
}

/** Piece by piece, as nobody can hold a whole log; the pieces in a row are the file that the command line writes. */
async function auditExport(
  { tenantId, path }: { readonly tenantId: TenantId; readonly path: string },
  { format: name = "jsonl", after = 0, limit = auditPageMax }: AuditExportQuery,
  { auditLog }: Store,
): Promise<Answered<string>> {
  const format = auditExportFormats[name];
  // What is exported tells how it is chained.
  await auditLog.chain(tenantId);
  const entries = await auditLog.list(tenantId, { after, limit });
  const last = entries.at(-1)?.number;
  const next = `${adminRoot}${path}?format=${name}&after=${last}&limit=${limit}`;
  return {
    body: `${after === 0 ? format.head : ""}${entries.map((entry) => format.line(entry)).join("")}`,
    headers: {
      "Content-Type": format.contentType,
      ...(entries.length < limit ? {} : { Link: `<${next}>; rel="next"` }),
    },
  };
}

async function positionBehind(
  tenantId: TenantId,
  eventId: string | undefined,
  { outbox }: Store,
): Promise<number> {
  const position = eventId === undefined ? 0 : await outbox.positionOf(tenantId, eventId);
  if (position === undefined) {
    throw invalidRequest([{ path: "after", detail: "expected the id of an event of the tenant" }]);
  }
  return position;
}
