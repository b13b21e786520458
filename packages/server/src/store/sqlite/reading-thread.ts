/** A thread that reads, as the main thread sees it: it is asked, and answers or is gone. */
import { Worker } from "node:worker_threads";
import type { ReadingAnswer, ReadingQuestion, ReadingWorkerData } from "./reading-worker.ts";
import { SqliteDriver } from "./sqlite-driver.ts";
import { storeAway } from "./store-away.ts";

/** A thread that reads. */
export interface ReadingThread {
  /** Asks; throws what the thread failed with, and 503 when it is gone. */
  ask(question: ReadingQuestion): Promise<ReadingAnswer>;
  /** Whether it can be asked no more. */
  readonly isGone: boolean;
  /** Ends it; what it was asked and has not answered yet fails. */
  stop(): Promise<void>;
}

const isSource = import.meta.url.endsWith(".ts");
const workerUrl = new URL(`./reading-worker${isSource ? ".ts" : ".js"}`, import.meta.url);

/** Rows live until they are posted, so that the space for what is new need not be large. */
const youngMiB = 6;

/** Starts a thread. */
export function startReadingThread(workerData: ReadingWorkerData): ReadingThread {
  // No limit to all of its memory: rows are made by the driver, where reaching one ends the whole process.
  const worker = new Worker(workerUrl, {
    workerData,
    resourceLimits: { maxYoungGenerationSizeMb: youngMiB },
    ...(isSource ? { execArgv: sourceLoading() } : {}),
  });
  const waiting: {
    readonly settle: (answer: ReadingAnswer) => void;
    readonly fail: (error: unknown) => void;
  }[] = [];
  let isGone = false;
  const end = (cause: unknown): void => {
    isGone = true;
    for (const { fail } of waiting.splice(0)) {
      fail(storeAway(cause));
    }
  };
  worker.on("message", (answer: ReadingAnswer) => {
    const asked = waiting.shift();
    if (answer.kind === "failed") {
      asked?.fail(errorOf(answer));
    } else {
      asked?.settle(answer);
    }
    if (waiting.length === 0) {
      worker.unref();
    }
  });
  worker.on("error", end);
  worker.on("exit", () => end(undefined));
  // Nobody keeps the process alive for a thread that has nothing to do.
  worker.unref();
  return {
    ask: (question) =>
      new Promise((settle, fail) => {
        if (isGone) {
          fail(storeAway(undefined));
          return;
        }
        waiting.push({ settle, fail });
        worker.ref();
        worker.postMessage(question);
      }),
    get isGone() {
      return isGone;
    },
    stop: async () => {
      await worker.terminate();
    },
  };
}

/** What lets a thread read TypeScript; it does not inherit that from the one that starts it. */
function sourceLoading(): string[] {
  const loader = import.meta.resolve("tsx/esm/api");
  const loading = `import { register } from ${JSON.stringify(loader)}; register();`;
  return ["--conditions=source", "--import", `data:text/javascript,${encodeURIComponent(loading)}`];
}

function errorOf({ code, message }: Extract<ReadingAnswer, { kind: "failed" }>): Error {
  return code === undefined ? new Error(message) : new SqliteDriver.SqliteError(message, code);
}
