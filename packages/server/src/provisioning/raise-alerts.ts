/** Raises alerts: tells applications and operators of tokens that end soon, and operators of what does not work. */
import { v5 } from "uuid";
import type { Alert, KeptMember, RefusalCount } from "../domain/alert.ts";
import {
  alertMailKey,
  dailyKeysOf,
  firstMarkDays,
  keptMemberKey,
  markPassed,
  noAccount,
  refusalsToTell,
} from "../domain/alert.ts";
import type { StagedMail } from "../domain/mail.ts";
import { alertMessageOf } from "../domain/mail.ts";
import type { OutboxEvent } from "../domain/outbox-event.ts";
import type { Tenant, TenantId } from "../domain/tenant.ts";
import type { Webhook } from "../domain/webhook.ts";
import type { EndingCredential, LeaseWish, Store } from "../store/store.ts";
import { newId } from "./new-id.ts";

/** Whom alerts go to, and in which language. */
export interface AlertReaders {
  /** Nobody: no mail is written. */
  readonly addresses: readonly string[];
  /** A language tag. */
  readonly language: string;
}

type AlertStore = Pick<
  Store,
  | "alerts"
  | "auditLog"
  | "connections"
  | "credentials"
  | "leases"
  | "mails"
  | "requestLog"
  | "tenants"
  | "webhooks"
>;

