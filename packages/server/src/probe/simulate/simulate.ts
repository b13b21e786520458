/** Plays the whole life of an identity provider against a service provider, and compares in the end. */
import { randomUUID } from "node:crypto";
import type { Patience } from "../patience.ts";
import type { Target } from "../target.ts";
import type { Caller, ClientFailure } from "./caller.ts";
import { createCaller } from "./caller.ts";
import type { Connector } from "./connector.ts";
import { differencesBetween } from "./differences.ts";
import type { SimulatedDirectory } from "./directory.ts";
import { createDirectory } from "./directory.ts";
import type { LifeEvent } from "./life.ts";
import { planLife } from "./life.ts";
import { readListing } from "./look-up.ts";
import { changeGroup, letGroupGo, syncGroup } from "./push-group.ts";
import { changePerson, letGo, syncPerson } from "./push-person.ts";
import type { ClientHabits } from "./scim-client-habits.ts";

/** What is to be played. */
export interface SimulationWish {
  readonly target: Target;
  readonly habits: ClientHabits;
  readonly users: number;
  readonly groups: number;
  readonly seed: number;
  /** How many requests are under way at once. */
  readonly concurrency: number;
  readonly patience: Patience;
  /** Ends it early. */
  readonly stop: AbortSignal;
  /** How many events have been played, and of how many. */
  readonly onProgress: (done: number, total: number) => void;
}

/** What came of it. */
export interface SimulationReport {
  readonly client: string;
  readonly seed: number;
  readonly users: number;
  readonly groups: number;
  readonly requests: number;
  readonly retries: number;
  readonly seconds: number;
  /** How often each status came; `none` for no answer. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly failures: readonly ClientFailure[];
  /** Where the service provider and the directory differ, each in a sentence. */
  readonly differences: readonly string[];
  readonly isWhole: boolean;
  /** Everything was played, nothing failed, and nothing differs. */
  readonly converged: boolean;
}

/** Plays it all. */
export async function simulate(wish: SimulationWish): Promise<SimulationReport> {
  const { habits, users, groups, seed, stop } = wish;
  const startedAt = wish.patience.now();
  const directory = createDirectory({ users, groups: habits.groups ? groups : 0, seed });
  const caller = createCaller(wish);
  const phases = planLife(directory, seed);
  const total = phases.reduce((sum, { events }) => sum + events.length, 0);
  let done = 0;
  let connector = connectorOf(wish, caller, directory);
  for (const { events, isNewConnector } of phases) {
    if (stop.aborted) {
      break;
    }
    connector = isNewConnector ? await newConnector(wish, caller, directory) : connector;
    if (habits.groups?.find.kind === "list" && events[0]?.kind === "sync-group") {
      const listedGroups = await readListing(caller, "/Groups", habits.groups.find);
      connector = { ...connector, listedGroups };
    }
    await inParallel(events, wish, async (event) => {
      await play(connector, event);
      done += 1;
      wish.onProgress(done, total);
    });
  }
  const isWhole = !stop.aborted;
  const differences = isWhole ? await differencesBetween(connector) : [];
  const failures = caller.failures();
  return {
    client: habits.name,
    seed,
    users,
    groups: directory.groups.length,
    requests: caller.requests(),
    retries: caller.retries(),
    seconds: Math.round((wish.patience.now() - startedAt) / 100) / 10,
    statuses: Object.fromEntries(caller.statuses),
    failures,
    differences,
    isWhole,
    converged: isWhole && failures.length === 0 && differences.length === 0,
  };
}

function connectorOf(
  { habits }: SimulationWish,
  caller: Caller,
  directory: SimulatedDirectory,
): Connector {
  return {
    caller,
    habits,
    directory,
    userIds: new Map(),
    groupIds: new Map(),
    listedUsers: new Map(),
    listedGroups: new Map(),
  };
}

/** A connector that knows nothing yet; it asks what a new one asks. */
async function newConnector(
  wish: SimulationWish,
  caller: Caller,
  directory: SimulatedDirectory,
): Promise<Connector> {
  const { habits } = wish;
  for (const path of habits.probes(randomUUID())) {
    await caller.ask("GET", path, { accepts: [200], needsBody: true });
  }
  return {
    ...connectorOf(wish, caller, directory),
    listedUsers: await readListing(caller, "/Users", habits.find),
  };
}

async function inParallel(
  events: readonly LifeEvent[],
  { concurrency, stop }: SimulationWish,
  work: (event: LifeEvent) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let event = events[next++]; event !== undefined && !stop.aborted; event = events[next++]) {
      await work(event);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}

async function play(connector: Connector, event: LifeEvent): Promise<void> {
  const { people, groups } = connector.directory;
  const person = people[event.number];
  const group = groups[event.number];
  if (event.kind === "sync-person" && person !== undefined) {
    await syncPerson(connector, person);
  } else if (event.kind === "change-person" && person !== undefined) {
    await changePerson(connector, person, event.to);
  } else if (event.kind === "person-leaves" && person !== undefined) {
    await letGo(connector, person);
  } else if (event.kind === "sync-group" && group !== undefined) {
    await syncGroup(connector, group);
  } else if (event.kind === "change-group" && group !== undefined) {
    await changeGroup(connector, group, event.to);
  } else if (event.kind === "group-leaves" && group !== undefined) {
    await letGroupGo(connector, group);
  }
}
