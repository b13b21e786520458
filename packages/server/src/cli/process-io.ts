/** The surroundings of a command that runs as a process of its own. */
import { once } from "node:events";
import { createInterface } from "node:readline/promises";
import { text as textOf } from "node:stream/consumers";
import { environment } from "../config/config.ts";
import type { Io } from "./command.ts";

/** Makes them from the process. */
export function processIo(program: string = "rollcall"): Io {
  const stop = new AbortController();
  const state = { isListening: false };
  // A reader such as `head` that has seen enough is no error.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    process.exit(error.code === "EPIPE" ? 0 : 1);
  });
  return {
    program,
    out: (text) => void process.stdout.write(text),
    drained: async () => {
      if (process.stdout.writableNeedDrain) {
        await once(process.stdout, "drain");
      }
    },
    readAll: () => textOf(process.stdin),
    err: (text) => void process.stderr.write(text),
    ...(process.stderr.isTTY ? { terminal: process.stderr } : {}),
    ...(process.stdin.isTTY && process.stderr.isTTY ? { ask } : {}),
    env: environment(),
    now: Date.now,
    stopSignal() {
      if (!state.isListening) {
        state.isListening = true;
        for (const signal of ["SIGINT", "SIGTERM"] as const) {
          process.on(signal, () => {
            // Whoever asks twice does not want to wait for requests under way.
            if (stop.signal.aborted) {
              process.exit(1);
            }
            stop.abort();
          });
        }
      }
      return stop.signal;
    },
  };
}

/** On stderr, as stdout may go into a file. Whoever ends the input instead has said nothing. */
async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const closed = once(lines, "close").then(() => "");
  try {
    return await Promise.race([lines.question(question), closed]);
  } finally {
    lines.close();
  }
}
