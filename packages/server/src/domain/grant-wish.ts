/** What operators want of roles that are given by hand. Pure. */

/** What is wanted of the manual grant of somebody. */
export type GrantWish =
  | { readonly kind: "add"; readonly role: string }
  /** With a role only that one; what is automatic decides again. */
  | { readonly kind: "remove"; readonly role?: string | undefined }
  /** The role that automation gives at present is a manual one from now on. */
  | { readonly kind: "adopt" };
