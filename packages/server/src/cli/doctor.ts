/** `rollcall doctor`: looks for what will cause trouble, and says what to do. */
import { existsSync, readdirSync, statfsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { DataInspection } from "../compose.ts";
import { inspectData } from "../compose.ts";
import { isRefusal } from "../domain/refusal.ts";
import { smtpProblemOf } from "../mail/smtp-transport.ts";
import type { Store } from "../store/store.ts";
import type { AttachFacts } from "./attach-findings.ts";
import { attachFindings } from "./attach-findings.ts";
import { clockFindings } from "./clock-findings.ts";
import type { Call, Command } from "./command.ts";
import { databaseFindings } from "./database-findings.ts";
import type { Finding } from "./finding.ts";
import type { FolderFacts } from "./machine-findings.ts";
import { chainFinding, diskFinding, folderFindings, nodeFinding } from "./machine-findings.ts";
import type { UnsentMails } from "./mail-findings.ts";
import { mailFindings } from "./mail-findings.ts";
import { limitFindings, networkFindings } from "./network-findings.ts";
import { activeTokens, expiringTokens, foreignKeyFindings } from "./token-findings.ts";
import type { WebhookFacts } from "./webhook-findings.ts";
import { webhookFindings } from "./webhook-findings.ts";

/** The commands. */
export const doctorCommands: readonly Command[] = [
  {
    usage: "doctor",
    summary: "look for what will cause trouble; exit code 1 when something has to be done",
    options: [],
    usedBy: "serve",
    folder: "need",
    run: doctor,
  },
];

async function doctor(call: Call): Promise<number> {
  const { config, io } = call;
  const hasFolder = existsSync(config.data);
  // Before anything is opened, which changes files.
  const fileMs = hasFolder ? newestFileMs(config.data) : undefined;
  const data = await inspectData(config, io.now);
  const isSqlite = data.database === "sqlite";
  const opened = hasTables(data) ? await openedFindings(call) : nothingOpened;
  const { newestEntryMs } = opened;
  const clock = { nowMs: io.now(), newestFileMs: fileMs, newestEntryMs };
  const findings = [
    nodeFinding(process.versions.node),
    ...clockFindings(clock),
    // Windows has no modes.
    ...(hasFolder && process.platform !== "win32" ? folderFindings(folderFacts(config.data)) : []),
    ...(hasFolder && isSqlite ? [diskFinding(freeBytesIn(config.data))] : []),
    ...databaseFindings(data, config),
    ...networkFindings(config),
    ...limitFindings(config),
    ...opened.findings,
  ];
  const isHealthy = findings.every(({ state }) => state !== "problem");
  call.answer({ healthy: isHealthy, findings }, [
    ...findings.map(({ check, state, text }) => `${signs[state]}  ${check.padEnd(10)}  ${text}`),
    "",
    isHealthy ? "Nothing has to be done." : "Something has to be done, see above.",
  ]);
  return isHealthy ? 0 : 1;
}

const signs: Readonly<Record<Finding["state"], string>> = {
  ok: "ok     ",
  warning: "warning",
  problem: "PROBLEM",
};

/** Of the folder and of what is in it. */
function newestFileMs(folder: string): number {
  const paths = [folder, ...readdirSync(folder).map((name) => join(folder, name))];
  return Math.max(...paths.map((path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0));
}

/** Whoever else can do what with the folder and the instance key in it. */
function folderFacts(folder: string): FolderFacts {
  const key = join(folder, ".pepper");
  return {
    folder,
    key,
    mode: statSync(folder).mode,
    keyMode: statSync(key, { throwIfNoEntry: false })?.mode,
  };
}

function freeBytesIn(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

function hasTables(data: DataInspection): boolean {
  return data.problem === undefined && (data.database === "sqlite" || data.missingMigrations === 0);
}

/** What only open data tell. */
interface Opened {
  readonly findings: readonly Finding[];
  readonly newestEntryMs: number | undefined;
}

/** Without tables there is nothing to read, and nothing shall be made. */
const nothingOpened: Opened = { findings: [], newestEntryMs: undefined };

/** Opening finds out whether the instance key is the right one. */
async function openedFindings(call: Call): Promise<Opened> {
  const { config, io } = call;
  try {
    const { store, secretHash } = await call.open();
    const tokens = await activeTokens(store, io.now());
    const smtpProblem =
      config.smtpUrl === undefined ? undefined : await smtpProblemOf(config.smtpUrl);
    return {
      newestEntryMs: await lastEntryMs(store),
      findings: [
        ...foreignKeyFindings(tokens, secretHash),
        ...expiringTokens(tokens, io.now()),
        chainFinding(await store.auditLog.countUnchained()),
        ...mailFindings(await unsentMails(store), config, smtpProblem),
        ...attachFindings(await attachFacts(store)),
        ...webhookFindings(await webhookFacts(store)),
      ],
    };
  } catch (error) {
    if (isRefusal(error)) {
      return {
        ...nothingOpened,
        findings: [{ check: "key", state: "problem", text: error.message }],
      };
    }
    throw error;
  }
}

/** When anything was last done in any tenant. */
async function lastEntryMs({ tenants, auditLog }: Store): Promise<number | undefined> {
  const times: number[] = [];
  for (const { tenantId } of await tenants.list()) {
    const [entry] = await auditLog.list(tenantId, { limit: 1 });
    times.push(...(entry === undefined ? [] : [Date.parse(entry.at)]));
  }
  return times.length === 0 ? undefined : Math.max(...times);
}

async function attachFacts({ tenants, memberships }: Store): Promise<readonly AttachFacts[]> {
  const facts: AttachFacts[] = [];
  for (const { tenantId, slug } of await tenants.list()) {
    const settings = await memberships.settings(tenantId);
    if (settings !== undefined) {
      facts.push({ slug, settings });
    }
  }
  return facts;
}

async function webhookFacts({ tenants, webhooks }: Store): Promise<readonly WebhookFacts[]> {
  const facts: WebhookFacts[] = [];
  for (const { tenantId, slug } of await tenants.list()) {
    for (const webhook of await webhooks.list(tenantId)) {
      const { dead } = await webhooks.countUnsettled(tenantId, webhook.webhookId);
      facts.push({ slug, webhook, dead });
    }
  }
  return facts;
}

async function unsentMails({ tenants, mails }: Store): Promise<UnsentMails> {
  const sum = { waiting: 0, givenUp: 0 };
  for (const { tenantId } of await tenants.list()) {
    const { waiting, givenUp } = await mails.countUnsent(tenantId);
    sum.waiting += waiting;
    sum.givenUp += givenUp;
  }
  return sum;
}
