/** Mails: staged in the transaction of what they tell of, claimed and sent after it. */
import type { Selectable } from "kysely";
import type { AccountId } from "../../domain/account.ts";
import type { EarlierMail, GatheredNotice, Mail, Notice, StagedMail } from "../../domain/mail.ts";
import { factsWithNotice, gatheringMsMax, stageNotice } from "../../domain/mail.ts";
import type { TenantId } from "../../domain/tenant.ts";
import type { Asked } from "./asked.ts";
import type { MailsTable } from "./database.ts";
import { insertRows } from "./insert-rows.ts";
import { jsonColumn } from "./json-column.ts";
import type { Script } from "./script.ts";
import { changesOf, firstRowOf, rowsIn, rowsOf } from "./script.ts";
import type { SqlContext } from "./sql-context.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import type { Statement } from "./statement.ts";
import { compose, statement } from "./statement.ts";

type MailRow = Selectable<MailsTable>;

/** When a mail is due that nobody tries to send any more: behind every time. */
export const neverDue = "9999-12-31T23:59:59.999Z";

/** How long a process that has claimed a mail has for it before others may. */
export const claimMsMax = 60_000;

/** Puts mails in; one whose idempotency key the tenant has is left out. */
export function stageMails(tenantId: TenantId, mails: readonly StagedMail[]): readonly Statement[] {
  return insertRows({
    into: `mails (tenant_id, sent_at, last_error, claimed_until, attempts, mail_id, account_id,
      kind, recipient, language, facts, idempotency_key, created_at, due_at)`,
    shared: [tenantId, null, null, null, 0],
    rows: mails.map((mail) => [
      mail.mailId,
      mail.accountId,
      mail.kind,
      mail.to,
      mail.language,
      JSON.stringify(mail.facts),
      mail.idempotencyKey,
      mail.at,
      mail.due,
    ]),
    ending: `ON CONFLICT (tenant_id, idempotency_key) DO NOTHING`,
  });
}

/**
 * Stages what a person is to be told about a membership: the first notice leaves at once, later ones are gathered.
 * Two of one person at the same time may both leave at once unless the caller's transaction keeps them apart.
 */
export function* recordNotice(
  tenantId: TenantId,
  notice: Notice,
  { dialect, newId }: Pick<SqlContext, "dialect" | "newId">,
): Script<void> {
  const since = new Date(Date.parse(notice.at) - gatheringMsMax).toISOString();
  const earlier = yield* earlierMails(tenantId, notice.accountId, since);
  const staging = stageNotice(notice, earlier, newId);
  if (staging.kind === "mail") {
    yield stageMails(tenantId, [staging.mail]);
  } else if (
    staging.kind === "gather" &&
    !(yield* appendToDigest(tenantId, staging.mailId, staging.notice, dialect))
  ) {
    yield stageMails(tenantId, [staging.otherwise]);
  }
}

/** Stages what many persons are told at once as {@link recordNotice} does, set-wise; tells how many mails and entries of digests. */
export function* recordNoticesToMany(
  tenantId: TenantId,
  notices: readonly Notice[],
  { dialect, newId }: Pick<SqlContext, "dialect" | "newId">,
): Script<number> {
  const [first] = notices;
  if (first === undefined) {
    return 0;
  }
  const since = new Date(Date.parse(first.at) - gatheringMsMax).toISOString();
  const ids = notices.map(({ accountId }) => accountId);
  const earlier = yield* earlierMailsToMany(tenantId, ids, since, dialect);
  const stagings = notices.map((notice) =>
    stageNotice(notice, earlier.get(notice.accountId) ?? [], newId),
  );
  const mails = stagings.flatMap((one) => (one.kind === "mail" ? [one.mail] : []));
  for (const staging of stagings) {
    if (
      staging.kind === "gather" &&
      !(yield* appendToDigest(tenantId, staging.mailId, staging.notice, dialect))
    ) {
      mails.push(staging.otherwise);
    }
  }
  yield stageMails(tenantId, mails);
  return stagings.filter(({ kind }) => kind !== "known").length;
}

/** Lists the mails to each of some persons about a tenant from a time on, oldest first. */
export function* earlierMailsToMany(
  tenantId: TenantId,
  accountIds: readonly AccountId[],
  since: string,
  { listTable }: Pick<SqlDialect, "listTable">,
): Script<ReadonlyMap<AccountId, readonly EarlierMail[]>> {
  const rows = yield* rowsOf<EarlierMailRow & Pick<MailRow, "account_id">>(
    statement(
      `SELECT m.account_id, m.mail_id, m.kind, m.created_at, m.sent_at, m.idempotency_key
       FROM ${listTable} AS ids
       CROSS JOIN mails AS m
       WHERE m.tenant_id = ? AND m.account_id = ids.value AND m.created_at >= ?
       ORDER BY m.created_at, m.mail_id`,
      ...[JSON.stringify(accountIds), tenantId, since],
    ),
  );
  const found = new Map<AccountId, EarlierMail[]>();
  for (const row of rows) {
    const mails = found.get(row.account_id) ?? [];
    mails.push(earlierMailOf(row));
    found.set(row.account_id, mails);
  }
  return found;
}

