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

/** Runs a command with surroundings that differ from the usual ones as said; its environment is empty. */
export async function runCommand(
  words: readonly string[],
  surroundings: Partial<Omit<Io, "out" | "err">> = {},
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
    },
  });
  return { code, ...written };
}
