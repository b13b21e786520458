/** Writes a large text file piece by piece; it appears once it is whole, and never over another one. */
import { existsSync, renameSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { refusal } from "../domain/refusal.ts";

/** Writes what `work` writes; refuses a file that is there already. */
export async function writeWholeFile<Result>(
  file: string,
  work: (write: (text: string) => Promise<void>) => Promise<Result>,
): Promise<Result> {
  if (existsSync(file)) {
    throw refusal(`${file} is there already: give the name of a new file`);
  }
  const draft = `${file}.${process.pid}.part`;
  const target = await open(draft, "w", 0o600).catch((error: unknown) => {
    throw refusal(`${file} cannot be written: ${error instanceof Error ? error.message : error}`);
  });
  try {
    const result = await work(async (text) => {
      await target.writeFile(text);
    });
    await target.sync();
    await target.close();
    renameSync(draft, file);
    return result;
  } catch (error) {
    await target.close().catch(() => undefined);
    rmSync(draft, { force: true });
    throw error;
  }
}
