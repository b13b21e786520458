/** Options whose values are secrets: `-` reads them from stdin, where no list of processes shows them. */
import { refusal } from "../domain/refusal.ts";
import type { Call } from "./command.ts";

/** Reads what stands for `-`: all of stdin, without the line break at its end. */
export async function textOrStdin(call: Call, name: string, text: string): Promise<string> {
  if (text !== "-") {
    return text;
  }
  const read = (await call.io.readAll?.())?.replace(/\r?\n$/, "");
  if (read === undefined || read === "") {
    throw refusal(`${name} -: there is nothing on standard input`);
  }
  return read;
}
