/** The option `--expires`: how long a token lives. */
import type { LifetimeReading } from "../domain/credential.ts";
import { lifetimeDaysDefault, parseLifetime } from "../domain/credential.ts";
import { refusal } from "../domain/refusal.ts";
import type { Call } from "./command.ts";

/** The option. */
export const lifetimeOptionRow: readonly [flags: string, sentence: string] = [
  "--expires <lifetime>",
  `30d to 730d, or never (default: ${lifetimeDaysDefault}d)`,
];

/** Reads the option, or refuses. */
export function lifetimeOption(call: Pick<Call, "text">): LifetimeReading {
  const text = call.text("expires") ?? `${lifetimeDaysDefault}d`;
  const lifetime = parseLifetime(text);
  if (lifetime.kind === "problem") {
    throw refusal(`--expires ${text}: ${lifetime.problem}`);
  }
  return lifetime;
}
