/** Why a User has the link to an account that it has; nothing of it is ever told over SCIM (I4). Pure. */
import type { Link } from "./account.ts";
import type { TenantSettings } from "./tenant-settings.ts";

/** What a reason depends on. */
export interface LinkGround {
  /** Undefined where a link was never tried. */
  readonly link: (Pick<Link, "state"> & { readonly reason: string | undefined }) | undefined;
  /** What the identity provider asserts. */
  readonly active: boolean;
  readonly settings: Pick<TenantSettings, "accounts">;
}

/** The reason in one word; undefined where there is nothing to explain. */
export function linkReasonOf({ link, active, settings }: LinkGround): string | undefined {
  switch (link?.state) {
    case "linked":
      return undefined;
    case "pending":
      return link.reason ?? "invited";
    case "declined":
      return link.reason ?? "declined";
    case "none":
    case undefined:
      return link?.reason ?? reasonOfNone(active, settings);
  }
}

function reasonOfNone(active: boolean, settings: LinkGround["settings"]): string | undefined {
  if (!settings.accounts) {
    return "directory-only";
  }
  return active ? undefined : "inactive";
}