type EarlierMailRow = Pick<
  MailRow,
  "mail_id" | "kind" | "created_at" | "sent_at" | "idempotency_key"
>;

function earlierMailOf(row: EarlierMailRow): EarlierMail {
  return {
    mailId: row.mail_id,
    kind: row.kind,
    created: row.created_at,
    sent: row.sent_at ?? undefined,
    idempotencyKey: row.idempotency_key,
  };
}

/** Lists the mails to a person about a tenant from a time on, oldest first. */
export function* earlierMails(
  tenantId: TenantId,
  accountId: AccountId,
  since: string,
): Script<readonly EarlierMail[]> {
  const rows = yield* rowsOf<EarlierMailRow>(
    statement(
      `SELECT mail_id, kind, created_at, sent_at, idempotency_key FROM mails
       WHERE tenant_id = ? AND account_id = ? AND created_at >= ? ORDER BY created_at, mail_id`,
      tenantId,
      accountId,
      since,
    ),
  );
  return rows.map(earlierMailOf);
}

/** Adds a notice to a digest that waits; answers false when the digest is on its way, or gone. */
export function* appendToDigest(
  tenantId: TenantId,
  mailId: string,
  notice: GatheredNotice,
  dialect: Pick<SqlDialect, "writers">,
): Script<boolean> {
  const row = yield* firstRowOf<Pick<MailRow, "facts">>(
    statement(
      `SELECT facts FROM mails WHERE tenant_id = ? AND mail_id = ? AND kind = 'digest'
       AND sent_at IS NULL AND claimed_until IS NULL AND attempts = 0 ${lockOf(dialect, "")}`,
      tenantId,
      mailId,
    ),
  );
  if (row === undefined) {
    return false;
  }
  const facts = factsWithNotice(jsonColumn(row.facts), notice);
  if (facts !== undefined) {
    yield* changesOf(
      statement(
        `UPDATE mails SET facts = ? WHERE tenant_id = ? AND mail_id = ?`,
        JSON.stringify(facts),
        tenantId,
        mailId,
      ),
    );
  }
  return true;
}

/** Tenants that have mails to send; asks all tenants, through an index that has nothing but what waits. */
export function* tenantsWithDueMails(now: string): Script<readonly TenantId[]> {
  const rows = yield* rowsOf<{ tenant_id: TenantId }>(
    statement(
      `SELECT DISTINCT tenant_id FROM mails
       WHERE sent_at IS NULL AND due_at <= ? ORDER BY tenant_id`,
      now,
    ),
  );
  return rows.map(({ tenant_id }) => tenant_id);
}

/** Claims mails of a tenant that are due and that nobody else has claimed, the longest due first. */
export function* claimDueMails(
  tenantId: TenantId,
  { nowMs, limit }: { readonly nowMs: number; readonly limit: number },
  dialect: Pick<SqlDialect, "writers">,
): Script<readonly Mail[]> {
  const now = new Date(nowMs).toISOString();
  const rows = yield* rowsOf<MailRow>(
    statement(
      `SELECT * FROM mails WHERE tenant_id = ? AND sent_at IS NULL AND due_at <= ?
       AND coalesce(claimed_until, '') <= ?
       ORDER BY due_at LIMIT ? ${lockOf(dialect, "SKIP LOCKED")}`,
      tenantId,
      now,
      now,
      limit,
    ),
  );
  const until = new Date(nowMs + claimMsMax).toISOString();
  yield rows.map(({ mail_id }) =>
    statement(
      `UPDATE mails SET claimed_until = ? WHERE tenant_id = ? AND mail_id = ?`,
      until,
      tenantId,
      mail_id,
    ),
  );
  return rows.map(mailOf);
}

/** Where one transaction writes at a time nobody comes in between. */
function lockOf({ writers }: Pick<SqlDialect, "writers">, ending: "" | "SKIP LOCKED"): string {
  return writers === "one" ? "" : `FOR UPDATE ${ending}`.trimEnd();
}

/** Notes that a mail has been sent. */
export function markMailSent({ tenantId, mailId }: MailKey, at: string): Statement {
  return statement(
    `UPDATE mails SET sent_at = ?, attempts = attempts + 1, last_error = NULL,
       claimed_until = NULL WHERE tenant_id = ? AND mail_id = ? AND sent_at IS NULL`,
    at,
    tenantId,
    mailId,
  );
}

