/** Links and locks of one account as the tests of effective access begin with them. */
import type { AccountId, Link, Lock, LockSource } from "../packages/server/src/domain/account.ts";
import type { ConnectionId } from "../packages/server/src/domain/tenant.ts";

export const accountId = "account-1" as AccountId;
export const okta = "okta" as ConnectionId;
export const entra = "entra" as ConnectionId;
export const settings = {
  roles: ["owner", "admin", "member", "viewer"],
  defaultRole: "member",
  teamRoles: ["admin", "editor", "viewer"],
  defaultTeam: undefined,
  defaultTeamRole: "viewer",
};
export const at = "2026-01-01T00:00:00.000Z";

/** A live link of an active User without roles, but for the changes. */
export const link = (connectionId: ConnectionId, changes: Partial<Link> = {}): Link => ({
  connectionId,
  resourceId: "user-1",
  state: "linked",
  accountId,
  active: true,
  role: undefined,
  groupGrants: [],
  ...changes,
});

export const lock = (source: LockSource, connectionId?: ConnectionId): Lock => ({
  source,
  connectionId,
  reason: undefined,
  at,
});
