/** `rollcall doctor`: looks for what will cause trouble, and says what to do. */
import { existsSync, statfsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { DataInspection, Instance } from "../compose.ts";
import { inspectData } from "../compose.ts";
import { isLocalHost } from "../config/config.ts";
import { scopeOf } from "../domain/connection.ts";
import type { Credential } from "../domain/credential.ts";
import { credentialStateOf, daysLeftOf } from "../domain/credential.ts";
import { isRefusal } from "../domain/refusal.ts";
import type { Store } from "../store/store.ts";
import type { Call, Command } from "./command.ts";
import { databaseFindings } from "./database-findings.ts";
import type { Finding } from "./finding.ts";
import type { UnsentMails } from "./mail-findings.ts";
import { mailFindings } from "./mail-findings.ts";

/** Less free space than this is a problem. */
const freeBytesMin = 100 * 1024 * 1024;
/** Less free space than this deserves a warning. */
const freeBytesWarn = 1024 * 1024 * 1024;
/** Tokens that end within so many days deserve a warning. */
const expiryDaysWarn = 30;
/** More audit entries without a place in the chain deserve a warning: a server chains them within seconds. */
const unchainedMax = 10_000;
/** A clock that stands before this cannot be right. */
const clockMsMin = Date.UTC(2025, 0, 1);
/** The Node version that is recommended. */
const nodeRecommended = 24;

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
  const data = await inspectData(config, io.now);
  const hasFolder = existsSync(config.data);
  const isSqlite = data.database === "sqlite";
  const findings = [
    nodeFinding(),
    clockFinding(io.now(), config.data),
    ...(hasFolder ? folderFindings(config.data) : []),
    ...(hasFolder && isSqlite ? diskFindings(config.data) : []),
    ...databaseFindings(data, config),
    ...networkFindings(call),
    // Without tables there is nothing to read the tokens from, and nothing shall be made.
    ...(hasTables(data) ? await keyFindings(call) : []),
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

function nodeFinding(): Finding {
  const major = Number(process.versions.node.split(".")[0]);
  return major >= nodeRecommended
    ? { check: "node", state: "ok", text: `Node ${process.versions.node}` }
    : {
        check: "node",
        state: "warning",
        text: `Node ${process.versions.node} works; Node ${nodeRecommended} is recommended`,
      };
}

/** A clock that went back makes tokens live longer and logs lie. */
function clockFinding(nowMs: number, folder: string): Finding {
  const newest = existsSync(folder) ? statSync(folder).mtimeMs : 0;
  if (nowMs < clockMsMin || newest - nowMs > 60_000) {
    const text = `the clock says ${new Date(nowMs).toISOString()}, which is in the past: set it`;
    return { check: "clock", state: "problem", text };
  }
  return { check: "clock", state: "ok", text: new Date(nowMs).toISOString() };
}

function folderFindings(folder: string): readonly Finding[] {
  if (process.platform === "win32") {
    return [];
  }
  const { mode } = statSync(folder);
  const key = join(folder, ".pepper");
  const keyMode = existsSync(key) ? statSync(key).mode & 0o077 : 0;
  const state = (mode & 0o007) === 0 ? "ok" : "warning";
  const octal = (mode & 0o777).toString(8);
  return [
    state === "ok"
      ? { check: "folder", state, text: `${folder}, mode ${octal}` }
      : {
          check: "folder",
          state,
          text: `everybody on this machine can look into it: chmod 700 ${folder}`,
        },
    ...(keyMode === 0
      ? []
      : [
          {
            check: "key",
            state: "problem",
            text: `others can read the instance key: chmod 600 ${key}`,
          } as const,
        ]),
  ];
}

function diskFindings(folder: string): readonly Finding[] {
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  const text = `${(free / 1024 ** 3).toFixed(1)} GiB free`;
  if (free < freeBytesMin) {
    return [{ check: "disk", state: "problem", text: `only ${text}: make room` }];
  }
  return [{ check: "disk", state: free < freeBytesWarn ? "warning" : "ok", text }];
}

function networkFindings({ config }: Call): readonly Finding[] {
  const plain = config.tlsCert === undefined && !isLocalHost(config.host);
  const findings: Finding[] = [];
  if (plain && config.allowPlainHttp) {
    const text = `plain HTTP on ${config.host}: tokens cross the network readable`;
    findings.push({ check: "network", state: "warning", text });
  }
  if (config.publicUrl === undefined && !isLocalHost(config.host)) {
    const text = "no --public-url: meta.location will not lead clients back here";
    findings.push({ check: "network", state: "warning", text });
  }
  return findings.length > 0
    ? findings
    : [{ check: "network", state: "ok", text: config.publicUrl ?? config.host }];
}

function hasTables(data: DataInspection): boolean {
  return data.problem === undefined && (data.database === "sqlite" || data.missingMigrations === 0);
}

/** Opening finds out whether the instance key is the right one. */
async function keyFindings(call: Call): Promise<readonly Finding[]> {
  try {
    const instance = await call.open();
    const credentials = await activeCredentials(instance.store, call.io.now());
    return [
      ...foreignKeyFindings(credentials, instance.secretHash),
      ...expiringTokens(credentials, call.io.now()),
      chainFinding(await instance.store.auditLog.countUnchained()),
      ...mailFindings(await unsentMails(instance.store), call.config),
    ];
  } catch (error) {
    if (isRefusal(error)) {
      return [{ check: "key", state: "problem", text: error.message }];
    }
    throw error;
  }
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

/** Whether the chain holds takes long to find out: `audit verify` does. */
function chainFinding(unchained: number): Finding {
  if (unchained === 0) {
    return { check: "audit", state: "ok", text: "every audit entry is chained" };
  }
  return unchained <= unchainedMax
    ? { check: "audit", state: "ok", text: `${unchained} audit entries are not chained yet` }
    : {
        check: "audit",
        state: "warning",
        text: `${unchained} audit entries are not chained, so that changes to them would not be found: a running server chains them, so start one or look at its log`,
      };
}

interface NamedCredential {
  /** TENANT/CONNECTION. */
  readonly name: string;
  readonly credential: Credential;
}

async function activeCredentials(
  { tenants, connections, credentials }: Store,
  nowMs: number,
): Promise<readonly NamedCredential[]> {
  const found: NamedCredential[] = [];
  for (const tenant of await tenants.list()) {
    for (const connection of await connections.list(tenant.tenantId)) {
      const name = `${tenant.slug}/${connection.slug}`;
      for (const credential of await credentials.list(scopeOf(connection))) {
        if (credentialStateOf(credential, nowMs) === "active") {
          found.push({ name, credential });
        }
      }
    }
  }
  return found;
}

/** A token can be checked only with the version of the key that it was hashed under. */
function foreignKeyFindings(
  credentials: readonly NamedCredential[],
  { pepperVersions }: Instance["secretHash"],
): readonly Finding[] {
  const foreign = credentials.filter(
    ({ credential }) => !pepperVersions.includes(credential.pepperVersion),
  );
  if (foreign.length === 0) {
    const text = `version ${pepperVersions.join(", ")}, the one that the tokens are hashed under`;
    return [{ check: "key", state: "ok", text }];
  }
  const versions = [...new Set(foreign.map(({ credential }) => credential.pepperVersion))];
  return [
    {
      check: "key",
      state: "problem",
      text: `${foreign.length} token(s) are hashed under version ${versions.join(", ")} of the instance key, which is not given, and are refused`,
    },
  ];
}

function expiringTokens(credentials: readonly NamedCredential[], nowMs: number): Finding[] {
  const findings = credentials.flatMap(({ credential, name }) =>
    expiryFindings(credential, name, nowMs),
  );
  const text = `none ends within ${expiryDaysWarn} days`;
  return findings.length > 0 ? findings : [{ check: "tokens", state: "ok", text }];
}

function expiryFindings(credential: Credential, name: string, nowMs: number): readonly Finding[] {
  const days = daysLeftOf(credential, nowMs);
  if (days === undefined || days >= expiryDaysWarn) {
    return [];
  }
  const text = `token ${credential.credentialId} of ${name} ends in ${days} days: make another and change over`;
  return [{ check: "tokens", state: "warning", text }];
}
