/** Other SCIM servers for Node: installed from npm into a scratch folder, started as processes of their own. */
import { execFile } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { cacheFolder } from "../filled-cache.ts";
import type { ServerProcess } from "../server-process.ts";
import { startProcess } from "../server-process.ts";

/** Another SCIM server. */
export interface Peer {
  readonly name: string;
  /** Packages with their versions. */
  readonly packages: readonly string[];
  /** The file beside this one that makes a server of it. */
  readonly script: string;
  /** The path in front of `/Users`. */
  readonly root: string;
  /** What it keeps resources in. */
  readonly store: "memory" | "PostgreSQL";
}

const polis = {
  packages: ["@boxyhq/saml-jackson@26.2.0"],
  script: "polis-server.mjs",
  root: "",
};

/** Those that are measured. */
export const peers: readonly Peer[] = [
  {
    name: "SCIMMY",
    packages: ["scimmy@1.3.5", "scimmy-routers@1.3.2", "express@5.3.0"],
    script: "scimmy-server.mjs",
    root: "/scim",
    store: "memory",
  },
  { ...polis, name: "Polis library", store: "memory" },
  { ...polis, name: "Polis library", store: "PostgreSQL" },
];

/** Installs a peer where it is not installed yet; throws what npm says when it cannot be had. */
export async function installPeer({ packages, script }: Peer): Promise<string> {
  const folder = join(cacheFolder(), "peers", script.replace("-server.mjs", ""));
  const marker = join(folder, "installed");
  if (!existsSync(marker)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "package.json"), '{ "private": true }');
    // None of them needs what its install scripts would compile.
    const words = ["install", "--ignore-scripts", "--no-audit", "--no-fund", ...packages];
    await promisify(execFile)("npm", words, { cwd: folder, timeout: 600_000 });
    writeFileSync(marker, packages.join("\n"));
  }
  copyFileSync(fileURLToPath(new URL(script, import.meta.url)), join(folder, script));
  return folder;
}

/** Starts an installed peer; with a URL it keeps its resources in that database. */
export function startPeer(
  { script, root }: Peer,
  folder: string,
  databaseUrl: string | undefined,
): Promise<ServerProcess> {
  const words = databaseUrl === undefined ? [script] : [script, databaseUrl];
  return startProcess({ words, folder, root, token: "bench" });
}
