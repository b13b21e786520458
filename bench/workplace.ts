/** What a bench works with: databases to make, servers to start, all of it taken away again at the end. */
import type { BareSpec } from "./bare-server.ts";
import type { PromiseReport } from "./finding.ts";
import type { Attributes, DirectorySize } from "./generate-directory.ts";
import { generateDirectory, userBody } from "./generate-directory.ts";
import type { AnswerCheck, Slice } from "./load.ts";
import { closeWires, openWires, runLoad } from "./load.ts";
import type { Scale } from "./scale.ts";
import type { ServerOptions, ServerProcess } from "./server-process.ts";
import { startServer } from "./server-process.ts";
import type { BenchDatabase, Site } from "./site.ts";
import { startBareServer } from "./start-bare-server.ts";
import type { Wire } from "./wire.ts";
import { openWire } from "./wire.ts";

/** The surroundings of one measurement. */
export interface Workplace {
  readonly database: BenchDatabase;
  readonly scale: Scale;
  /** A site of this measurement alone. */
  site(size: DirectorySize): Promise<Site>;
  /** The large directory: shared by the measurements of a run, for making it takes long. */
  largeSite(): Promise<Site>;
  server(site: Site, options?: ServerOptions): Promise<ServerProcess>;
  bare(spec: BareSpec): Promise<ServerProcess>;
  /** Stops a server now. */
  stop(server: ServerProcess): Promise<void>;
  /** The body that creates a person whom no directory has yet. */
  newUser(): Attributes;
}

/** Measures one promise. */
export type PromiseBench = (place: Workplace) => Promise<PromiseReport>;

/** What all measurements on one database share. */
export interface Surroundings {
  readonly database: BenchDatabase;
  readonly scale: Scale;
  largeSite(): Promise<Site>;
}

// Behind the numbers of every directory, and never the same twice in a run.
let lastNumber = 100_000_000;

/** Runs a measurement, then stops what it has started and drops what it has made. */
export async function inWorkplace<Result>(
  surroundings: Surroundings,
  work: (place: Workplace) => Promise<Result>,
): Promise<Result> {
  const { database } = surroundings;
  const servers = new Set<ServerProcess>();
  const sites: Site[] = [];
  const started = async (starting: Promise<ServerProcess>): Promise<ServerProcess> => {
    const server = await starting;
    servers.add(server);
    return server;
  };
  const strangers = generateDirectory(2, { users: 0 });
  try {
    return await work({
      ...surroundings,
      async site(size) {
        const site = await database.createSite(size);
        sites.push(site);
        return site;
      },
      server: (site, options) => started(startServer(site, options)),
      bare: (spec) => started(startBareServer(spec)),
      async stop(server) {
        servers.delete(server);
        await server.stop();
      },
      newUser() {
        lastNumber += 1;
        return userBody(strangers.userAt(lastNumber));
      },
    });
  } finally {
    for (const server of servers) {
      await server.stop();
    }
    for (const site of sites) {
      await site.remove();
    }
  }
}

/** Works with connections and closes them. */
export async function withWires<Result>(
  { port }: ServerProcess,
  count: number,
  work: (wires: readonly Wire[]) => Promise<Result>,
): Promise<Result> {
  const wires = await openWires(port, count);
  try {
    return await work(wires);
  } finally {
    closeWires(wires);
  }
}

/** Works with one connection and closes it. */
export async function withWire<Result>(
  { port }: ServerProcess,
  work: (wire: Wire) => Promise<Result>,
): Promise<Result> {
  const wire = await openWire(port);
  try {
    return await work(wire);
  } finally {
    wire.close();
  }
}

/** One slice of load over connections of its own: a server may close those that nobody used for a while. */
export function slice(
  server: ServerProcess,
  connections: number,
  requests: readonly Buffer[],
  check: AnswerCheck,
): Promise<Slice> {
  return withWires(server, connections, (wires) => runLoad(wires, requests, check));
}

/** Requests with the check of their answers. */
export interface CheckedRequests {
  readonly requests: readonly Buffer[];
  readonly check: AnswerCheck;
}

/** One slice of load with its check. */
export function checkedSlice(
  server: ServerProcess,
  connections: number,
  { requests, check }: CheckedRequests,
): Promise<Slice> {
  return slice(server, connections, requests, check);
}

/** Makes as many of something as are wanted. */
export function many<Item>(length: number, make: (index: number) => Item): readonly Item[] {
  return Array.from({ length }, (_, index) => make(index));
}
