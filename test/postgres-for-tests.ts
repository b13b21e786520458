/** PostgreSQL for tests: databases of their own on the cluster that the test run has started. */

/** A database for one test. */
export interface TestDatabase {
  readonly url: string;
  /** Drops it, whoever is still connected. */
  drop(): Promise<void>;
}

/** How a database sorts text by default: bytes (`C`), or a language by ICU. */
export type TestLocale = "C" | "icu";

/** Makes an empty database on the cluster of the test run. */
export async function createTestDatabase(_locale: TestLocale = "C"): Promise<TestDatabase> {
  throw new Error("to be built");
}

/** A cluster that a test may stop and start: fsync is on, nothing else uses it. */
export interface TestCluster {
  /** The URL of an empty database on it. */
  readonly url: string;
  /** `fast` ends connections and writes a checkpoint, `immediate` is a crash. */
  stop(mode: "fast" | "immediate"): Promise<void>;
  start(): Promise<void>;
  /** Stops it and drops its files. */
  remove(): Promise<void>;
}

/** Makes a cluster of its own. */
export async function startTestCluster(): Promise<TestCluster> {
  throw new Error("to be built");
}
