/** Says in one sentence why a PostgreSQL database cannot be used, and what to do. */
import { refusal } from "../../domain/refusal.ts";
import type { DatabasePlace } from "./database-place.ts";

/** The oldest version that has everything the statements use. */
export const postgresVersionMin: number = 13;

/** What a database tells of itself when it is opened. */
export interface DatabaseTraits {
  /** As `server_version_num` has it: 150004 for 15.4. */
  readonly version: number;
  readonly encoding: string;
  /** A standby, or a database that was made read-only. */
  readonly isReadOnly: boolean;
}

/** Finds what rules a database out; undefined when it will do. */
export function unfitness(
  { version, encoding, isReadOnly }: DatabaseTraits,
  { server, database }: DatabasePlace,
): Error | undefined {
  if (version < postgresVersionMin * 10_000) {
    return refusal(
      `PostgreSQL at ${server} has version ${Math.floor(version / 10_000)}: version ${postgresVersionMin} or newer is needed`,
    );
  }
  if (encoding !== "UTF8") {
    return refusal(
      `the database ${database} at ${server} has the encoding ${encoding}: make one with ENCODING 'UTF8'`,
    );
  }
  if (isReadOnly) {
    return refusal(
      `the database ${database} at ${server} is read-only, as a standby is: give the one that takes writes`,
    );
  }
  return undefined;
}

/** Turns what went wrong while a database was opened into a refusal; a defect stays what it is. */
export function asOpeningRefusal(error: unknown, place: DatabasePlace): unknown {
  const found = causeOf(error);
  if (!(found instanceof Error)) {
    return error;
  }
  const code = "code" in found && typeof found.code === "string" ? found.code : "";
  const say = sentences.find(([pattern]) => pattern.test(code))?.[1] ?? sentenceOf(found.message);
  return say === undefined ? error : refusal(say(place, firstLineOf(found.message)));
}

type Sentence = (place: DatabasePlace, message: string) => string;

const wrongPassword: Sentence = ({ server, user }) =>
  `PostgreSQL at ${server} does not let ${user} in: the password in the database URL is wrong or missing`;

const awayFor: Sentence = ({ server }, message) =>
  `PostgreSQL at ${server} cannot be reached: ${message}`;

const tlsTrouble: Sentence = ({ server }, message) =>
  `no TLS connection to PostgreSQL at ${server}: ${message}; see sslmode and sslrootcert of the database URL`;

/** By SQLSTATE, or the code of the operating system. */
const sentences: readonly (readonly [code: RegExp, sentence: Sentence])[] = [
  [/^28P01$/, wrongPassword],
  [
    /^28000$/,
    ({ server, user }, message) => `PostgreSQL at ${server} does not let ${user} in: ${message}`,
  ],
  [
    /^3D000$/,
    ({ server, database }) =>
      `PostgreSQL at ${server} has no database ${database}: make it with CREATE DATABASE, encoding UTF8`,
  ],
  [
    /^(42501|3F000)$/,
    ({ server, user, database }, message) =>
      `${user} lacks a right in the database ${database} at ${server} (${message}): ` +
      `GRANT CREATE, USAGE ON SCHEMA public TO ${user}, which also has to own the tables`,
  ],
  [
    /^25006$/,
    ({ server, database }) =>
      `the database ${database} at ${server} is read-only, as a standby is: give the one that takes writes`,
  ],
  [
    /^(53...|57P0.|08...|57014|55...)$/,
    ({ server }, message) => `PostgreSQL at ${server} does not take a connection now: ${message}`,
  ],
  [/CERT|SIGNATURE|^ERR_(TLS|SSL)/, tlsTrouble],
  [/^(E[A-Z]{3,}|EAI_AGAIN)$/, awayFor],
];

/** The driver gives these errors no code. */
function sentenceOf(message: string): Sentence | undefined {
  if (/password must be a (non-empty )?string/.test(message)) {
    return wrongPassword;
  }
  if (/does not support SSL|SSL connection/.test(message)) {
    return tlsTrouble;
  }
  return /^(Connection terminated|timeout exceeded|Query read timeout|Client )/.test(message)
    ? awayFor
    : undefined;
}

/** What the driver said, behind the error that the store makes of it; of several addresses, the first. */
function causeOf(error: unknown): unknown {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return causeOf(error.errors[0]);
  }
  return error instanceof Error && error.cause !== undefined ? causeOf(error.cause) : error;
}

function firstLineOf(message: string): string {
  return (message.split("\n")[0] ?? "").replace(/[.\s]+$/, "");
}
