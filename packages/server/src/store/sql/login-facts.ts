/** What is kept of the logins of one person in a tenant: how the provider calls them, and their groups. */
import type { AccountId, LinkState } from "../../domain/account.ts";
import type { AssertedLogin } from "../../domain/login.ts";
import { isFoundByEmail } from "../../domain/login.ts";
import type { Member } from "../../domain/member.ts";
import { personType } from "../../domain/person.ts";
import type { TenantId } from "../../domain/tenant.ts";
import { domainAsked } from "./account-candidates.ts";
import { emailHolderAsked } from "./accounts.ts";
import type { Asked } from "./asked.ts";
import { allAsked, ask, known } from "./asked.ts";
import { insertRows } from "./insert-rows.ts";
import type { Script } from "./script.ts";
import { rowsIn, rowsOf } from "./script.ts";
import type { SqlContext } from "./sql-context.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import type { Statement } from "./statement.ts";
import { statement } from "./statement.ts";
import { memberAsked } from "./tenant-members.ts";

/** Who may be meant by a login, and what is known of the address. */
export interface LoginCandidates {
  /** Who was called so before. */
  readonly bySubject: AccountId | undefined;
  /** To whom the one User is linked that the provider's sync calls so. */
  readonly byExternalId: AccountId | undefined;
  /** Who has the address, where the provider says that it is the person's. */
  readonly byEmail: AccountId | undefined;
  /** Who has it, matchable or not. */
  readonly emailHolder: AccountId | undefined;
  readonly isDomainVerified: boolean;
}

/** The account of a login, with what the tenant has on it. */
export interface FoundPersonOfLogin {
  readonly member: Member;
  readonly by: "subject" | "external-id" | "email";
}

/** Asks who may be meant. */
export function loginCandidatesAsked(
  tenantId: TenantId,
  { subject, email, isEmailVerified }: AssertedLogin,
  { dialect }: SqlContext,
): Asked<LoginCandidates> {
  const { statements, answer } = allAsked({
    bySubject: subjectAsked(tenantId, subject),
    byExternalId: externalIdAsked(tenantId, subject, dialect),
    emailHolder: email === undefined ? known(undefined) : emailHolderAsked(email),
    isDomainVerified: email === undefined ? known(false) : domainAsked(tenantId, email),
  });
  return {
    statements,
    answer: (results) => {
      const found = answer(results);
      const isMatchable = isEmailVerified && email?.isMatchable === true;
      return { ...found, byEmail: isMatchable ? found.emailHolder : undefined };
    },
  };
}

/** Reads the first of them who is there; locked, so that logins of one person take turns. */
export function* personOfLogin(
  tenantId: TenantId,
  { bySubject, byExternalId, byEmail }: LoginCandidates,
  { dialect }: SqlContext,
): Script<FoundPersonOfLogin | undefined> {
  const ways = [
    ["subject", bySubject],
    ["external-id", byExternalId],
    ["email", byEmail],
  ] as const;
  for (const [by, accountId] of ways) {
    const member =
      accountId === undefined
        ? undefined
        : yield* ask(memberAsked(tenantId, accountId, { lock: true, dialect }));
    if (member !== undefined && (by !== "email" || isFoundByEmail(member.account))) {
      return { by, member };
    }
  }
  return undefined;
}

function subjectAsked(tenantId: TenantId, subject: string): Asked<AccountId | undefined> {
  return {
    statements: [
      statement(
        `SELECT account_id FROM login_identities WHERE tenant_id = ? AND subject = ?`,
        tenantId,
        subject,
      ),
    ],
    answer: ([result]) => rowsIn<{ account_id: AccountId }>(result)[0]?.account_id,
  };
}

interface NamesakeRow {
  readonly account_id: AccountId | null;
  readonly state: LinkState | null;
}

/** So many Users with one externalId are no person. */
const namesakesMax = 20;

/** Where syncs call several people so, or somebody whom nobody is behind, nobody knows who is meant. */
function externalIdAsked(
  tenantId: TenantId,
  subject: string,
  { indexed }: SqlDialect,
): Asked<AccountId | undefined> {
  return {
    statements: [
      statement(
        `SELECT l.account_id, l.state FROM connections AS c
         CROSS JOIN point_values AS p
         LEFT JOIN links AS l ON l.tenant_id = p.tenant_id
           AND l.connection_id = p.connection_id AND l.resource_id = p.resource_id
         WHERE c.tenant_id = ? AND p.tenant_id = c.tenant_id
           AND p.connection_id = c.connection_id AND p.resource_type = ?
           AND p.path = 'externalId' AND p.value = ? LIMIT ?`,
        ...[tenantId, personType, indexed.value(subject), namesakesMax],
      ),
    ],
    answer: ([result]) => {
      const rows = rowsIn<NamesakeRow>(result);
      const accountId = rows[0]?.account_id ?? undefined;
      const isOne =
        rows.length < namesakesMax &&
        indexed.value(subject) === subject &&
        rows.every((row) => row.state === "linked" && row.account_id === accountId);
      return isOne ? accountId : undefined;
    },
  };
}

/** Notes how the provider calls somebody; no change where it calls anybody so already. */
export function insertSubject(
  tenantId: TenantId,
  subject: string,
  accountId: AccountId,
): Statement {
  return statement(
    `INSERT INTO login_identities (tenant_id, subject, account_id) VALUES (?, ?, ?)
     ON CONFLICT (tenant_id, subject) DO NOTHING`,
    tenantId,
    subject,
    accountId,
  );
}

/** Lists the groups of the last login of somebody. */
export function* groupsOfLogin(
  tenantId: TenantId,
  accountId: AccountId,
): Script<readonly string[]> {
  const rows = yield* rowsOf<{ name: string }>(
    statement(
      `SELECT name FROM login_groups WHERE tenant_id = ? AND account_id = ? ORDER BY name`,
      tenantId,
      accountId,
    ),
  );
  return rows.map(({ name }) => name);
}

/** Whose groups change, when and by which request. */
export interface GroupsSite {
  readonly tenantId: TenantId;
  readonly accountId: AccountId;
  readonly at: string;
  readonly requestId: string;
  readonly dialect: SqlDialect;
}

/** Takes the groups that are gone, and puts in those that are new. */
export function replaceGroupsOfLogin(
  { tenantId, accountId, at, requestId, dialect }: GroupsSite,
  before: readonly string[],
  after: readonly string[],
): readonly Statement[] {
  const gone = before.filter((name) => !after.includes(name));
  const added = after.filter((name) => !before.includes(name));
  return [
    ...(gone.length === 0
      ? []
      : [
          statement(
            `DELETE FROM login_groups WHERE tenant_id = ? AND account_id = ?
             AND name IN (SELECT ids.value FROM ${dialect.listTable} AS ids)`,
            tenantId,
            accountId,
            JSON.stringify(gone),
          ),
        ]),
    ...insertRows({
      into: "login_groups (tenant_id, account_id, at, request_id, name)",
      shared: [tenantId, accountId, at, requestId],
      rows: added.map((name) => [name]),
    }),
  ];
}
