/** Finds the holders of many login e-mails or ids of the application in one statement each. */
import type { AccountId } from "../../domain/account.ts";
import type { EmailAddress } from "../../domain/email-address.ts";
import { ask } from "./asked.ts";
import type { Script } from "./script.ts";
import { rowsIn } from "./script.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import { statement } from "./statement.ts";

/** Who has which of some texts. */
export type Holders = ReadonlyMap<string, AccountId>;

interface HolderRow {
  readonly held: string;
  readonly account_id: AccountId;
}

/** Finds who has some login e-mails, by their keys. */
export function emailHolders(
  emails: readonly EmailAddress[],
  { listTable }: SqlDialect,
): Script<Holders> {
  const sql = `SELECT email_key AS held, account_id FROM account_emails
    WHERE email_key IN (SELECT ids.value FROM ${listTable} AS ids)`;
  return holders(
    sql,
    emails.map(({ key }) => key),
  );
}

/** Finds who has some ids of the application. */
export function refHolders(refs: readonly string[], { listTable }: SqlDialect): Script<Holders> {
  const sql = `SELECT ref AS held, account_id FROM account_refs
    WHERE ref IN (SELECT ids.value FROM ${listTable} AS ids)`;
  return holders(sql, refs);
}

function* holders(sql: string, texts: readonly string[]): Script<Holders> {
  if (texts.length === 0) {
    return new Map();
  }
  return yield* ask({
    statements: [statement(sql, JSON.stringify(texts))],
    answer: ([result]) =>
      new Map(rowsIn<HolderRow>(result).map(({ held, account_id }) => [held, account_id])),
  });
}