interface AlertSite {
  readonly store: AlertStore;
  readonly readers: AlertReaders;
  readonly nowMs: number;
  /** Told of what could not be raised; everything else is. */
  readonly onTrouble: (error: unknown) => void;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** How long one process raises alerts alone: until shortly before it does so again. */
const leaseMs = 55 * 60_000;

/** Makes the ids of what is told once, whoever tells it (RFC 9562 §5.5). */
const idSpace = "5c2f7a54-0f0e-4a86-9d7c-3f4f6f2f8b1d";

/** Raises what there is to tell at a time, unless another process is at it; answers false then. */
export async function raiseAlerts(
  store: AlertStore,
  readers: AlertReaders,
  { holder, nowMs, onTrouble }: Pick<LeaseWish, "holder" | "nowMs"> & Pick<AlertSite, "onTrouble">,
): Promise<boolean> {
  if (!(await store.leases.take({ name: "alerts", holder, nowMs, forMs: leaseMs }))) {
    return false;
  }
  await raiseAlertsNow({ store, readers, nowMs, onTrouble });
  return true;
}

/** The same whoever else is at it: each alert is raised once all the same. */
export async function raiseAlertsNow(site: AlertSite): Promise<void> {
  const forOperators = [tellOfWebhooks, tellOfRefusals, tellOfKeptMembers];
  const kinds = [tellOfCredentials, ...(site.readers.addresses.length > 0 ? forOperators : [])];
  await tellEach(site, kinds, (tell) => tell(site));
}

/** One that cannot be told keeps nobody from being told of the others; it is tried again with the next round. */
async function tellEach<Item>(
  { onTrouble }: Pick<AlertSite, "onTrouble">,
  items: Iterable<Item>,
  tell: (item: Item) => Promise<void>,
): Promise<void> {
  for (const item of items) {
    await tell(item).catch(onTrouble);
  }
}

async function tellOfCredentials(site: AlertSite): Promise<void> {
  const { store, nowMs } = site;
  const ending = await store.alerts.endingCredentials({
    after: timeText(nowMs),
    until: timeText(nowMs + firstMarkDays * dayMs),
  });
  await tellEach(site, ending, (one) => tellOfCredential(site, one));
}

async function tellOfCredential(
  { store, readers, nowMs }: AlertSite,
  { tenantId, credentialId }: EndingCredential,
): Promise<void> {
  const credential = await store.credentials.byId(credentialId);
  const daysLeft = credential && markPassed(credential, nowMs);
  if (credential?.expires === undefined || daysLeft === undefined) {
    return;
  }
  const tenant = await store.tenants.byId(tenantId);
  const connection = await store.connections.read(credential);
  if (tenant === undefined || connection === undefined) {
    return;
  }
  const { name, expires } = credential;
  const at = timeText(nowMs);
  const key = `credential-expiring:${credentialId}:${daysLeft}`;
  const event: OutboxEvent = {
    eventId: v5(`${tenantId}:${key}`, idSpace),
    type: "credential.expiring",
    at,
    resourceType: "Credential",
    resourceId: credentialId,
    revision: 1,
    data: { credentialId, connection: connection.slug, name, expires, daysLeft },
  };
  const alert: Alert = {
    kind: "credential-expiring",
    connection: connection.name,
    name,
    expires,
    daysLeft,
  };
  const mails = mailsOf(alert, { tenant, readers, key, at });
  await store.alerts.tellOfExpiry(tenantId, { credentialId, expires, event, mails });
}

async function tellOfWebhooks(site: AlertSite): Promise<void> {
  const { store, nowMs } = site;
  // Twice as long ago as the last alert may be, which what came behind it is counted from.
  const troubled = await store.alerts.troubledWebhooks(timeText(nowMs - 2 * dayMs));
  await tellEach(site, troubled, async ({ tenantId, webhookId }) => {
    const webhook = await store.webhooks.byId(tenantId, webhookId);
    const tenant = await store.tenants.byId(tenantId);
    if (webhook !== undefined && tenant !== undefined) {
      await tellEach(site, [tellOfDisabled, tellOfDeadLetters], (tell) =>
        tell(site, tenant, webhook),
      );
    }
  });
}

/** The receiver of a stream may fetch what waits for it from wherever it is. */
function hostOfReceiver({ url }: Pick<Webhook, "url">): string {
  return url === "" ? "a receiver that polls" : new URL(url).host;
}

/** Whoever disabled it themselves knows. */
async function tellOfDisabled(site: AlertSite, tenant: Tenant, webhook: Webhook): Promise<void> {
  const { tenantId, webhookId, disabled } = webhook;
  if (disabled === undefined || disabled.at <= timeText(site.nowMs - dayMs)) {
    return;
  }
  const [entry] = await site.store.auditLog.list(tenantId, {
    limit: 1,
    targetId: webhookId,
    action: "webhook.disable",
  });
  if (entry?.actor.kind !== "system") {
    return;
  }
  const alert: Alert = {
    kind: "webhook-disabled",
    webhookId,
    host: hostOfReceiver(webhook),
    reason: disabled.reason,
  };
  await stage(site, tenant, alert, `webhook-disabled:${webhookId}:${disabled.at}`);
}

async function tellOfDeadLetters(
  site: AlertSite,
  tenant: Tenant,
  { tenantId, webhookId, url }: Webhook,
): Promise<void> {
  const { store, nowMs } = site;
  const keys = dailyKeysOf(`webhook-dead-letters:${webhookId}`, nowMs);
  const told = await lastTold(site, tenantId, keys);
  if (isRecent(told, nowMs)) {
    return;
  }
  const since = told ?? timeText(nowMs - dayMs);
  const count = await store.alerts.countDeadLetters(tenantId, webhookId, since);
  if (count > 0) {
    const host = hostOfReceiver({ url });
    await stage(site, tenant, { kind: "webhook-dead-letters", webhookId, host, count }, keys[0]);
  }
}

async function tellOfRefusals(site: AlertSite): Promise<void> {
  const { store, nowMs } = site;
  const byConnection = new Map<string, RefusalCount[]>();
  for (const count of await store.requestLog.refusals(timeText(nowMs - hourMs))) {
    const known = byConnection.get(count.connectionId) ?? [];
    byConnection.set(count.connectionId, [...known, count]);
  }
  await tellEach(site, byConnection.values(), (counts) => tellOfConnection(site, counts));
}

/** The counts are those of one connection. */
async function tellOfConnection(site: AlertSite, counts: readonly RefusalCount[]): Promise<void> {
  const { store, nowMs } = site;
  const [scope] = counts;
  const told = refusalsToTell(counts);
  if (scope === undefined || told === undefined) {
    return;
  }
  const keys = dailyKeysOf(`connection-refused:${scope.connectionId}`, nowMs);
  const tenant = await store.tenants.byId(scope.tenantId);
  const connection = await store.connections.read(scope);
  if (
    tenant !== undefined &&
    connection !== undefined &&
    !isRecent(await lastTold(site, scope.tenantId, keys), nowMs)
  ) {
    const alert: Alert = { kind: "connection-refused", connection: connection.name, ...told };
    await stage(site, tenant, alert, keys[0]);
  }
}

/** Of a day alone: what was told goes with the mails of its tenant, at the earliest a day after it was sent. */
async function tellOfKeptMembers(site: AlertSite): Promise<void> {
  const members = await site.store.alerts.keptMembers(timeText(site.nowMs - dayMs));
  await tellEach(site, members, (kept) => tellOfKeptMember(site, kept));
}

async function tellOfKeptMember(site: AlertSite, kept: KeptMember): Promise<void> {
  const { tenantId, account, cause } = kept;
  const tenant = await site.store.tenants.byId(tenantId);
  if (tenant !== undefined) {
    await stage(site, tenant, { kind: "member-kept", cause, account }, keptMemberKey(kept));
  }
}

/** When operators were last told of what they are told of once a day. */
function lastTold(
  { store }: AlertSite,
  tenantId: TenantId,
  [today, yesterday]: readonly [string, string],
): Promise<string | undefined> {
  return store.alerts.latestOf(tenantId, [alertMailKey(today, 0), alertMailKey(yesterday, 0)]);
}

function isRecent(told: string | undefined, nowMs: number): boolean {
  return told !== undefined && told > timeText(nowMs - dayMs);
}

async function stage(
  { store, readers, nowMs }: AlertSite,
  tenant: Tenant,
  alert: Alert,
  key: string,
): Promise<void> {
  const mails = mailsOf(alert, { tenant, readers, key, at: timeText(nowMs) });
  await store.mails.stage(tenant.tenantId, mails);
}

/** One mail to each; a second one with the same key is not put in. */
function mailsOf(
  alert: Alert,
  {
    tenant,
    readers,
    key,
    at,
  }: {
    readonly tenant: Tenant;
    readonly readers: AlertReaders;
    readonly key: string;
    readonly at: string;
  },
): readonly StagedMail[] {
  return readers.addresses.map((to, index) => ({
    ...alertMessageOf(alert, tenant, readers.language),
    mailId: newId(),
    accountId: noAccount,
    to,
    idempotencyKey: alertMailKey(key, index),
    at,
    due: at,
  }));
}

function timeText(ms: number): string {
  return new Date(ms).toISOString();
}
