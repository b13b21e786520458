/** Load over real HTTP: a number of connections, each sending its next request when its last one was answered. */
import type { Wire, WireAnswer } from "./wire.ts";
import { openWire } from "./wire.ts";

/** What one slice of load measured. */
export interface Slice {
  readonly requests: number;
  readonly perSecond: number;
  /** Of each request, in milliseconds, ascending. */
  readonly times: Float64Array;
  /** Processor time this process took for each request, in microseconds. */
  readonly generatorMicros: number;
}

/** Throws when an answer is not what it has to be. */
export type AnswerCheck = (answer: WireAnswer, index: number) => void;

/** Opens connections. */
export function openWires(port: number, count: number): Promise<readonly Wire[]> {
  return Promise.all(Array.from({ length: count }, () => openWire(port)));
}

/** Closes connections. */
export function closeWires(wires: readonly Wire[]): void {
  for (const wire of wires) {
    wire.close();
  }
}

/** Sends all requests and checks all answers. */
export async function runLoad(
  wires: readonly Wire[],
  requests: readonly Buffer[],
  check: AnswerCheck,
): Promise<Slice> {
  const times = new Float64Array(requests.length);
  let next = 0;
  const cpu = process.cpuUsage();
  const from = performance.now();
  await Promise.all(
    wires.map(async (wire) => {
      for (;;) {
        const index = next;
        next += 1;
        const request = requests[index];
        if (request === undefined) {
          return;
        }
        const answer = await wire.send(request);
        times[index] = answer.ms;
        check(answer, index);
      }
    }),
  );
  const seconds = (performance.now() - from) / 1000;
  return sliceOf(times, seconds, cpu);
}

/** How requests are paced: so many a second, whether or not the server keeps up. */
export interface Pace {
  readonly perSecond: number;
  readonly seconds: number;
}

/**
 * Sends requests at a steady pace. Where an answer comes so late that the next request is late too, the time counts
 * from when that one was due.
 */
export async function runPaced(
  wires: readonly Wire[],
  { perSecond, seconds }: Pace,
  requestAt: (index: number) => Buffer,
  check: AnswerCheck,
): Promise<Slice> {
  const total = Math.round(perSecond * seconds);
  const times = new Float64Array(total);
  const cpu = process.cpuUsage();
  const from = performance.now();
  await Promise.all(
    wires.map(async (wire, first) => {
      for (let index = first; index < total; index += wires.length) {
        const due = from + (index * 1000) / perSecond;
        const early = due - performance.now();
        if (early > 0) {
          await new Promise((settle) => setTimeout(settle, early));
        }
        const late = early > 0 ? 0 : -early;
        const answer = await wire.send(requestAt(index));
        times[index] = answer.ms + late;
        check(answer, index);
      }
    }),
  );
  return sliceOf(times, (performance.now() - from) / 1000, cpu);
}

function sliceOf(times: Float64Array, seconds: number, cpuBefore: NodeJS.CpuUsage): Slice {
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    requests: times.length,
    perSecond: times.length / seconds,
    times: times.sort(),
    generatorMicros: (user + system) / Math.max(1, times.length),
  };
}

/** The time below which a share of the requests stayed, in milliseconds. */
export function quantile({ times }: Slice, share: number): number {
  return times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
}

/** Expects a status; the answer is quoted when it is another one. */
export function expectStatus(...statuses: readonly number[]): AnswerCheck {
  return ({ status, body }, index) => {
    if (!statuses.includes(status)) {
      throw new Error(
        `request ${index} was answered with ${status}, not ${statuses.join(" or ")}: ${body.toString().slice(0, 500)}`,
      );
    }
  };
}

/** Expects status 200 and a text in the body. */
export function expectText(textAt: (index: number) => string): AnswerCheck {
  const isOk = expectStatus(200);
  return (answer, index) => {
    isOk(answer, index);
    const text = textAt(index);
    if (!answer.body.includes(text)) {
      throw new Error(
        `the answer to request ${index} lacks ${text}: ${answer.body.toString().slice(0, 500)}`,
      );
    }
  };
}
