/** Starts the bare prototype as a process of its own. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BareSpec } from "./bare-server.ts";
import { newFolder } from "./filled-cache.ts";
import type { ServerProcess } from "./server-process.ts";
import { startProcess } from "./server-process.ts";

const script = fileURLToPath(new URL("bare-server.ts", import.meta.url));

/** Starts it with what it is to do. */
export function startBareServer(spec: BareSpec): Promise<ServerProcess> {
  const file = join(newFolder(), "spec.json");
  writeFileSync(file, JSON.stringify(spec));
  const words = ["--import", "tsx", "--conditions=source", script, file];
  return startProcess({ words, root: "", token: "none" });
}
