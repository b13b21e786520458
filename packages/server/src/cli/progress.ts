/** Shows how far something long has come: a bar on a terminal, a line now and then elsewhere, nothing for programs. */
import { SingleBar } from "cli-progress";
import type { Call } from "./command.ts";

/** What is shown while something long goes on. */
export interface Progress {
  /** Says how far it is. */
  update(done: number): void;
  /** Takes the bar away. */
  stop(): void;
}

/** What goes on. */
export interface ProgressWish {
  /** Such as `Importing`. */
  readonly title: string;
  /** What is counted, such as `rows`. */
  readonly unit: string;
  /** Undefined when nobody knows. */
  readonly total: number | undefined;
}

/** How long nothing is said where there is no terminal. */
const lineEveryMs = 10_000;

/** Begins to show something. */
export function startProgress(
  { io, json }: Pick<Call, "io" | "json">,
  wish: ProgressWish,
): Progress {
  if (json) {
    return { update: () => undefined, stop: () => undefined };
  }
  return io.terminal === undefined ? lines(io, wish) : bar(io.terminal, wish);
}

function bar(stream: NodeJS.WriteStream, { title, unit, total }: ProgressWish): Progress {
  const shown = new SingleBar({
    format:
      total === undefined
        ? `${title} {value} ${unit} in {duration_formatted}`
        : `${title} {bar} {percentage}% · {value} of {total} ${unit} · {eta_formatted} left`,
    stream,
    hideCursor: true,
    clearOnComplete: true,
    stopOnComplete: false,
    fps: 4,
  });
  shown.start(total ?? 0, 0);
  return {
    update: (done) => {
      // A file that grows meanwhile is longer than it was said to be.
      if (total !== undefined && done > shown.getTotal()) {
        shown.setTotal(done);
      }
      shown.update(done);
    },
    stop: () => shown.stop(),
  };
}

function lines(
  io: Pick<Call["io"], "err" | "now">,
  { title, unit, total }: ProgressWish,
): Progress {
  let saidAtMs = io.now();
  return {
    update: (done) => {
      const nowMs = io.now();
      if (nowMs - saidAtMs >= lineEveryMs) {
        saidAtMs = nowMs;
        const of = total === undefined ? "" : ` of ${total}`;
        io.err(`${title}: ${done}${of} ${unit}\n`);
      }
    },
    stop: () => undefined,
  };
}