/** Notes that a mail could not be sent, and when it is tried again. */
export function markMailFailed(
  { tenantId, mailId }: MailKey,
  error: string,
  retryAt: string | undefined,
): Statement {
  return statement(
    `UPDATE mails SET attempts = attempts + 1, last_error = ?, due_at = ?,
       claimed_until = NULL WHERE tenant_id = ? AND mail_id = ? AND sent_at IS NULL`,
    error,
    retryAt ?? neverDue,
    tenantId,
    mailId,
  );
}

type MailKey = Pick<Mail, "tenantId" | "mailId">;

/** Lists the latest mails of a tenant, or those before one, in the order of their ids, which is that of time, the latest last. */
export function* listMails(
  tenantId: TenantId,
  {
    to,
    beforeMailId,
    limit,
  }: {
    readonly to?: string | undefined;
    readonly beforeMailId?: string | undefined;
    readonly limit: number;
  },
  { folded }: Pick<SqlDialect, "folded">,
): Script<readonly Mail[]> {
  const toWhom =
    to === undefined
      ? statement("")
      : compose`AND ${folded(statement("recipient"))} = ${to.toLowerCase()}`;
  const before =
    beforeMailId === undefined ? statement("") : statement("AND mail_id < ?", beforeMailId);
  const rows = yield* rowsOf<MailRow>(
    compose`${statement(`SELECT * FROM mails WHERE tenant_id = ?`, tenantId)} ${toWhom} ${before} ORDER BY mail_id DESC LIMIT ${limit}`,
  );
  return rows.map(mailOf).reverse();
}

/** Asks for the mails to an account, the oldest first. */
export function mailsOfAccountAsked(
  tenantId: TenantId,
  accountId: AccountId,
): Asked<readonly Mail[]> {
  return {
    statements: [
      statement(
        `SELECT * FROM mails WHERE tenant_id = ? AND account_id = ? ORDER BY created_at, mail_id`,
        tenantId,
        accountId,
      ),
    ],
    answer: ([result]) => rowsIn<MailRow>(result).map(mailOf),
  };
}

/** Reads one mail of a tenant. */
export function* readMail(tenantId: TenantId, mailId: string): Script<Mail | undefined> {
  const row = yield* firstRowOf<MailRow>(
    statement(`SELECT * FROM mails WHERE tenant_id = ? AND mail_id = ?`, tenantId, mailId),
  );
  return row && mailOf(row);
}

/** Counts the mails of a tenant that have not been sent. */
export function* countUnsentMails(
  tenantId: TenantId,
): Script<{ readonly waiting: number; readonly givenUp: number }> {
  const row = yield* firstRowOf<{ unsent: number; given_up: number }>(
    statement(
      `SELECT count(*) AS unsent, count(CASE WHEN due_at = ? THEN 1 END) AS given_up
       FROM mails WHERE tenant_id = ? AND sent_at IS NULL`,
      neverDue,
      tenantId,
    ),
  );
  const { unsent = 0, given_up = 0 } = row ?? {};
  return { waiting: unsent - given_up, givenUp: given_up };
}

/** How many mails one transaction drops, so that no other write waits long. */
const prunedAtOnceMax = 200;

/** Finds mails of a tenant that have had their time: sent before it, or given up and made before it. */
export function* oldMails(tenantId: TenantId, before: string): Script<readonly string[]> {
  const rows = yield* rowsOf<{ mail_id: string }>(
    statement(
      `SELECT mail_id FROM mails WHERE tenant_id = ? AND sent_at IS NOT NULL AND sent_at < ?
       UNION ALL
       SELECT mail_id FROM mails
         WHERE tenant_id = ? AND sent_at IS NULL AND due_at = ? AND created_at < ?
       LIMIT ?`,
      ...[tenantId, before, tenantId, neverDue, before, prunedAtOnceMax],
    ),
  );
  return rows.map(({ mail_id }) => mail_id);
}

/** Drops mails of a tenant. */
export function dropMails(tenantId: TenantId, mailIds: readonly string[]): readonly Statement[] {
  return mailIds.map((mailId) =>
    statement(`DELETE FROM mails WHERE tenant_id = ? AND mail_id = ?`, tenantId, mailId),
  );
}

function mailOf(row: MailRow): Mail {
  return {
    mailId: row.mail_id,
    tenantId: row.tenant_id,
    accountId: row.account_id,
    kind: row.kind,
    to: row.recipient,
    language: row.language,
    facts: jsonColumn(row.facts),
    created: row.created_at,
    due: row.due_at === neverDue ? undefined : row.due_at,
    sent: row.sent_at ?? undefined,
    attempts: row.attempts,
    lastError: row.last_error ?? undefined,
  };
}
