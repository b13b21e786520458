/** Opens the store in a PostgreSQL database, bringing its schema up to date first. */
import type { Store } from "../store.ts";

/** Where the store is and how it is used. */
export interface PostgresStoreOpening {
  readonly url: string;
  /** A hash that only this instance can make. */
  readonly keyedHash: (text: string) => string;
  readonly newId: () => string;
  /** `server`: numbers and folds in the background and keeps an eye on the schema. `command`: one thing to do. */
  readonly role: "server" | "command";
  /** How many connections to open at most; 16 for a server and 2 for a command unless told otherwise. */
  readonly poolSize?: number;
  /** Told what goes wrong in the background: a lost connection, a schema that another version has changed. */
  readonly onTrouble?: (message: string, error: unknown) => void;
  /** Neither migrates nor writes; the tables have to be there. */
  readonly readOnly?: boolean;
  /** Milliseconds since 1970; the system's clock unless told otherwise. */
  readonly nowMs?: () => number;
}

/** Opens the store. */
export async function openPostgresStore(_opening: PostgresStoreOpening): Promise<Store> {
  throw new Error("to be built");
}
