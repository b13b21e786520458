/** What the system knows of a process: processor time and memory, read from /proc; undefined where there is none. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";

const ticksPerSecond = 100;

/** Whether this system tells. */
export const hasProcessFigures: boolean = existsSync("/proc/self/status");

/** Processor seconds a process has taken so far, with those of its children that have ended. */
export function cpuSecondsOf(pid: number): number {
  const text = read(`/proc/${pid}/stat`);
  // The name in parentheses may hold blanks.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const ticks = [11, 12, 13, 14].map((at) => Number(fields[at] ?? 0));
  return ticks.reduce((sum, value) => sum + value, 0) / ticksPerSecond;
}

/** The processes that a process has started and that still run. */
export function childrenOf(pid: number): readonly number[] {
  if (!hasProcessFigures) {
    return [];
  }
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    read(`/proc/${pid}/task/${task}/children`)
      .split(" ")
      .filter((text) => text !== "")
      .map(Number),
  );
}

/** Memory of a process in MiB: now, and the most there has been since {@link forgetPeak}. */
export function memoryOf(pid: number): { readonly nowMib: number; readonly peakMib: number } {
  const text = read(`/proc/${pid}/status`);
  const mib = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? Number.NaN) / 1024;
  return { nowMib: mib("VmRSS"), peakMib: mib("VmHWM") };
}

/** Lets the peak start from what there is now. */
export function forgetPeak(pid: number): void {
  if (hasProcessFigures) {
    writeFileSync(`/proc/${pid}/clear_refs`, "5");
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
