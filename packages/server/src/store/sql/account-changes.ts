/** Accounts as the application and operators make and change them; the audit entry stands in every tenant that knows the account. */
import type { Account, AccountChange, AccountId, AccountOutcome } from "../../domain/account.ts";
import type { Circumstances } from "../../domain/audit-entry.ts";
import type { EmailAddress } from "../../domain/email-address.ts";
import { parseEmailAddress } from "../../domain/email-address.ts";
import { isFirstProof } from "../../domain/email-proof.ts";
import type { TenantId } from "../../domain/tenant.ts";
import {
  accountToChange,
  claimEmail,
  claimRef,
  insertAccount,
  releaseEmail,
  releaseRef,
  tenantsOfAccountAsked,
  updateAccount,
} from "./accounts.ts";
import { ask } from "./asked.ts";
import { endUnprovenTies } from "./end-unproven-ties.ts";
import type { AdminAction } from "./record-consequences.ts";
import { adminAuditEntry, consequenceRows, recordInstanceAction } from "./record-consequences.ts";
import type { Script, Verdict } from "./script.ts";
import type { SqlContext } from "./sql-context.ts";
import type { Statement } from "./statement.ts";
import { lockTenantsOfAccount } from "./tenants-of-account.ts";

/** Makes an account. */
export function* createAccount(
  account: Account,
  circumstances: Circumstances,
  context: SqlContext,
): Script<Verdict<AccountOutcome>> {
  const email = emailOf(account);
  const claims = claimsOf(account, email);
  const taken = yield* takenBy(claims);
  if (taken !== undefined) {
    return { kind: "undo", result: { kind: "taken", by: taken } };
  }
  yield [insertAccount(account, email)];
  yield* recordInstanceAction(
    actionOf("account.create", undefined, account),
    circumstances,
    context,
  );
  return { kind: "keep", result: { kind: "done", account } };
}

/** What a transaction comes to: `alone` asks for the tenants of the account alone first. */
export type AccountTrial = AccountOutcome | { readonly kind: "alone" };

/** Changes an account; what stays the same is no change. */
export function* changeAccount(
  {
    accountId,
    change,
    isAlone,
  }: {
    readonly accountId: AccountId;
    readonly change: AccountChange;
    readonly isAlone: boolean;
  },
  circumstances: Circumstances,
  context: SqlContext,
): Script<Verdict<AccountTrial>> {
  if (change.emailVerified === true) {
    yield* lockTenantsOfAccount(accountId, { isAlone }, context);
  }
  const before = yield* accountToChange(accountId, context.dialect);
  if (before === undefined) {
    return { kind: "undo", result: { kind: "gone" } };
  }
  const after: Account = { ...before, ...change };
  const action = actionOf("account.update", before, after);
  if (action.differences.length === 0) {
    return { kind: "undo", result: { kind: "done", account: before } };
  }
  const taken = yield* moveClaims(before, after);
  if (taken !== undefined) {
    return { kind: "undo", result: { kind: "taken", by: taken } };
  }
  yield [updateAccount(after, emailOf(after))];
  const account = { ...after, revision: before.revision + 1 };
  if (isFirstProof(before, after)) {
    const site = { ...action, account, differences: toldIn(action), isAlone };
    if ((yield* endUnprovenTies(site, circumstances, context)) === "alone") {
      return { kind: "undo", result: { kind: "alone" } };
    }
  } else {
    yield* recordInTenants(accountId, action, circumstances, context);
  }
  // Last: it takes a row of the whole instance.
  yield* recordInstanceAction(action, circumstances, context);
  return { kind: "keep", result: { kind: "done", account } };
}

/** Gives up the address and the id of the application that the account had, and takes those that it gets. */
function* moveClaims(before: Account, after: Account): Script<Claim["by"] | undefined> {
  const { accountId } = before;
  const [from, to] = [emailOf(before), emailOf(after)];
  const isMoved = { email: from?.key !== to?.key, ref: before.ref !== after.ref };
  yield [
    ...(isMoved.email && from !== undefined ? [releaseEmail(accountId, from)] : []),
    ...(isMoved.ref && before.ref !== undefined ? [releaseRef(accountId, before.ref)] : []),
  ];
  const ref = isMoved.ref ? after.ref : undefined;
  return yield* takenBy(claimsOf({ accountId, ref }, isMoved.email ? to : undefined));
}

/** Notes in every tenant that knows the account what happened to it, without the address, which may be another one there. */
function* recordInTenants(
  accountId: AccountId,
  adminAction: AdminAction,
  circumstances: Circumstances,
  context: SqlContext,
): Script<void> {
  const { action, target } = adminAction;
  const tenants: readonly TenantId[] = yield* ask(tenantsOfAccountAsked(accountId));
  const told = toldIn(adminAction);
  if (told.length === 0) {
    return;
  }
  for (const tenantId of tenants) {
    const entry = { action, target: { ...target, name: accountId }, differences: told };
    const auditEntry = adminAuditEntry(entry, circumstances, context);
    yield yield* consequenceRows(tenantId, { auditEntry, outboxEvents: [] }, context);
  }
}

function toldIn({ differences }: AdminAction): AdminAction["differences"] {
  return differences.filter(({ path }) => path === "hasLogin" || path === "emailVerified");
}

interface Claim {
  readonly by: "email" | "ref";
  readonly statement: Statement;
}

function claimsOf(
  { accountId, ref }: Pick<Account, "accountId" | "ref">,
  email: EmailAddress | undefined,
): readonly Claim[] {
  return [
    ...(email === undefined
      ? []
      : [{ by: "email" as const, statement: claimEmail(accountId, email) }]),
    ...(ref === undefined ? [] : [{ by: "ref" as const, statement: claimRef(accountId, ref) }]),
  ];
}

function* takenBy(claims: readonly Claim[]): Script<Claim["by"] | undefined> {
  if (claims.length === 0) {
    return undefined;
  }
  const results = yield claims.map(({ statement }) => statement);
  return claims.find((_, index) => results[index]?.changes !== 1)?.by;
}

function emailOf({ email }: Pick<Account, "email">): EmailAddress | undefined {
  return email === undefined ? undefined : parseEmailAddress(email);
}

const shownMembers = [
  "email",
  "emailVerified",
  "hasLogin",
  "name",
  "preferredLanguage",
  "ref",
] as const;

function actionOf(action: string, before: Account | undefined, after: Account): AdminAction {
  const differences = shownMembers.flatMap((path) => {
    const from = before?.[path];
    const to = after[path];
    return from === to
      ? []
      : [
          {
            path,
            ...(from === undefined ? {} : { before: from }),
            ...(to === undefined ? {} : { after: to }),
          },
        ];
  });
  const { accountId, email } = after;
  return {
    action,
    target: { type: "account", id: accountId, name: email ?? accountId },
    differences,
  };
}
