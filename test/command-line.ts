/** Runs commands of the command line in the process of a test, which is quicker than starting one for each. */
import type { Io } from "../packages/server/src/cli/command.ts";
import { main } from "../packages/server/src/cli/main.ts";

/** What came of a command. */
export interface CommandOutcome {
  /** 0 when all went well. */
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** What differs from the usual surroundings. */
interface Surroundings extends Partial<Omit<Io, "out" | "err">> {
  /** Hears what is written to stderr while the command runs. */
  readonly listen?: (text: string) => void;
}

/** Runs a command with surroundings that differ from the usual ones as said; its environment is empty. */
export async function runCommand(
  words: readonly string[],
  { listen, ...surroundings }: Surroundings = {},
): Promise<CommandOutcome> {
  const written = { out: "", err: "" };
  const code = await main(words, {
    program: "rollcall",
    env: {},
    now: Date.now,
    stopSignal: () => new AbortController().signal,
    ...surroundings,
    out: (text) => {
      written.out += text;
    },
    err: (text) => {
      written.err += text;
      listen?.(text);
    },
  });
  return { code, ...written };
}
