/** Accounts: rows of the whole instance, found by id, by login e-mail or by the application's own id. */
import type { Account, AccountId } from "../../domain/account.ts";
import type { EmailAddress } from "../../domain/email-address.ts";
import type { ConnectionId, TenantId } from "../../domain/tenant.ts";
import type { Asked } from "./asked.ts";
import { ask } from "./asked.ts";
import type { Script } from "./script.ts";
import { rowsIn } from "./script.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import type { Statement } from "./statement.ts";
import { statement } from "./statement.ts";

/** A row of accounts. */
interface AccountRow {
  readonly account_id: AccountId;
  readonly email: string | null;
  readonly email_verified: number;
  readonly has_login: number;
  readonly name: string | null;
  readonly preferred_language: string | null;
  readonly ref: string | null;
  readonly made_by_tenant: TenantId | null;
  readonly made_by_connection: ConnectionId | null;
  readonly created_at: string;
  readonly revision: number;
}

const columns = `account_id, email, email_verified, has_login, name, preferred_language, ref,
  made_by_tenant, made_by_connection, created_at, revision`;

/** Asks for an account by its id. */
export function accountAsked(accountId: AccountId): Asked<Account | undefined> {
  return {
    statements: [statement(`SELECT ${columns} FROM accounts WHERE account_id = ?`, accountId)],
    answer: ([result]) => rowsIn<AccountRow>(result).map(accountOf)[0],
  };
}

/** Reads an account by its id. */
export function accountById(accountId: AccountId): Script<Account | undefined> {
  return ask(accountAsked(accountId));
}

/** Reads an account by its id, to change it: where many transactions write, whoever changes the same one waits. */
export function accountToChange(
  accountId: AccountId,
  dialect: SqlDialect,
): Script<Account | undefined> {
  return ask(accountToChangeAsked(accountId, dialect));
}

/** Asks for an account as {@link accountToChange} reads it. */
export function accountToChangeAsked(
  accountId: AccountId,
  { writers }: SqlDialect,
): Asked<Account | undefined> {
  const lock = writers === "many" ? "FOR NO KEY UPDATE" : "";
  return {
    statements: [
      statement(`SELECT ${columns} FROM accounts WHERE account_id = ? ${lock}`, accountId),
    ],
    answer: ([result]) => rowsIn<AccountRow>(result).map(accountOf)[0],
  };
}

/** Reads accounts by their ids, in any order. */
export function accountsById(
  accountIds: readonly AccountId[],
  { listTable }: SqlDialect,
): Script<readonly Account[]> {
  return ask({
    statements: [
      statement(
        `SELECT ${columns} FROM accounts
         WHERE account_id IN (SELECT ids.value FROM ${listTable} AS ids)`,
        JSON.stringify(accountIds),
      ),
    ],
    answer: ([result]) => rowsIn<AccountRow>(result).map(accountOf),
  });
}

/** Lists accounts in the order of their ids, behind one of them. */
export function listAccounts({
  after,
  limit,
}: {
  readonly after: string;
  readonly limit: number;
}): Script<readonly Account[]> {
  return ask({
    statements: [
      statement(
        `SELECT ${columns} FROM accounts WHERE account_id > ? ORDER BY account_id LIMIT ?`,
        after,
        limit,
      ),
    ],
    answer: ([result]) => rowsIn<AccountRow>(result).map(accountOf),
  });
}

/** Asks who has a login e-mail. */
export function emailHolderAsked({ key }: EmailAddress): Asked<AccountId | undefined> {
  return {
    statements: [statement(`SELECT account_id FROM account_emails WHERE email_key = ?`, key)],
    answer: ([result]) => rowsIn<{ account_id: AccountId }>(result)[0]?.account_id,
  };
}

/** Asks who has an id of the application. */
export function refHolderAsked(ref: string): Asked<AccountId | undefined> {
  return {
    statements: [statement(`SELECT account_id FROM account_refs WHERE ref = ?`, ref)],
    answer: ([result]) => rowsIn<{ account_id: AccountId }>(result)[0]?.account_id,
  };
}

/** Takes a login e-mail for an account; changes no row when somebody else has it. */
export function claimEmail(accountId: AccountId, { key }: EmailAddress): Statement {
  return statement(
    `INSERT INTO account_emails (email_key, account_id) VALUES (?, ?)
     ON CONFLICT (email_key) DO NOTHING`,
    key,
    accountId,
  );
}

/** Gives up a login e-mail of an account. */
export function releaseEmail(accountId: AccountId, { key }: EmailAddress): Statement {
  return statement(
    `DELETE FROM account_emails WHERE email_key = ? AND account_id = ?`,
    key,
    accountId,
  );
}

