/** Erasing a person: what ends in a tenant by it, and what became of it. Pure. */
import type { MembershipFacts } from "./account.ts";
import type { MembershipEdit } from "./membership-edit.ts";
import type { TenantId } from "./tenant.ts";

/** What became of erasing an account. */
export type ErasureOutcome =
  | { readonly kind: "erased"; readonly tenants: readonly TenantId[] }
  | { readonly kind: "gone" }
  /** A tenant cannot be without the person; nothing is erased. */
  | {
      readonly kind: "protected";
      readonly tenantId: TenantId;
      readonly by: "break-glass" | "last-owner";
    };

/** Everything that gives a person access. */
export function erasingEdits({ links, grants }: MembershipFacts): readonly MembershipEdit[] {
  return [
    ...links.map((link): MembershipEdit => ({ kind: "delete-link", link })),
    ...grants.map((grant): MembershipEdit => ({ kind: "delete-grant", grant })),
    { kind: "leave-by-login" },
  ];
}
