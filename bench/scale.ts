/** How much a run does: everything, a few minutes' worth, or just enough to see that it works. */

/** The extent of a run. */
export interface Scale {
  readonly name: "full" | "quick" | "tiny";
  /** Users of the small directory and of the large one. */
  readonly small: number;
  readonly large: number;
  /** Slices of each side, and requests of a slice of cheap work. */
  readonly slices: number;
  readonly requests: number;
  /** Connections of the load generator. */
  readonly connections: number;
  /** The whole sync of P5. */
  readonly sync: { readonly users: number; readonly groups: number; readonly memberships: number };
  /** Users on a page. */
  readonly pageSize: number;
  /** How often P8 starts the server. */
  readonly starts: number;
  /** How many people P4 adds to a group and removes again in each slice. */
  readonly spareUsers: number;
  /** How long the paced load of P7 and P8 runs in each slice, in seconds. */
  readonly pacedSeconds: number;
  /** Sizes of the groups that peers are asked to add a member to. */
  readonly peerGroups: readonly number[];
}

/** `npm run bench`. */
export const fullScale: Scale = {
  name: "full",
  small: 10_000,
  large: 1_000_000,
  slices: 9,
  requests: 4000,
  connections: 32,
  sync: { users: 10_000, groups: 500, memberships: 50_000 },
  pageSize: 100,
  starts: 5,
  spareUsers: 48,
  pacedSeconds: 10,
  peerGroups: [100, 1000, 10_000],
};

/** `npm run bench -- --quick`. */
export const quickScale: Scale = {
  name: "quick",
  small: 10_000,
  large: 100_000,
  slices: 5,
  requests: 1000,
  connections: 32,
  sync: { users: 1000, groups: 50, memberships: 5000 },
  pageSize: 100,
  starts: 3,
  spareUsers: 32,
  pacedSeconds: 3,
  peerGroups: [100, 1000],
};

/** For the test that keeps the bench working. */
export const tinyScale: Scale = {
  name: "tiny",
  small: 40,
  large: 200,
  slices: 1,
  requests: 24,
  connections: 4,
  sync: { users: 24, groups: 3, memberships: 24 },
  pageSize: 10,
  starts: 1,
  spareUsers: 4,
  pacedSeconds: 0.5,
  peerGroups: [10],
};
