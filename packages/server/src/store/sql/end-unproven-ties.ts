/** Ends, in every tenant that knows an account, what nothing vouched for before its e-mail was verified, with what it causes. */
import type { Account, AccountId } from "../../domain/account.ts";
import type { AttributeDifference, AuditEntry, Circumstances } from "../../domain/audit-entry.ts";
import { accessEventsOf } from "../../domain/consequences.ts";
import { parseEmailAddress } from "../../domain/email-address.ts";
import type { EndingTies } from "../../domain/email-proof.ts";
import { endingTiesOf } from "../../domain/email-proof.ts";
import type { AccessEffect } from "../../domain/membership-edit.ts";
import { accessEffectOf } from "../../domain/membership-edit.ts";
import type { TenantId } from "../../domain/tenant.ts";
import type { TenantSettings } from "../../domain/tenant-settings.ts";
import { nextAccessRevision } from "./access-revision.ts";
import { domainAsked } from "./account-candidates.ts";
import { tenantsOfAccountAsked } from "./accounts.ts";
import { ask } from "./asked.ts";
import { editRows } from "./edit-rows.ts";
import { guardAccess } from "./guard-access.ts";
import { insertInvitation } from "./invitations.ts";
import { tenantAccountAsked } from "./membership-facts.ts";
import { adminAuditEntry, consequenceRows } from "./record-consequences.ts";
import { recordNotices } from "./record-notices.ts";
import type { Script } from "./script.ts";
import { changesOf, firstRowOf } from "./script.ts";
import type { SqlContext } from "./sql-context.ts";
import { statement } from "./statement.ts";
import { settingsOfTenant } from "./tenant-members.ts";

/** What was done to the account, which the audit log of each tenant tells together with what came of it there. */
export interface ProofSite {
  /** As it is from now on. */
  readonly account: Account;
  readonly action: string;
  readonly differences: readonly AttributeDifference[];
  /** The tenant whose audit log tells of the change itself in another entry. */
  readonly toldBy?: TenantId;
  /** Whether the tenants are taken alone, so that no other owner goes meanwhile. */
  readonly isAlone: boolean;
}

/** Ends it; `alone` asks for the tenants alone first. The last owner of a tenant and protected members keep their links. */
export function* endUnprovenTies(
  site: ProofSite,
  circumstances: Circumstances,
  context: SqlContext,
): Script<"done" | "alone"> {
  const tenants: readonly TenantId[] = yield* ask(tenantsOfAccountAsked(site.account.accountId));
  for (const tenantId of tenants) {
    const settings = yield* settingsOfTenant(tenantId, context);
    if (
      settings !== undefined &&
      (yield* endInTenant(site, { tenantId, settings }, circumstances, context)) === "alone"
    ) {
      return "alone";
    }
  }
  return "done";
}

interface TenantSite {
  readonly tenantId: TenantId;
  readonly settings: TenantSettings;
}

function* endInTenant(
  site: ProofSite,
  { tenantId, settings }: TenantSite,
  circumstances: Circumstances,
  context: SqlContext,
): Script<"done" | "alone"> {
  const { account, isAlone } = site;
  const { accountId } = account;
  const { dialect } = context;
  const email = parseEmailAddress(account.email ?? "");
  const inTenant = yield* ask(tenantAccountAsked(tenantId, accountId, { lock: true, dialect }));
  const isDomainVerified = email !== undefined && (yield* ask(domainAsked(tenantId, email)));
  const ending = endingTiesOf({ links: inTenant.facts.links, isDomainVerified });
  const effect = accessEffectOf(inTenant, ending.edits, settings);
  const forbidden = yield* guardAccess(effect, { tenantId, settings, dialect, isAlone });
  if (forbidden === "alone") {
    return "alone";
  }
  const logins = ending.endsLogins ? yield* dropLogins(tenantId, accountId) : 0;
  const outcome: Outcome =
    forbidden === undefined
      ? { ending, effect, logins }
      : { ending: noLinks, effect: accessEffectOf(inTenant, [], settings), logins };
  const record = { ...site, tenantId, circumstances, context };
  yield* recordOutcome(record, outcome);
  if (forbidden !== undefined) {
    yield* recordRefusal(record);
  }
  return "done";
}

