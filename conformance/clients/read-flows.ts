/** The recorded flows beside this file. */
import { readFileSync } from "node:fs";
import type { Flow } from "../../packages/server/src/probe/flow/flow.ts";
import { parseFlows } from "../../packages/server/src/probe/flow/flow.ts";

/** Reads the flows of one client. */
export function readFlows(name: string): readonly Flow[] {
  const file = new URL(`flows/${name}.json`, import.meta.url);
  return parseFlows(readFileSync(file, "utf8"), `${name}.json`);
}
