/** A connector of a simulated identity provider: what it knows of the other side. */
import type { Caller } from "./caller.ts";
import type { SimulatedDirectory } from "./directory.ts";
import type { Listing } from "./look-up.ts";
import type { ClientHabits } from "./scim-client-habits.ts";

/** A connector; a new one knows no ids. */
export interface Connector {
  readonly caller: Caller;
  readonly habits: ClientHabits;
  readonly directory: SimulatedDirectory;
  /** The ids of people and groups by number. */
  readonly userIds: Map<number, string>;
  readonly groupIds: Map<number, string>;
  readonly listedUsers: Listing;
  readonly listedGroups: Listing;
}
