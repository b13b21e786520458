/** Teams that follow groups, and what people have decided about them; written once for both databases. */
import type { ColumnTypes } from "./account-tables.ts";

/** The statements that add them. */
export function groupTeamColumns({ integer }: Pick<ColumnTypes, "integer">): readonly string[] {
  return [
    // 1: somebody has named or archived the team of a group, and no sync undoes that.
    `ALTER TABLE teams ADD COLUMN named_by_hand ${integer} NOT NULL DEFAULT 0`,
    `ALTER TABLE teams ADD COLUMN archived_by_hand ${integer} NOT NULL DEFAULT 0`,
    // Those that operators make are few, whatever the number of groups with a team.
    `CREATE INDEX group_mappings_by_hand ON group_mappings (tenant_id, mapping_id)
      WHERE pattern_kind <> 'team'`,
    `CREATE INDEX group_mappings_team ON group_mappings (tenant_id, team_id)`,
  ];
}
