/** Changes of the settings of a tenant that can be asked about: what became of one. Pure. */
import type { TeamMove } from "./group-team.ts";
import type { PreviewedOutcome } from "./mapping-change.ts";
import type { SettingsOutcome } from "./tenant-settings.ts";
import type { TriedUser } from "./tried-user.ts";

/** What else a change of settings does, or would do. */
export interface SettingsConsequences {
  /** Those whom the attach policy had refused, where they were tried in the same transaction. */
  readonly tried: readonly TriedUser[];
  /** Teams of groups that come, go or are named anew. */
  readonly teams: readonly TeamMove[];
}

/**
 * What became of it. The word `moved` says that somebody else has changed the settings, the kind `moved` that the change
 * would do something else than the preview that the token is of.
 */
export type SettingsChangeOutcome =
  | Exclude<SettingsOutcome, "saved">
  | (PreviewedOutcome<object> & SettingsConsequences);
