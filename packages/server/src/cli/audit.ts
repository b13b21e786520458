/** `rollcall audit`: shows, exports and verifies the audit logs of tenants and that of the instance. */
import { instanceAuditId } from "../domain/admin-credential.ts";
import type { ChainFault, ChainVerification } from "../domain/audit-chain.ts";
import type { AuditEntry } from "../domain/audit-entry.ts";
import type { AuditExportFormat } from "../domain/audit-export.ts";
import { auditExportFormats, shownAuditEntry } from "../domain/audit-export.ts";
import { auditPageMax, parseActorFilter, parseSearchTime } from "../domain/audit-search.ts";
import { refusal } from "../domain/refusal.ts";
import type { Tenant, TenantId } from "../domain/tenant.ts";
import type { Store } from "../store/store.ts";
import type { Call, Command } from "./command.ts";
import { findTenant } from "./find-connection.ts";
import { formatTable } from "./format-table.ts";
import { wholeNumberOption } from "./whole-number-option.ts";

/** How many entries an export reads at once. */
const pageLength = 500;

const instanceOption = [
  "--instance",
  "the log of what was done to the instance as a whole, in place of a tenant's",
] as const;

/** The commands. */
export const auditCommands: readonly Command[] = [
  {
    usage: "audit list [tenant]",
    summary: "show what was done in a tenant, by whom and when, newest last",
    options: [
      instanceOption,
      ["--actor <actor>", "who did it: a kind such as operator, an id, or operator:cli"],
      ["--action <action>", "what was done, such as user.create, or user. for all of users"],
      ["--target <target>", "to whom or what: an id, or a name as it was at the time"],
      ["--from <time>", "not before this date or time"],
      ["--to <time>", "before this date or time"],
      [
        "--limit <count>",
        `how many of the latest entries, up to ${auditPageMax} (default: ${auditPageMax})`,
      ],
    ],
    usedBy: "all",
    folder: "need",
    run: listEntries,
  },
  {
    usage: "audit export [tenant]",
    summary: "write the whole audit log of a tenant, oldest first",
    options: [
      instanceOption,
      ["--format <format>", "jsonl, an entry a line, or csv for spreadsheets (default: jsonl)"],
    ],
    usedBy: "all",
    folder: "need",
    run: exportEntries,
  },
  {
    usage: "audit verify [tenant]",
    summary:
      "tell whether an entry was changed, moved or removed, of one tenant or of all logs; exit code 1 when one was",
    options: [instanceOption],
    usedBy: "all",
    folder: "need",
    run: verifyEntries,
  },
];

async function listEntries(call: Call): Promise<number> {
  const { store } = await call.open();
  const { tenantId } = await logOf(call, store);
  const actor = call.text("actor");
  const entries = await store.auditLog.list(tenantId, {
    limit: wholeNumberOption(call, "limit", auditPageMax, 0, auditPageMax),
    actor: actor === undefined ? undefined : parseActorFilter(actor),
    action: call.text("action"),
    target: call.text("target"),
    from: timeOption(call, "from"),
    to: timeOption(call, "to"),
  });
  call.answer(
    entries.map(shownAuditEntry),
    formatTable(
      ["NUMBER", "TIME", "ACTOR", "ACTION", "TARGET", "OUTCOME", "CHANGES"],
      entries.map(({ number, at, actor: { kind, id }, action, target, outcome, ...changes }) => [
        String(number),
        at,
        `${kind}:${id}`,
        action,
        target.name ?? target.id,
        outcome,
        changesOf(changes),
      ]),
    ),
  );
  return 0;
}

function timeOption(call: Call, option: string): string | undefined {
  const text = call.text(option);
  const time = text === undefined ? undefined : parseSearchTime(text);
  if (text !== undefined && time === undefined) {
    throw refusal(
      `--${option} ${text}: expected a date such as 2025-06-15, or a time such as 2025-06-15T12:00:00Z`,
    );
  }
  return time;
}

