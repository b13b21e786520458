/** Who a User may stand for: by login identity, by the tombstone of one who comes back, by login e-mail. */
import type { JsonObject, JsonValue } from "@rollcall/scim";
import type { AccountId } from "../../domain/account.ts";
import type { EmailAddress } from "../../domain/email-address.ts";
import type { Person } from "../../domain/person.ts";
import { personType } from "../../domain/person.ts";
import type { Scope, TenantId } from "../../domain/tenant.ts";
import { emailHolderAsked } from "./accounts.ts";
import type { Asked } from "./asked.ts";
import { allAsked, known } from "./asked.ts";
import { rowsIn } from "./script.ts";
import type { SqlContext } from "./sql-context.ts";
import { joined, statement } from "./statement.ts";
import type { PointValue } from "./stored-form.ts";

/** The accounts that may be meant, and what is known of the address. */
export interface Candidates {
  /** Whose login is called like the externalId, which counts only where that is unique. */
  readonly identity: AccountId | undefined;
  readonly tombstones: {
    /** Whose User had the userName and the login e-mail. */
    readonly byName: AccountId | undefined;
    /** The latest of these and of whose User had the externalId, which counts only where that is unique. */
    readonly byNameOrExternalId: AccountId | undefined;
  };
  /** Who has the login e-mail, matchable or not. */
  readonly emailHolder: AccountId | undefined;
  readonly isDomainVerified: boolean;
}

/** The path under which a tombstone keeps the login e-mail, beside those of attributes. */
const loginEmailPath = "(login e-mail)";

/** Asks who may be meant; `form` is the comparison form of the resource. */
export function candidatesAsked(
  scope: Scope,
  person: Person,
  form: JsonObject,
  context: SqlContext,
): Asked<Candidates> {
  const { email, externalId } = person;
  return allAsked<Candidates & Readonly<Record<string, unknown>>>({
    identity: externalId === undefined ? known(undefined) : identityAsked(scope, externalId),
    tombstones: tombstonesAsked(scope, person, form, context),
    emailHolder: email === undefined ? known(undefined) : emailHolderAsked(email),
    isDomainVerified: email === undefined ? known(false) : domainAsked(scope.tenantId, email),
  });
}

/** What a tombstone of a person is recognised by beside the keys of the resource. */
export function loginEmailValue(email: EmailAddress | undefined): readonly PointValue[] {
  return email === undefined ? [] : [{ path: loginEmailPath, value: email.key }];
}

/** Asks whether the tenant has verified the domain of an address. */
export function domainAsked(tenantId: TenantId, { domain }: EmailAddress): Asked<boolean> {
  return {
    statements: [
      statement(
        `SELECT domain FROM domains
         WHERE tenant_id = ? AND domain = ? AND verified_at IS NOT NULL`,
        tenantId,
        domain,
      ),
    ],
    answer: ([result]) => rowsIn(result).length > 0,
  };
}

/** A login in a tenant counts there only. */
function identityAsked({ tenantId }: Scope, subject: string): Asked<AccountId | undefined> {
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

interface TombstoneRow {
  readonly path: string;
  readonly resource_id: string;
  readonly account_id: AccountId | null;
  readonly leads_back: number;
  readonly deleted_at: string;
}

/** A second john.smith gets no one else's account: the name alone does not do. */
function tombstonesAsked(
  { tenantId, connectionId }: Scope,
  { email }: Person,
  form: JsonObject,
  { keyedHash }: SqlContext,
): Asked<Candidates["tombstones"]> {
  const values = [
    ...["externalId", "userName"].flatMap((path) => textAt(path, form[path])),
    ...loginEmailValue(email),
  ];
  const parts = values.map(({ path, value }) =>
    statement(
      `SELECT k.path, t.resource_id, t.account_id, t.leads_back, t.deleted_at
       FROM tombstone_keys AS k
       CROSS JOIN tombstones AS t
       WHERE k.tenant_id = ? AND k.connection_id = ? AND k.resource_type = ? AND k.path = ?
         AND k.key_hash = ? AND t.tenant_id = ? AND t.connection_id = ?
         AND t.resource_id = k.resource_id`,
      ...[tenantId, connectionId, personType, path, keyedHash(value), tenantId, connectionId],
    ),
  );
  return {
    statements: parts.length === 0 ? [] : [joined(parts, " UNION ALL ")],
    answer: ([result]) => accountsLeftIn(rowsIn<TombstoneRow>(result)),
  };
}

function textAt(path: string, value: JsonValue | undefined): readonly PointValue[] {
  return typeof value === "string" && value !== "" ? [{ path, value }] : [];
}

function accountsLeftIn(found: readonly TombstoneRow[]): Candidates["tombstones"] {
  const rows = found
    .filter(({ account_id, leads_back }) => account_id !== null && leads_back === 1)
    .toSorted((one, other) => (one.deleted_at < other.deleted_at ? 1 : -1));
  const has = (path: string, { resource_id }: TombstoneRow) =>
    rows.some((row) => row.path === path && row.resource_id === resource_id);
  const isNamed = (row: TombstoneRow) => has("userName", row) && has(loginEmailPath, row);
  const accountOf = (row: TombstoneRow | undefined) => row?.account_id ?? undefined;
  return {
    byName: accountOf(rows.find(isNamed)),
    byNameOrExternalId: accountOf(rows.find((row) => isNamed(row) || has("externalId", row))),
  };
}
