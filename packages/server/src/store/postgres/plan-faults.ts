/** What is wrong with a plan of PostgreSQL: it reads what is not the tenant's, or a population for one row. For tests. */

import { tablesOnEveryNode } from "./table-places.ts";

interface PlanNode {
  readonly kind: string;
  readonly table: string;
  readonly index: string;
  readonly condition: string;
  readonly filter: string;
}

/** Tables that have no more rows in a tenant than an operator makes. */
const smallTables: ReadonlySet<string> = new Set([
  "tenants",
  "tenant_facts",
  "tenant_turns",
  "connections",
  "credentials",
  "oauth_clients",
  "resource_totals",
  "tenant_slugs",
  "credential_ids",
  "admin_credentials",
  "domains",
  "instance_facts",
  "instance_counters",
  "instance_audit_logs",
  "webhooks",
  "teams",
  "group_mappings",
  "oidc_connections",
]);

/** Indexes that have rows only for what is still to be done. */
const shortIndexes: ReadonlySet<string> = new Set([
  "audit_entries_unnumbered",
  "outbox_events_unnumbered",
  "mails_due",
  "webhook_deliveries_due",
  "webhook_deliveries_claimed",
]);

/** Columns that a row is looked up by; behind an index they would filter what was read in vain. */
const lookUpColumns: ReadonlySet<string> = new Set([
  "connection_id",
  "resource_id",
  "target_id",
  "path",
  "key",
  "value",
  "key_hash",
  "sequence",
  "position",
  "audit_number",
  "created_at",
]);

/** Columns of which few rows of a population have the same value. */
const fewColumns: Readonly<Record<string, readonly string[]>> = {
  resources: ["resource_id"],
  unique_keys: ["key", "resource_id"],
  point_values: ["value"],
  relations: ["resource_id"],
  members: ["value"],
  tombstones: ["resource_id"],
  tombstone_keys: ["key_hash", "resource_id"],
  audit_entries: ["target_id", "entry_id"],
  outbox_events: ["event_id"],
  mails: ["mail_id", "account_id"],
  webhook_deliveries: ["resource_id"],
  accounts: ["account_id"],
  links: ["resource_id", "account_id"],
  memberships: ["account_id"],
  grants: ["account_id"],
  locks: ["account_id"],
  declines: ["account_id"],
  login_identities: ["subject", "account_id"],
  group_grants: ["resource_id"],
  mapped_groups: ["group_id"],
  login_groups: ["account_id"],
  invitations: ["invitation_id", "resource_id", "account_id"],
};

/** Lists what is wrong with a plan in the JSON form of EXPLAIN; `isWide` for statements about all that a tenant has. */
export function planFaults(plan: unknown, isWide: boolean): readonly string[] {
  return nodesOf(plan).flatMap((node) => nodeFaults(node, isWide));
}

function nodeFaults(node: PlanNode, isWide: boolean): readonly string[] {
  const { kind, table, index, condition, filter } = node;
  if (kind === "Seq Scan") {
    return [`reads all of ${table}`];
  }
  if (!/^(Index Scan|Index Only Scan|Bitmap Index Scan)$/.test(kind) || isWide) {
    return [];
  }
  const columns = columnsIn(condition);
  const by = `${index} by ${columns.join(", ")}`;
  if (!columns.includes("tenant_id") && !isGlobal(table)) {
    return [`${by}, without the tenant`];
  }
  if (smallTables.has(table) || shortIndexes.has(index)) {
    return [];
  }
  const few = fewColumns[table] ?? [];
  const vain = few.some((column) => columns.includes(column))
    ? []
    : columnsIn(filter, "=").filter((column) => lookUpColumns.has(column));
  return [
    ...(columns.some((column) => !isScope(column)) ? [] : [`${by} alone`]),
    ...vain.map((column) => `${by}, filtered by ${column}`),
  ];
}

function isScope(column: string): boolean {
  return column === "tenant_id" || column === "connection_id";
}

function isGlobal(table: string): boolean {
  return tablesOnEveryNode.includes(table);
}

/** The columns that a condition compares with something. */
function columnsIn(condition: string, operator = "=|<|>|<=|>=|IS"): readonly string[] {
  const pattern = new RegExp(`\\((?:\\w+\\.)?"?(\\w+)"? (?:${operator}) `, "g");
  return [...condition.matchAll(pattern)].map(([, column = ""]) => column);
}

/** All nodes; what reads an index for another node reads it for that one's table. */
function nodesOf(value: unknown, tableAbove = ""): readonly PlanNode[] {
  if (Array.isArray(value)) {
    return value.flatMap((one) => nodesOf(one, tableAbove));
  }
  if (typeof value !== "object" || value === null) {
    return [];
  }
  const entries = new Map<string, unknown>(Object.entries(value));
  const text = (name: string) => String(entries.get(name) ?? "");
  const table = text("Relation Name") || (text("Index Name") ? tableAbove : "");
  const node = {
    kind: text("Node Type"),
    table,
    index: text("Index Name"),
    condition: text("Index Cond"),
    filter: `${text("Filter")} ${text("Join Filter")}`,
  };
  return [
    node,
    ...nodesOf(entries.get("Plan")),
    ...nodesOf(entries.get("Plans"), table || tableAbove),
  ];
}