/** What changed, without the values, which are many and long: --json has them. */
function changesOf({
  differences,
  relations,
}: Pick<AuditEntry, "differences" | "relations">): string {
  return [
    ...differences.map(({ path }) => path),
    ...relations.map(
      ({ attribute, addedCount, removedCount }) => `${attribute} +${addedCount} -${removedCount}`,
    ),
  ].join(", ");
}

async function exportEntries(call: Call): Promise<number> {
  const format = exportFormatOf(call.text("format") ?? "jsonl");
  const { store } = await call.open();
  const { tenantId } = await logOf(call, store);
  await store.auditLog.chain(tenantId);
  call.io.out(format.head);
  for (let after: number | undefined = 0; after !== undefined; ) {
    const page = await store.auditLog.list(tenantId, { after, limit: pageLength });
    call.io.out(page.map((entry) => format.line(entry)).join(""));
    after = page.at(-1)?.number;
  }
  return 0;
}

function exportFormatOf(name: string): AuditExportFormat {
  if (name !== "jsonl" && name !== "csv") {
    throw refusal(`--format ${name}: expected jsonl or csv`);
  }
  return auditExportFormats[name];
}

/** Which audit log. */
interface NamedLog {
  readonly tenantId: TenantId;
  /** What people call it. */
  readonly name: string;
}

const logOfInstance: NamedLog = { tenantId: instanceAuditId, name: "the instance" };

async function logOf(call: Call, store: Store): Promise<NamedLog> {
  const log = await namedLog(call, store);
  if (log === undefined) {
    throw refusal("whose log is missing: give a tenant, or --instance");
  }
  return log;
}

/** The log that was asked for; undefined when none was named. */
async function namedLog(call: Call, store: Store): Promise<NamedLog | undefined> {
  const [slug] = call.args;
  if (call.has("instance")) {
    if (slug !== undefined) {
      throw refusal("give a tenant or --instance, not both");
    }
    return logOfInstance;
  }
  return slug === undefined ? undefined : logOfTenant(await findTenant(store, slug));
}

function logOfTenant({ tenantId, slug }: Tenant): NamedLog {
  return { tenantId, name: slug };
}

async function verifyEntries(call: Call): Promise<number> {
  const { store } = await call.open();
  const named = await namedLog(call, store);
  if (named === undefined) {
    return await verifyAll(call, store);
  }
  const verification = await store.auditLog.verify(named.tenantId);
  call.answer(verification, [verdictOf(named, verification)]);
  return verification.ok ? 0 : 1;
}

async function verifyAll(call: Call, store: Store): Promise<number> {
  const logs = [logOfInstance, ...(await store.tenants.list()).map(logOfTenant)];
  const found: { log: NamedLog; verification: ChainVerification }[] = [];
  for (const log of logs) {
    found.push({ log, verification: await store.auditLog.verify(log.tenantId) });
  }
  call.answer(
    found.map(({ log, verification }) => ({
      tenant: log === logOfInstance ? null : log.name,
      ...verification,
    })),
    found.map(({ log, verification }) => verdictOf(log, verification)),
  );
  return found.every(({ verification }) => verification.ok) ? 0 : 1;
}

function verdictOf({ name }: NamedLog, { entries, firstFault }: ChainVerification): string {
  return firstFault === undefined
    ? `The audit log of ${name} is as it was written: ${entries} entries.`
    : `The audit log of ${name} is NOT as it was written: ${sentenceOf(firstFault)}.`;
}

function sentenceOf({ number, reason }: ChainFault): string {
  switch (reason) {
    case "changed":
      return `entry ${number} was changed, or stood in another place`;
    case "missing":
      return `entry ${number} is missing`;
    case "truncated":
      return `entry ${number} and everything behind it is missing`;
    case "rewritten":
      return `entry ${number} was made anew, with the chain before it`;
  }
}
