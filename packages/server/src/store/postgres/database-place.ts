/** Where a connection URL leads, in words that may be shown: never with a password. */
import { Client } from "pg";

/** A database, as the driver understands the URL with what the environment adds. */
export interface DatabasePlace {
  /** Host and port, or the folder of the socket. */
  readonly server: string;
  readonly user: string;
  readonly database: string;
}

/** Reads a URL; throws what the driver does when it makes no sense of it. */
export function databasePlaceOf(url: string): DatabasePlace {
  const { host, port, user = "", database = user } = new Client(url);
  const server = host.startsWith("/") ? host : `${host.includes(":") ? `[${host}]` : host}:${port}`;
  return { server, user, database };
}