interface Outcome {
  readonly ending: Pick<EndingTies, "edits" | "pending">;
  readonly effect: AccessEffect;
  /** How many logins went. */
  readonly logins: number;
}

const noLinks: Outcome["ending"] = { edits: [], pending: [] };

interface TenantRecord extends ProofSite {
  readonly tenantId: TenantId;
  readonly circumstances: Circumstances;
  readonly context: SqlContext;
}

function* dropLogins(tenantId: TenantId, accountId: AccountId): Script<number> {
  return yield* changesOf(
    statement(
      `DELETE FROM login_identities WHERE tenant_id = ? AND account_id = ?`,
      tenantId,
      accountId,
    ),
  );
}

function* recordOutcome(record: TenantRecord, { ending, effect, logins }: Outcome): Script<void> {
  const { tenantId, account, context } = record;
  const differences = [
    ...(tenantId === record.toldBy ? [] : record.differences),
    ...effect.differences,
    ...(logins === 0 ? [] : [{ path: "access.logins", before: logins, after: 0 }]),
  ];
  if (differences.length === 0) {
    return;
  }
  const auditEntry = entryOf(record, differences);
  const { at } = auditEntry;
  const outboxEvents = accessEventsOf(
    {
      accountId: account.accountId,
      ref: account.ref,
      isNew: false,
      before: effect.access.before,
      after: effect.access.after,
      differences: [],
      revision: nextAccessRevision(effect.before, context),
    },
    { at, newId: context.newId, isRevoking: true, mustRevoke: logins > 0 },
  );
  yield [
    ...editRows(tenantId, ending.edits, effect, at),
    ...(yield* consequenceRows(tenantId, { auditEntry, outboxEvents }, context)),
  ];
  yield* invite(record, ending, effect.access.before.role, at);
}

/** As after a POST that leaves a link pending: with its invitation, which the acceptance links again. */
function* invite(
  { tenantId, account, context }: TenantRecord,
  { pending }: Outcome["ending"],
  role: string | undefined,
  at: string,
): Script<void> {
  for (const { connectionId, resourceId } of pending) {
    const scope = { tenantId, connectionId };
    const names = yield* firstRowOf<{ tenant_name: string; connection_name: string }>(
      statement(
        `SELECT n.name AS tenant_name, c.name AS connection_name FROM connections AS c
         JOIN tenants AS n ON n.tenant_id = c.tenant_id
         WHERE c.tenant_id = ? AND c.connection_id = ?`,
        tenantId,
        connectionId,
      ),
    );
    if (names === undefined || account.email === undefined) {
      continue;
    }
    const invitationId = context.newId();
    const { accountId, email } = account;
    const site = {
      scope,
      resourceId,
      at,
      tenantName: names.tenant_name,
      connectionName: names.connection_name,
      context,
    };
    yield [insertInvitation(site, { invitationId, accountId, email })];
    const notice = { kind: "invitation", account, role, invitationId } as const;
    yield* recordNotices(site, [{ ...notice, language: account.preferredLanguage }]);
  }
}

function* recordRefusal(record: TenantRecord): Script<void> {
  const auditEntry = {
    ...entryOf(record, []),
    action: "link.pending",
    outcome: "refused",
  } as const;
  const { tenantId, context } = record;
  yield yield* consequenceRows(tenantId, { auditEntry, outboxEvents: [] }, context);
}

/** Without the address, which may be another one in the tenant. */
function entryOf(
  { account, action, circumstances, context }: TenantRecord,
  differences: readonly AttributeDifference[],
): AuditEntry {
  const { accountId } = account;
  const target = { type: "account", id: accountId, name: accountId };
  return adminAuditEntry({ action, target, differences }, circumstances, context);
}
