/** The option `--overlap`: how long an old token works beside the one that takes its place. */
import { overlapHoursDefault, overlapHoursMax } from "../admin-contract/credentials.ts";
import type { KeptToken } from "../domain/credential.ts";
import type { Call } from "./command.ts";
import { wholeNumberOption } from "./whole-number-option.ts";

const hourMs = 3_600_000;

/** The option. */
export const overlapOption: readonly [flags: string, sentence: string] = [
  "--overlap <hours>",
  `how long the old token still works, up to ${overlapHoursMax} (default: ${overlapHoursDefault})`,
];

/** Reads the option: when the old token ends, an xsd:dateTime in UTC. */
export function oldExpiresOption(call: Pick<Call, "text" | "io">): string {
  const hours = wholeNumberOption(call, "overlap", overlapHoursDefault, 0, overlapHoursMax);
  return new Date(call.io.now() + hours * hourMs).toISOString();
}

/** When an old token ends, which is never later than it would have. */
export function endOf({ expires }: Pick<KeptToken, "expires">, oldExpires: string): string {
  return expires !== undefined && expires < oldExpires ? expires : oldExpires;
}
