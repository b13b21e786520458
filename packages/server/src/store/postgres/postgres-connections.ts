/** Connections to one database: a pool for requests, a small one for reads that go through everything. */
import { Socket } from "node:net";
import type { ClientBase, CustomTypesConfig, PoolClient } from "pg";
import { Pool } from "pg";
import type { DatabaseFigures } from "../../domain/instance-figures.ts";
import { isConnectionLost } from "./postgres-failure.ts";

/** Sockets that are open; the driver leaves one behind when it gives up while it logs in. */
function createSockets(): { readonly make: () => Socket; readonly destroyAll: () => void } {
  const open = new Set<Socket>();
  return {
    make: () => {
      const socket = new Socket();
      open.add(socket);
      return socket.once("close", () => open.delete(socket));
    },
    destroyAll: () => {
      for (const socket of open) {
        socket.destroy();
      }
    },
  };
}

/** How to connect. */
export interface PostgresConnecting {
  readonly url: string;
  readonly poolSize: number;
  /** `request`: a client waits. `operator`: a person does, and what is to be done may go through everything. */
  readonly patience: "request" | "operator";
  /** Told of connections that break while nobody uses them. */
  readonly onTrouble: (message: string, error: unknown) => void;
}

/** How many reads that go through everything run at once. */
export const scansAtOnceMax: number = 2;

/** How long a connection may take to come about. */
const connectTimeoutMs = 5_000;

/** How long one statement may take before PostgreSQL stops it; for a request shorter than its own time. */
const statementTimeoutMs = { request: 20_000, operator: 1_800_000 } as const;

/** How much longer the driver waits for an answer, should PostgreSQL or the network have gone silent. */
const silenceMs = 3_000;

/** How long a transaction may be open without a statement: what a process that hangs has locked is free again then. */
const idleInTransactionMs = 30_000;

/**
 * Every statement of ours walks an index, which PostgreSQL does not know of tables that were empty when it planned;
 * compiling expressions never pays for statements that short.
 */
const sessionSettings = [
  "SET enable_seqscan = off",
  "SET jit = off",
  `SET idle_in_transaction_session_timeout = ${idleInTransactionMs}`,
].join("; ");

const int8Oid = 20;
const jsonOids: ReadonlySet<number> = new Set([114, 3802]);

/** Numbers as numbers, which ours all fit in; JSON as its text. */
const columnTypes: CustomTypesConfig = {
  getTypeParser: (oid: number) => {
    if (oid === int8Oid) {
      return wholeNumber;
    }
    return jsonOids.has(oid) ? (text: string) => text : (parsers.get(oid) ?? asText);
  },
};

const asText = (text: string): string => text;
const parsers: ReadonlyMap<number, (text: string) => unknown> = new Map<
  number,
  (text: string) => unknown
>([
  [16, (text) => text === "t"],
  [21, Number],
  [23, Number],
  [700, Number],
  [701, Number],
]);

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) {
    throw new TypeError("the database has a number that is no safe integer");
  }
  return value;
}

/** How many connections there are, and who waits for one. */
export type ConnectionCounts = Extract<
  DatabaseFigures,
  { readonly database: "postgres" }
>["connections"];

/** Open connections. */
export interface PostgresConnections {
  /** Takes a connection for as long as `work` lasts; one that was lost meanwhile is closed. */
  withClient<Result>(
    pool: "requests" | "scans",
    work: (client: ClientBase) => Promise<Result>,
  ): Promise<Result>;
  /** How many there are for requests. */
  counts(): ConnectionCounts;
  close(): Promise<void>;
}

/** Makes the pools; connections come about when they are needed. */
export function createPostgresConnections({
  url,
  poolSize,
  patience,
  onTrouble,
}: PostgresConnecting): PostgresConnections {
  const timeoutMs = statementTimeoutMs[patience];
  const settings = `${sessionSettings}; SET statement_timeout = ${timeoutMs}`;
  const sockets = createSockets();
  const poolOf = (max: number): Pool => {
    const pool = new Pool({
      connectionString: url,
      max,
      types: columnTypes,
      application_name: "rollcall",
      stream: sockets.make,
      keepAlive: true,
      pipeline: true,
      connectionTimeoutMillis: connectTimeoutMs,
      query_timeout: timeoutMs + silenceMs,
    });
    pool.on("error", (error) => onTrouble("a connection to the database was lost", error));
    pool.on("connect", (client) => {
      // First in the queue of the connection; whoever took it learns of a failure from its own statement.
      client.query(settings).catch(() => undefined);
    });
    return pool;
  };
  const pools = { requests: poolOf(poolSize), scans: poolOf(scansAtOnceMax) };
  return {
    withClient: async (name, work) => {
      const client = await pools[name].connect();
      const noteLoss = watchLoss(client);
      try {
        const result = await work(client);
        client.release(noteLoss());
        return result;
      } catch (error) {
        client.release(noteLoss() || isConnectionLost(error));
        throw error;
      }
    },
    counts: () => {
      const { totalCount, idleCount, waitingCount } = pools.requests;
      return { max: poolSize, open: totalCount, idle: idleCount, waiting: waitingCount };
    },
    close: async () => {
      await Promise.all([pools.requests.end(), pools.scans.end()]);
      sockets.destroyAll();
    },
  };
}

/** A connection in use that breaks tells so by an event, which would end the process if nobody listened. */
function watchLoss(client: PoolClient): () => boolean {
  let isLost = false;
  const note = () => {
    isLost = true;
  };
  client.on("error", note);
  return () => {
    client.off("error", note);
    return isLost;
  };
}
