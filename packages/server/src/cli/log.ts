/** `rollcall log`: the request log, with the reason of every refusal. */
import { setTimeout as wait } from "node:timers/promises";
import { cleanText } from "../domain/clean-text.ts";
import type { RequestLogEntry } from "../domain/request-log-entry.ts";
import { safeJson } from "../domain/safe-json.ts";
import type { TenantId } from "../domain/tenant.ts";
import type { Store } from "../store/store.ts";
import type { Call, Command } from "./command.ts";
import { findTenant } from "./find-connection.ts";
import { wholeNumberOption } from "./whole-number-option.ts";

/** How often a followed log is read. */
const followIntervalMs = 500;
/** How many entries are read at once. */
const pageLength = 500;

/** The commands. */
export const logCommands: readonly Command[] = [
  {
    usage: "log",
    summary: "show what clients asked and why they were refused; with --json one object a line",
    options: [
      ["--follow", "go on with what comes in until interrupted"],
      ["--tenant <slug>", "one tenant alone"],
      ["--limit <count>", "how many of the latest entries (default: 50)"],
    ],
    usedBy: "all",
    folder: "need",
    run: showLog,
  },
];

type LoggedRequest = RequestLogEntry & { readonly sequence: number };

async function showLog(call: Call): Promise<number> {
  const { store } = await call.open();
  const slug = call.text("tenant");
  const tenant = slug === undefined ? undefined : await findTenant(store, slug);
  const ofTenant = tenant === undefined ? {} : { tenantId: tenant.tenantId };
  const names = await connectionNames(store);
  const show = (entries: readonly LoggedRequest[]): void => {
    for (const entry of entries) {
      call.io.out(call.json ? `${safeJson(entry)}\n` : linesOf(entry, names));
    }
  };
  const limit = wholeNumberOption(call, "limit", 50, 0, 100_000);
  // With a limit of 0 the latest entry is read all the same: what follows begins behind it.
  const latest = await store.requestLog.list({ ...ofTenant, limit: Math.max(limit, 1) });
  show(limit === 0 ? [] : latest);
  if (call.has("follow")) {
    await follow(call, store, ofTenant, latest.at(-1)?.sequence ?? 0, show);
  }
  return 0;
}

async function follow(
  call: Call,
  { requestLog }: Store,
  ofTenant: { readonly tenantId?: TenantId },
  from: number,
  show: (entries: readonly LoggedRequest[]) => void,
): Promise<void> {
  const signal = call.io.stopSignal();
  let afterSequence = from;
  while (!signal.aborted) {
    const entries = await requestLog.list({ ...ofTenant, afterSequence, limit: pageLength });
    show(entries);
    afterSequence = entries.at(-1)?.sequence ?? afterSequence;
    if (entries.length < pageLength) {
      await wait(followIntervalMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

async function connectionNames({
  tenants,
  connections,
}: Store): Promise<ReadonlyMap<string, string>> {
  const named = await Promise.all(
    (await tenants.list()).map(async ({ tenantId, slug }) =>
      (await connections.list(tenantId)).map(
        (connection) => [connection.connectionId, `${slug}/${connection.slug}`] as const,
      ),
    ),
  );
  return new Map(named.flat());
}

function linesOf(entry: LoggedRequest, names: ReadonlyMap<string, string>): string {
  const connection =
    entry.connectionId === undefined ? "-" : (names.get(entry.connectionId) ?? entry.connectionId);
  const head = [
    entry.at,
    String(entry.status),
    entry.method.padEnd(7),
    entry.pathTemplate,
    connection,
    `${Math.round(entry.durationMs)} ms`,
    entry.client,
  ].join("  ");
  const reason = [entry.scimType, entry.reason].filter((part) => part !== undefined).join(": ");
  return [
    head,
    ...(reason === "" ? [] : [reason]),
    ...entry.warnings.map((text) => `warning: ${text}`),
  ]
    .map((line, index) => `${index === 0 ? "" : "    "}${cleanText(line)}\n`)
    .join("");
}
