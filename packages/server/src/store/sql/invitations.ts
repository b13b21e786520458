/** Invitations of people whose link is pending: used once, for 14 days; the token in the mail is made of their ids. */
import type { AccountId } from "../../domain/account.ts";
import type { Invitation, InvitationState } from "../../domain/invitation.ts";
import { invitationLifeMs } from "../../domain/invitation.ts";
import type { ConnectionId, TenantId } from "../../domain/tenant.ts";
import type { Asked } from "./asked.ts";
import type { PersonSite } from "./person-site.ts";
import type { Script } from "./script.ts";
import { firstRowOf, rowsIn, rowsOf } from "./script.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import type { Statement } from "./statement.ts";
import { statement } from "./statement.ts";

interface InvitationRow {
  readonly invitation_id: string;
  readonly account_id: AccountId;
  readonly connection_id: ConnectionId;
  readonly resource_id: string;
  readonly email: string;
  readonly state: InvitationState;
  readonly created_at: string;
  readonly expires_at: string;
  readonly settled_at: string | null;
}

const endOfTime = "9999-12-31T23:59:59.999Z";

const columns = `invitation_id, account_id, connection_id, resource_id, email, state, created_at,
  expires_at, settled_at`;

/** Adds an invitation to the account behind the User of a site. */
export function insertInvitation(
  { scope, resourceId, at }: Pick<PersonSite, "scope" | "resourceId" | "at">,
  {
    invitationId,
    accountId,
    email,
  }: { readonly invitationId: string; readonly accountId: AccountId; readonly email: string },
): Statement {
  const expires = new Date(Date.parse(at) + invitationLifeMs).toISOString();
  return statement(
    `INSERT INTO invitations (tenant_id, invitation_id, account_id, connection_id, resource_id,
       email, state, created_at, expires_at)
     VALUES (?, ?, ?, ?, ?, ?, 'open', ?, ?)`,
    ...[scope.tenantId, invitationId, accountId, scope.connectionId, resourceId],
    ...[email, at, expires],
  );
}

/** Revokes the open invitations of a User. */
export function revokeInvitations({
  scope,
  resourceId,
  at,
}: Pick<PersonSite, "scope" | "resourceId" | "at">): Statement {
  return statement(
    `UPDATE invitations SET state = 'revoked', settled_at = ?
     WHERE tenant_id = ? AND connection_id = ? AND resource_id = ? AND state = 'open'`,
    at,
    scope.tenantId,
    scope.connectionId,
    resourceId,
  );
}

/** Reads an invitation; to settle it, where many transactions write, whoever settles the same one waits. */
export function* invitationById(
  tenantId: TenantId,
  invitationId: string,
  { lock, dialect }: { readonly lock: boolean; readonly dialect: SqlDialect },
): Script<Invitation | undefined> {
  const row = yield* firstRowOf<InvitationRow>(
    statement(
      `SELECT ${columns} FROM invitations WHERE tenant_id = ? AND invitation_id = ?
       ${lock && dialect.writers === "many" ? "FOR NO KEY UPDATE" : ""}`,
      tenantId,
      invitationId,
    ),
  );
  return row && invitationOf(row);
}

/** Lists the invitations of a tenant behind one, the latest first and those of one time in the order of their ids. */
export function* listInvitations(
  tenantId: TenantId,
  {
    after: { created, invitationId } = { created: endOfTime, invitationId: "" },
    limit,
  }: {
    readonly after?: Pick<Invitation, "created" | "invitationId"> | undefined;
    readonly limit: number;
  },
): Script<readonly Invitation[]> {
  const rows = yield* rowsOf<InvitationRow>(
    statement(
      `SELECT ${columns} FROM invitations WHERE tenant_id = ? AND created_at <= ?
       AND (created_at < ? OR invitation_id > ?)
       ORDER BY created_at DESC, invitation_id LIMIT ?`,
      ...[tenantId, created, created, invitationId, limit],
    ),
  );
  return rows.map(invitationOf);
}

/** Asks for the invitations of an account, the oldest first. */
export function invitationsOfAccountAsked(
  tenantId: TenantId,
  accountId: AccountId,
): Asked<readonly Invitation[]> {
  return {
    statements: [
      statement(
        `SELECT ${columns} FROM invitations WHERE tenant_id = ? AND account_id = ?
         ORDER BY created_at, invitation_id`,
        tenantId,
        accountId,
      ),
    ],
    answer: ([result]) => rowsIn<InvitationRow>(result).map(invitationOf),
  };
}

/** Notes what became of an invitation. */
export function settleInvitation(
  tenantId: TenantId,
  invitationId: string,
  state: Exclude<InvitationState, "open">,
  at: string,
): Statement {
  return statement(
    `UPDATE invitations SET state = ?, settled_at = ? WHERE tenant_id = ? AND invitation_id = ?`,
    state,
    at,
    tenantId,
    invitationId,
  );
}

function invitationOf(row: InvitationRow): Invitation {
  return {
    invitationId: row.invitation_id,
    accountId: row.account_id,
    connectionId: row.connection_id,
    resourceId: row.resource_id,
    email: row.email,
    state: row.state,
    created: row.created_at,
    expires: row.expires_at,
    settled: row.settled_at ?? undefined,
  };
}
