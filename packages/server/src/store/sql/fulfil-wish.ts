/** Fulfils what operators and the persons themselves want of a membership, with its audit entry and its events. */
import type { AccountId } from "../../domain/account.ts";
import type { Circumstances } from "../../domain/audit-entry.ts";
import { accessEventsOf } from "../../domain/consequences.ts";
import type { WishOutcome } from "../../domain/member.ts";
import { accessEffectOf } from "../../domain/membership-edit.ts";
import type { MembershipWish } from "../../domain/membership-wish.ts";
import { actionOfWish, editsOf } from "../../domain/membership-wish.ts";
import type { TenantId } from "../../domain/tenant.ts";
import { ask } from "./asked.ts";
import { editRows } from "./edit-rows.ts";
import { guardAccess } from "./guard-access.ts";
import { adminAuditEntry, consequenceRows } from "./record-consequences.ts";
import { proofDifferencesOf, recordProof } from "./record-proof.ts";
import type { Script, Verdict } from "./script.ts";
import type { SqlContext } from "./sql-context.ts";
import type { Statement } from "./statement.ts";
import { lockTenantFacts } from "./tenant-facts.ts";
import { memberAsked, settingsOfTenant } from "./tenant-members.ts";
import { lockTenantsOfAccount } from "./tenants-of-account.ts";

/** What a transaction comes to: `alone` asks for the facts of the tenant alone first. */
export type WishTrial = WishOutcome | { readonly kind: "alone" };

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
  const isPossible = mayBe === undefined || (yield* mayBe(at));
  if (settings === undefined || found === undefined || !isPossible) {
    return { kind: "undo", result: { kind: "gone" } };
  }
  const { account, ...inTenant } = found;
  const edits = editsOf(wish, inTenant, at);
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
      revision: context.newSequence(),
    },
    { at, newId: context.newId, isRevoking: true },
  );
  yield [
    ...editRows(tenantId, edits, effect, at),
    ...others,
    ...(yield* consequenceRows(tenantId, { auditEntry: entry, outboxEvents }, context)),
  ];
  const proof = proves === undefined ? undefined : { account, email: proves, toldBy: tenantId };
  if ((yield* recordProof(proof, isAlone, circumstances, context)) === "alone") {
    return { kind: "undo", result: { kind: "alone" } };
  }
  return { kind: "keep", result: { kind: "done", changed: true, member } };
}
