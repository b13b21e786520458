/** Changes of the settings of a tenant that can be asked about: what became of one. Pure. */
import type { PreviewedOutcome } from "./mapping-change.ts";
import type { SettingsOutcome } from "./tenant-settings.ts";

/**
 * What became of it. The word `moved` says that somebody else has changed the settings, the kind `moved` that the change
 * would do something else than the preview that the token is of.
 */
export type SettingsChangeOutcome = Exclude<SettingsOutcome, "saved"> | PreviewedOutcome<object>;
