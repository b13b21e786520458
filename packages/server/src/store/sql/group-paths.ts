/** How Users come to be members of groups: every step up from them, with since when and by which request. */
import type { ConnectionId, Scope } from "../../domain/tenant.ts";
import type { MembershipStep } from "../../domain/why-access.ts";
import { groupMembers } from "./group-closure.ts";
import type { Script } from "./script.ts";
import { rowsOf } from "./script.ts";
import { compose } from "./statement.ts";

interface StepRow {
  readonly group_id: string;
  readonly display: string | null;
  readonly member_id: string;
  readonly added_at: string | null;
  readonly request_id: string | null;
}

/** Reads the groups that lead up from a User. */
export function* groupPaths(
  { tenantId, connectionId }: Scope,
  userId: string,
): Script<readonly MembershipStep[]> {
  const rows = yield* rowsOf<StepRow>(
    compose`WITH RECURSIVE reached (resource_id) AS (
         SELECT u.resource_id FROM resources AS u
         WHERE u.tenant_id = ${tenantId} AND u.connection_id = ${connectionId} AND u.resource_id = ${userId}
         UNION
         SELECT m.resource_id FROM reached
         CROSS JOIN members AS m
         WHERE m.tenant_id = ${tenantId} AND m.connection_id = ${connectionId}
           AND m.value = reached.resource_id AND m.relation = ${groupMembers})
       SELECT m.resource_id AS group_id, g.display, m.value AS member_id, m.added_at, m.request_id
       FROM reached
       CROSS JOIN members AS m
       CROSS JOIN resources AS g
       WHERE m.tenant_id = ${tenantId} AND m.connection_id = ${connectionId}
         AND m.value = reached.resource_id AND m.relation = ${groupMembers}
         AND g.tenant_id = ${tenantId} AND g.connection_id = ${connectionId}
         AND g.resource_id = m.resource_id
       ORDER BY g.display, m.resource_id, m.value`,
  );
  return rows.map((row) => stepOf(connectionId, row));
}

function stepOf(connectionId: ConnectionId, row: StepRow): MembershipStep {
  return {
    connectionId,
    groupId: row.group_id,
    groupName: row.display ?? row.group_id,
    memberId: row.member_id,
    since: row.added_at ?? undefined,
    requestId: row.request_id ?? undefined,
  };
}
