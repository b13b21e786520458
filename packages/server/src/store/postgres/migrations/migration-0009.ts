/** Teams that follow groups. */
import { groupTeamColumns } from "../../sql/migrations/group-team-columns.ts";
import type { Migration } from "../../sql/migrations/migration.ts";

/** Migration 9. */
export const migration0009: Migration = {
  number: 9,
  title: "teams that follow groups",
  // An older program would not have them follow.
  breaking: true,
  statements: groupTeamColumns({ integer: "BIGINT" }),
};
