/** The server's own log: one JSON object a line, never a token, never a line break of somebody else's making. */
import pino from "pino";
import { withoutTokens } from "../domain/credential.ts";
import { escapeUnsafe } from "../domain/safe-json.ts";

/** What a line says beside its message. */
type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Below what nothing is written. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** Writes lines. */
export interface JsonLog {
  /** Whether lines for whoever debugs are written, which may cost something to make. */
  readonly isDebug: boolean;
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  /** Logs a defect with its stack and those of its causes. */
  error(message: string, error: unknown, fields?: LogFields): void;
}

/** Makes a log over something that takes whole lines. */
export function createJsonLog(
  write: (line: string) => void,
  now: () => number,
  level: LogLevel = "info",
): JsonLog {
  const logger = pino(
    {
      level,
      base: null,
      messageKey: "message",
      timestamp: () => `,"time":"${new Date(now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    // Escaped and without tokens, whatever a client managed to put into the message of an error.
    { write: (line: string) => write(withoutTokens(escapeUnsafe(line))) },
  );
  return {
    isDebug: logger.isLevelEnabled("debug"),
    debug: (message, fields = {}) => logger.debug(fields, message),
    info: (message, fields = {}) => logger.info(fields, message),
    warn: (message, fields = {}) => logger.warn(fields, message),
    error: (message, error, fields = {}) =>
      logger.error({ ...fields, error: stackOf(error) }, message),
  };
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  const own = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause === undefined ? own : `${own}\ncaused by ${stackOf(error.cause)}`;
}
