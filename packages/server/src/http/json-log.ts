/** The server's own log: one JSON object a line, never a token, never a line break of somebody else's making. */
import { withoutTokens } from "../domain/credential.ts";
import { safeJson } from "../domain/safe-json.ts";

/** What a line says beside its message. */
type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Writes lines. */
export interface JsonLog {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  /** Logs a defect with its stack and those of its causes. */
  error(message: string, error: unknown, fields?: LogFields): void;
}

/** Makes a log over something that takes whole lines. */
export function createJsonLog(write: (line: string) => void, now: () => number): JsonLog {
  const line = (level: string, message: string, fields: LogFields): void => {
    // Escaped and without tokens, whatever a client managed to put into the message of an error.
    const text = safeJson({ time: new Date(now()).toISOString(), level, message, ...fields });
    write(`${withoutTokens(text)}\n`);
  };
  return {
    info: (message, fields = {}) => line("info", message, fields),
    warn: (message, fields = {}) => line("warn", message, fields),
    error: (message, error, fields = {}) =>
      line("error", message, { ...fields, error: stackOf(error) }),
  };
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  const own = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause === undefined ? own : `${own}\ncaused by ${stackOf(error.cause)}`;
}
