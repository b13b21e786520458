/** The data folder: what there is at its path, and making it. */
import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { refusal } from "../domain/refusal.ts";
import { instanceKeyFile } from "./instance-key.ts";

/** What there is at the path of a data folder: nothing, something else, a folder without a database, or one with. */
export type FolderState = "nothing" | "no folder" | "no data" | "data";

/** Looks what there is at the path of a data folder. */
export function folderStateOf(folder: string): FolderState {
  try {
    const stats = statSync(folder, { throwIfNoEntry: false });
    if (stats === undefined) {
      return "nothing";
    }
    if (!stats.isDirectory()) {
      return "no folder";
    }
    return readdirSync(folder).some((name) => /\.(db|sqlite)$/.test(name)) ? "data" : "no data";
  } catch (error) {
    throw unusableFolder(folder, error);
  }
}

/** Makes the folder for its owner alone, where it is missing. */
export function makeFolder(folder: string): void {
  if (folderStateOf(folder) === "no folder") {
    throw refusal(`${folder} is no folder: give another --data`);
  }
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw unusableFolder(folder, error);
  }
}

/** Where the data are: the settings that decide it. */
interface DataPlace {
  readonly data: string;
  readonly databaseUrl: string | undefined;
  readonly pepper: string | undefined;
}

/** Tells whether anything has to be in the data folder: a database, or the instance key. */
export function needsFolder({ databaseUrl, pepper }: DataPlace): boolean {
  return databaseUrl === undefined || pepper === undefined;
}

/** Says what of the data folder is missing for whoever makes nothing; undefined when all is there. */
export function missingIn(place: DataPlace): string | undefined {
  const { data, databaseUrl } = place;
  if (!needsFolder(place)) {
    return undefined;
  }
  switch (folderStateOf(data)) {
    case "no folder":
      return `${data} is no folder: give another --data`;
    case "nothing":
      return databaseUrl === undefined
        ? `there is no data folder ${data}: give --data, or make one with rollcall serve`
        : `there is no data folder ${data} with the instance key: give the --data or the ROLLCALL_PEPPER of the server`;
    case "no data":
    case "data":
      return databaseUrl === undefined || existsSync(join(data, instanceKeyFile))
        ? undefined
        : `the folder ${data} has no instance key: give the --data or the ROLLCALL_PEPPER of the server`;
  }
}

/** Says where the instance key is missing; undefined when it is there. */
export function missingKeyIn({
  data,
  pepper,
}: Pick<DataPlace, "data" | "pepper">): string | undefined {
  return pepper !== undefined || existsSync(join(data, instanceKeyFile))
    ? undefined
    : `the folder ${data} has no instance key`;
}

/** What is in the way is the operator's to see to: a missing right, a file in the path, a read-only disk. */
function unusableFolder(folder: string, error: unknown): Error {
  const reason = error instanceof Error ? error.message : String(error);
  return refusal(`${folder} cannot be the data folder: ${reason}`);
}
