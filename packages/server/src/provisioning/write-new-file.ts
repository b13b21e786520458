/** Makes a file that appears whole or not at all, and never over one that another process has made meanwhile. */
import { linkSync, unlinkSync, writeFileSync } from "node:fs";

/** Writes a new file for its owner alone; false when it is there already. */
export function writeNewFile(file: string, text: string): boolean {
  const draft = `${file}.${process.pid}`;
  // What a killed process with this number left behind is no one's any more.
  writeFileSync(draft, text, { mode: 0o600, flush: true });
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") {
      return false;
    }
    throw error;
  } finally {
    unlinkSync(draft);
  }
}