/** Takes an id of the application for an account; changes no row when another account has it. */
export function claimRef(accountId: AccountId, ref: string): Statement {
  return statement(
    `INSERT INTO account_refs (ref, account_id) VALUES (?, ?) ON CONFLICT (ref) DO NOTHING`,
    ref,
    accountId,
  );
}

/** Gives up an id of the application. */
export function releaseRef(accountId: AccountId, ref: string): Statement {
  return statement(`DELETE FROM account_refs WHERE ref = ? AND account_id = ?`, ref, accountId);
}

/** Adds an account. */
export function insertAccount(account: Account, email: EmailAddress | undefined): Statement {
  return statement(
    `INSERT INTO accounts (account_id, email, email_key, email_verified, has_login, name,
       preferred_language, ref, made_by_tenant, made_by_connection, created_at, revision)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    account.accountId,
    account.email ?? null,
    email?.key ?? null,
    account.emailVerified ? 1 : 0,
    account.hasLogin ? 1 : 0,
    account.name ?? null,
    account.preferredLanguage ?? null,
    account.ref ?? null,
    account.madeBy?.tenantId ?? null,
    account.madeBy?.connectionId ?? null,
    account.created,
    account.revision,
  );
}

/** Writes what of an account can change, and moves it to its next revision. */
export function updateAccount(account: Account, email: EmailAddress | undefined): Statement {
  return statement(
    `UPDATE accounts SET email = ?, email_key = ?, email_verified = ?, has_login = ?, name = ?,
       preferred_language = ?, ref = ?, revision = revision + 1
     WHERE account_id = ?`,
    account.email ?? null,
    email?.key ?? null,
    account.emailVerified ? 1 : 0,
    account.hasLogin ? 1 : 0,
    account.name ?? null,
    account.preferredLanguage ?? null,
    account.ref ?? null,
    account.accountId,
  );
}

/** Notes that the person has shown that the login e-mail is theirs; no change where it is another one by now. */
export function proveEmail(accountId: AccountId, email: string): Statement {
  return statement(
    `UPDATE accounts SET email_verified = 1, revision = revision + 1
     WHERE account_id = ? AND email = ? AND email_verified = 0`,
    accountId,
    email,
  );
}

/**
 * Takes an account as it was read, and changes nothing; no row where it is another one by now. Whoever ties an account to
 * a tenant takes it, so that whoever verifies or moves its e-mail meanwhile sees the tie, or is seen.
 */
export function claimAccount({ accountId, revision }: Account): Statement {
  return statement(
    `UPDATE accounts SET revision = revision WHERE account_id = ? AND revision = ?`,
    accountId,
    revision,
  );
}

/** Gives an account that is as it was read another login e-mail, verified; no row where it is another one by now. */
export function claimMovedEmail(
  { accountId, email, revision }: Account,
  moved: EmailAddress,
): Statement {
  return statement(
    `UPDATE accounts SET email = ?, email_key = ?, email_verified = 1, revision = revision + 1
     WHERE account_id = ? AND email = ? AND revision = ?`,
    ...[moved.text, moved.key, accountId, email ?? null, revision],
  );
}

/** Removes an account. */
export function deleteAccount(accountId: AccountId): Statement {
  return statement(`DELETE FROM accounts WHERE account_id = ?`, accountId);
}

/** Notes that a tenant keeps something about an account. */
export function noteTenant(accountId: AccountId, tenantId: TenantId): Statement {
  return statement(
    `INSERT INTO account_tenants (account_id, tenant_id) VALUES (?, ?)
     ON CONFLICT (account_id, tenant_id) DO NOTHING`,
    accountId,
    tenantId,
  );
}

/** Asks which tenants keep something about an account. */
export function tenantsOfAccountAsked(accountId: AccountId): Asked<readonly TenantId[]> {
  return {
    statements: [
      statement(
        `SELECT tenant_id FROM account_tenants WHERE account_id = ? ORDER BY tenant_id`,
        accountId,
      ),
    ],
    answer: ([result]) => rowsIn<{ tenant_id: TenantId }>(result).map(({ tenant_id }) => tenant_id),
  };
}

function accountOf(row: AccountRow): Account {
  const { made_by_tenant: tenantId, made_by_connection: connectionId } = row;
  return {
    accountId: row.account_id,
    email: row.email ?? undefined,
    emailVerified: row.email_verified === 1,
    hasLogin: row.has_login === 1,
    name: row.name ?? undefined,
    preferredLanguage: row.preferred_language ?? undefined,
    ref: row.ref ?? undefined,
    madeBy: tenantId === null || connectionId === null ? undefined : { tenantId, connectionId },
    created: row.created_at,
    revision: row.revision,
  };
}
