/** Audit entries as they are shown and exported: JSON, JSON Lines, and CSV (RFC 4180) that no spreadsheet takes for formulas. */
import type {
  AttributeDifference,
  AuditEntry,
  NumberedAuditEntry,
  RelationDifference,
} from "./audit-entry.ts";
import { canonicalJson } from "./canonical-json.ts";
import { escapeUnsafe } from "./safe-json.ts";

/** An entry as the command line and the admin API show it. */
export interface ShownAuditEntry {
  readonly id: string;
  /** xsd:dateTime in UTC. */
  readonly time: string;
  readonly actor: AuditEntry["actor"];
  readonly action: string;
  readonly target: {
    readonly type: string;
    readonly id: string;
    readonly name?: string;
    readonly externalId?: string;
  };
  readonly outcome: AuditEntry["outcome"];
  readonly requestId: string;
  /** Changed attributes with what they were and are, then members added and removed. */
  readonly changes: readonly (AttributeDifference | RelationDifference)[];
}

/** Shows an entry. */
export function shownAuditEntry(entry: AuditEntry): ShownAuditEntry {
  const { type, id, name, externalId } = entry.target;
  return {
    id: entry.entryId,
    time: entry.at,
    actor: entry.actor,
    action: entry.action,
    target: {
      type,
      id,
      ...(name === undefined ? {} : { name }),
      ...(externalId === undefined ? {} : { externalId }),
    },
    outcome: entry.outcome,
    requestId: entry.requestId,
    changes: [...entry.differences, ...entry.relations],
  };
}

/** A form of export: a line before all others, if it has one, and one for each entry, each with its line break. */
export interface AuditExportFormat {
  readonly contentType: string;
  readonly head: string;
  line(entry: NumberedAuditEntry): string;
}

const columns = [
  "id",
  "number",
  "time",
  "actor",
  "action",
  "target",
  "outcome",
  "requestId",
  "changes",
];

/** The forms of export. */
export const auditExportFormats: Readonly<Record<"jsonl" | "csv", AuditExportFormat>> = {
  jsonl: {
    contentType: "application/jsonl",
    head: "",
    line: (entry) =>
      `${safeCanonical({ ...shownAuditEntry(entry), number: entry.number, chainHash: entry.chainHash })}\n`,
  },
  csv: { contentType: "text/csv; charset=utf-8", head: lineOf(columns), line: csvLineOf },
};

function csvLineOf(entry: NumberedAuditEntry): string {
  const { id, time, actor, action, target, outcome, requestId, changes } = shownAuditEntry(entry);
  return lineOf([
    id,
    String(entry.number),
    time,
    `${actor.kind}:${actor.id}`,
    action,
    safeCanonical(target),
    outcome,
    requestId,
    safeCanonical(changes),
  ]);
}

function safeCanonical(value: unknown): string {
  return escapeUnsafe(canonicalJson(value));
}

function lineOf(cells: readonly string[]): string {
  return `${cells.map(cellOf).join(",")}\r\n`;
}

/** A cell: one that a spreadsheet would compute gets an apostrophe in front, which makes it text. */
function cellOf(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
