/** Notes that a person has shown that the login e-mail is theirs, with what ends by it. */
import type { Account } from "../../domain/account.ts";
import type { AttributeDifference, Circumstances } from "../../domain/audit-entry.ts";
import type { TenantId } from "../../domain/tenant.ts";
import { proveEmail } from "./accounts.ts";
import { endUnprovenTies } from "./end-unproven-ties.ts";
import { recordInstanceAction } from "./record-consequences.ts";
import type { Script } from "./script.ts";
import { changesOf } from "./script.ts";
import type { SqlContext } from "./sql-context.ts";

/** What has shown it. */
export interface Proof {
  readonly account: Account;
  readonly email: string;
  /** The tenant whose audit log tells how. */
  readonly toldBy: TenantId;
}

const proofDifferences: readonly AttributeDifference[] = [
  { path: "emailVerified", before: false, after: true },
];

/** What the audit log says of an account that is shown to have an address; nothing where that was known, or is another one. */
export function proofDifferencesOf(
  { email, emailVerified }: Account,
  proves: string | undefined,
): readonly AttributeDifference[] {
  return proves !== undefined && proves === email && !emailVerified ? proofDifferences : [];
}

/** Notes it; nothing where the e-mail is another one by now, or verified. `alone` asks for the tenants alone first. */
export function* recordProof(
  proof: Proof | undefined,
  isAlone: boolean,
  circumstances: Circumstances,
  context: SqlContext,
): Script<"done" | "alone"> {
  if (
    proof === undefined ||
    (yield* changesOf(proveEmail(proof.account.accountId, proof.email))) === 0
  ) {
    return "done";
  }
  const { email, toldBy } = proof;
  const { accountId } = proof.account;
  const action = "account.update";
  const differences = proofDifferences;
  const account = { ...proof.account, email, emailVerified: true };
  const site = { account, action, differences, toldBy, isAlone };
  if ((yield* endUnprovenTies(site, circumstances, context)) === "alone") {
    return "alone";
  }
  const target = { type: "account", id: accountId, name: email };
  yield* recordInstanceAction({ action, target, differences }, circumstances, context);
  return "done";
}
