/** Teams that follow groups. */
import { groupTeamColumns } from "./group-team-columns.ts";
import type { Migration } from "./migration.ts";

/** Migration 8. */
export const migration0008: Migration = {
  number: 8,
  title: "teams that follow groups",
  // An older program would not have them follow.
  breaking: true,
  statements: groupTeamColumns({ integer: "INTEGER" }),
};
