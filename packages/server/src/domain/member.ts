/** An account in a tenant, and what became of a wish about it. */
import type { Account } from "./account.ts";
import type { AccountInTenant } from "./membership-edit.ts";

/** An account in a tenant. */
export interface Member extends AccountInTenant {
  readonly account: Account;
}

/** What became of a wish. */
export type WishOutcome =
  | { readonly kind: "done"; readonly changed: boolean; readonly member: Member }
  /** There is no such tenant or account, or the invitation is not open any more. */
  | { readonly kind: "gone" }
  | { readonly kind: "protected"; readonly by: "break-glass" | "last-owner" };
