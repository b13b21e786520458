/** The part of the storage port about logins: how people of a tenant log in, and what a login does. */
import type { Circumstances } from "../domain/audit-entry.ts";
import type { AssertedLogin, LoginOutcome, TokenRefusal } from "../domain/login.ts";
import type { OidcConnection } from "../domain/oidc-connection.ts";
import type { TenantId } from "../domain/tenant.ts";

/** OIDC connections of tenants, of which each has one at most; every change leaves its audit entry. */
export interface OidcConnectionTable {
  read(tenantId: TenantId): Promise<OidcConnection | undefined>;
  /**
   * Makes it or takes the place of the one there. With another issuer the tenant forgets how people were called at login:
   * a name means somebody only at who gave it. Answers false when the tenant is gone.
   */
  save(connection: OidcConnection, circumstances: Circumstances): Promise<boolean>;
  /** Removes it, and how people were called at login; what logins gave stays. Answers false when there is none. */
  remove(tenantId: TenantId, circumstances: Circumstances): Promise<boolean>;
}

/** Logins in tenants. */
export interface LoginTable {
  /**
   * Lets somebody in or refuses it. Who is let in is known by the subject from now on, has the groups and grants of this
   * login in place of those of the one before, and may be a member by it; all in one transaction, with an audit entry
   * in the name of the login. The account itself is never changed, but made where the tenant says so.
   */
  logIn(
    tenantId: TenantId,
    login: AssertedLogin,
    circumstances: Circumstances,
  ): Promise<LoginOutcome>;
  /** Notes a login of which nobody knows whose it is. Answers false when the tenant is gone. */
  refuse(tenantId: TenantId, refusal: TokenRefusal, circumstances: Circumstances): Promise<boolean>;
}
