/** Fulfils what operators and the persons themselves want of a membership, with its audit entry and its events. */
import type { Account, AccountId } from "../../domain/account.ts";
import type { Circumstances } from "../../domain/audit-entry.ts";
import { accessEventsOf } from "../../domain/consequences.ts";
import type { WishOutcome } from "../../domain/member.ts";
import type { AccessEffect } from "../../domain/membership-edit.ts";
import { accessEffectOf } from "../../domain/membership-edit.ts";
import type { MembershipWish } from "../../domain/membership-wish.ts";
import { actionOfWish, editsOf, noticeOfWish } from "../../domain/membership-wish.ts";
import type { TenantId } from "../../domain/tenant.ts";
import { nextAccessRevision } from "./access-revision.ts";
import { claimAccount, tenantsOfAccountAsked } from "./accounts.ts";
import { ask } from "./asked.ts";
import { isMadeHere } from "./change-person.ts";
import { beginningRows, editRows } from "./edit-rows.ts";
import { guardAccess } from "./guard-access.ts";
import { adminAuditEntry, consequenceRows } from "./record-consequences.ts";
import { recordNoticeByHand } from "./record-notices.ts";
import { proofDifferencesOf, recordProof } from "./record-proof.ts";
import type { Script, Verdict } from "./script.ts";
import type { SqlContext } from "./sql-context.ts";
import type { Statement } from "./statement.ts";
import { teamById } from "./teams.ts";
import { lockTenantFacts } from "./tenant-facts.ts";
import { memberAsked, nameOfTenant, settingsOfTenant } from "./tenant-members.ts";
import { lockTenantsOfAccount } from "./tenants-of-account.ts";

/** What a transaction comes to: `alone` asks for the facts of the tenant alone first, `again` for another try. */
export type WishTrial = WishOutcome | { readonly kind: "alone" | "again" };

/** A wish and whom it is about. */
export interface Wishing {
  readonly tenantId: TenantId;
  readonly accountId: AccountId;
  readonly wish: MembershipWish;
  /** Tells, behind the locks, whether it may still be fulfilled. */
  readonly mayBe?: (at: string) => Script<boolean>;
  /** Statements that belong to it. */
  readonly also?: (at: string) => readonly Statement[];
  /** The address that it shows to be the person's own. */
  readonly proves?: string | undefined;
  readonly isAlone: boolean;
}

/** Fulfils a wish, or says what forbids it. */
export function* fulfilWish(
  { tenantId, accountId, wish, mayBe, also = () => [], proves, isAlone }: Wishing,
  circumstances: Circumstances,
  context: SqlContext,
): Script<Verdict<WishTrial>> {
  const { dialect } = context;
  if (proves !== undefined) {
    yield* lockTenantsOfAccount(accountId, { isAlone }, context);
  }
  yield lockTenantFacts(tenantId, isAlone ? "alone" : "shared", dialect);
  const settings = yield* settingsOfTenant(tenantId, context);
  const found = yield* ask(memberAsked(tenantId, accountId, { lock: true, dialect }));
  const at = new Date(context.nowMs()).toISOString();
  const isPossible = yield* mayStillBe(mayBe, at);
  if (settings === undefined || found === undefined || !isPossible) {
    return { kind: "undo", result: { kind: "gone" } };
  }
  const { account, ...inTenant } = found;
  const edits = editsOf(yield* withIdleness(wish, tenantId), inTenant, at);
  const effect = accessEffectOf(inTenant, edits, settings);
  const forbidden = yield* guardAccess(effect, { tenantId, settings, dialect, isAlone });
  if (forbidden === "alone") {
    return { kind: "undo", result: { kind: "alone" } };
  }
  const target = { type: "account", id: accountId, name: account.email ?? accountId };
  const differences = [...proofDifferencesOf(account, proves), ...effect.differences];
  const action = { action: actionOfWish[wish.kind], target, differences };
  const entry = adminAuditEntry(action, circumstances, context);
  if (forbidden !== undefined) {
    const refused = { ...entry, outcome: "refused" as const, differences: [] };
    yield yield* consequenceRows(tenantId, { auditEntry: refused, outboxEvents: [] }, context);
    return { kind: "keep", result: { kind: "protected", by: forbidden } };
  }
  const member = { ...effect.after, account };
  const others = also(at);
  if (effect.differences.length === 0 && others.length === 0) {
    return { kind: "undo", result: { kind: "done", changed: false, member } };
  }
  const outboxEvents = accessEventsOf(
    {
      accountId,
      ref: account.ref,
      isNew: false,
      before: effect.access.before,
      after: effect.access.after,
      differences: effect.differences,
      revision: nextAccessRevision(effect.before, context),
    },
    { at, newId: context.newId, isRevoking: true },
  );
  const claims = [claimAccount(account), ...beginningRows(tenantId, effect, at)];
  const results = yield [
    ...claims,
    ...editRows(tenantId, edits, effect, at),
    ...others,
    ...(yield* consequenceRows(tenantId, { auditEntry: entry, outboxEvents }, context)),
  ];
  if (results.slice(0, claims.length).some(({ changes }) => changes !== 1)) {
    return { kind: "undo", result: { kind: "again" } };
  }
  yield* tellPerson({ tenantId, wish, account, effect, at }, context);
  const proof = proves === undefined ? undefined : { account, email: proves, toldBy: tenantId };
  if ((yield* recordProof(proof, isAlone, circumstances, context)) === "alone") {
    return { kind: "undo", result: { kind: "alone" } };
  }
  return { kind: "keep", result: { kind: "done", changed: true, member } };
}

/** What is given in an archived team is kept, and has effect once that is restored. */
function* withIdleness(wish: MembershipWish, tenantId: TenantId): Script<MembershipWish> {
  if (wish.kind !== "grant" || wish.teamId === undefined) {
    return wish;
  }
  const team = yield* teamById(tenantId, wish.teamId);
  return { ...wish, isIdle: team === undefined || team.archived !== undefined };
}

function* mayStillBe(mayBe: Wishing["mayBe"], at: string): Script<boolean> {
  return mayBe === undefined || (yield* mayBe(at));
}

/** Whoever has an account of their own is told of what operators do, as of what syncs do (I5). */
function* tellPerson(
  {
    tenantId,
    wish,
    account,
    effect,
    at,
  }: Pick<Wishing, "tenantId" | "wish"> & {
    readonly account: Account;
    readonly effect: AccessEffect;
    readonly at: string;
  },
  context: SqlContext,
): Script<void> {
  const kind = noticeOfWish(wish, effect);
  if (kind === undefined) {
    return;
  }
  const tenants = yield* ask(tenantsOfAccountAsked(account.accountId));
  if (isMadeHere({ account, tenants }, { scope: { tenantId } })) {
    return;
  }
  const { before, after } = effect.access;
  const role = (kind === "attached" ? after : before).role;
  const notice = { kind, account, language: account.preferredLanguage, role };
  const tenantName = yield* nameOfTenant(tenantId);
  yield* recordNoticeByHand({ tenantId, tenantName, at, context }, notice);
}
