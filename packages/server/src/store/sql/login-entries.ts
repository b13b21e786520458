/** What the audit log says of logins: in the name of the login, with who has asked to let somebody in. */
import type { Account } from "../../domain/account.ts";
import type { AttributeDifference, AuditEntry, Circumstances } from "../../domain/audit-entry.ts";
import type { AssertedLogin, LoginRefusal } from "../../domain/login.ts";
import { groupDifferencesOf } from "../../domain/login.ts";
import type { Member } from "../../domain/member.ts";
import { isKnown } from "../../domain/member-summary.ts";
import type { AccessEffect } from "../../domain/membership-edit.ts";
import { adminAuditEntry } from "./record-consequences.ts";
import type { SqlContext } from "./sql-context.ts";

/** A login that was let in. */
export interface AcceptedLogin {
  readonly login: AssertedLogin;
  readonly account: Account;
  /** Whether the provider has not called the person so before. */
  readonly hasNewSubject: boolean;
  readonly groupsBefore: readonly string[];
  /** Whether a grant was kept that nobody may lose. */
  readonly isKept: boolean;
  readonly effect: AccessEffect;
}

/** The entry of a login that was let in. */
export function acceptedLoginEntry(
  { login, account, hasNewSubject, groupsBefore, isKept, effect }: AcceptedLogin,
  circumstances: Circumstances,
  context: SqlContext,
): AuditEntry {
  const { accountId } = account;
  const action = {
    action: "login.accept",
    target: targetOf(account),
    differences: [
      ...(hasNewSubject ? [{ path: "login.subject", after: login.subject }] : []),
      ...groupDifferencesOf(groupsBefore, login.groups),
      ...effect.differences,
      ...(isKept ? [{ path: "access.retained", after: [accountId] }] : []),
      ...warningDifferences(login),
      viaDifference(circumstances),
    ],
  };
  return adminAuditEntry(action, byLogin(circumstances, accountId), context);
}

/** A login that was refused. */
export interface RefusedLogin {
  readonly login: AssertedLogin;
  readonly member: Member | undefined;
  readonly reason: LoginRefusal;
}

/** The entry of a login that was refused. Of somebody on whom the tenant has nothing it says no more than the login did. */
export function refusedLoginEntry(
  { login, member, reason }: RefusedLogin,
  circumstances: Circumstances,
  context: SqlContext,
): AuditEntry {
  const isOurs = member !== undefined && (isKnown(member) || member.hasDeclined);
  const target = isOurs ? targetOf(member.account) : { ...unknownPerson, id: login.subject };
  const differences = [
    { path: "login.refused", after: reason },
    ...warningDifferences(login),
    viaDifference(circumstances),
  ];
  return refusedEntry({ target, differences }, circumstances, context);
}

/** The entry of a token that was refused. */
export function refusedTokenEntry(
  why: string,
  circumstances: Circumstances,
  context: SqlContext,
): AuditEntry {
  const differences = [
    { path: "login.refused", after: "invalid-token" },
    { path: "login.token", after: why },
    viaDifference(circumstances),
  ];
  return refusedEntry({ target: unknownPerson, differences }, circumstances, context);
}

const unknownPerson = { type: "login", id: "unknown", name: "unknown" } as const;

function targetOf({ accountId, email }: Account) {
  return { type: "account", id: accountId, name: email ?? accountId };
}

function refusedEntry(
  {
    target,
    differences,
  }: {
    readonly target: { readonly type: string; readonly id: string; readonly name: string };
    readonly differences: readonly AttributeDifference[];
  },
  circumstances: Circumstances,
  context: SqlContext,
): AuditEntry {
  const action = { action: "login.refuse", target, differences };
  const entry = adminAuditEntry(action, byLogin(circumstances, target.id), context);
  return { ...entry, outcome: "refused" };
}

function byLogin({ requestId }: Circumstances, id: string): Circumstances {
  return { actor: { kind: "login", id }, requestId };
}

/** Who has asked to let somebody in. */
function viaDifference({ actor }: Circumstances): AttributeDifference {
  return { path: "login.via", after: `${actor.kind} ${actor.id}` };
}

function warningDifferences({ warnings }: AssertedLogin): readonly AttributeDifference[] {
  return warnings.length === 0 ? [] : [{ path: "login.warnings", after: [...warnings] }];
}
