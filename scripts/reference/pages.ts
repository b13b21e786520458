/** The generated pages of docs/reference, and what of the code is generated, made from the sources as they are. */
import { readdirSync, readFileSync } from "node:fs";
import { formatAdminApi } from "./admin-api.ts";
import { formatClientOperations } from "./client-operations.ts";
import { formatCommandLine } from "./command-line.ts";
import { formatConfiguration } from "./configuration.ts";
import { formatEvents } from "./events.ts";
import { formatLimits } from "./limits.ts";
import { formatMetrics } from "./metrics.ts";
import type { MarkedFile } from "./rfc-map.ts";
import { formatRfcMap } from "./rfc-map.ts";

/** A page with its path from the root. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

/** Makes every page; paths are read from the folder the process runs in. */
export function pages(): readonly Page[] {
  // What plays clients names sections and limits that other servers have to keep.
  const sources = read("packages/scim/src", "packages/server/src").filter(
    ({ path }) => !path.includes("/probe/"),
  );
  const code = sources.filter(({ path }) => !/\.(test|contract)\.ts$/.test(path));
  return [
    {
      path: "docs/reference/rfc-map.md",
      text: formatRfcMap([...sources, ...read("conformance", "test")]),
    },
    { path: "docs/reference/limits.md", text: formatLimits(code) },
    { path: "docs/reference/configuration.md", text: formatConfiguration() },
    { path: "docs/reference/command-line.md", text: formatCommandLine() },
    { path: "docs/reference/metrics.md", text: formatMetrics() },
    { path: "docs/reference/admin-api.md", text: formatAdminApi() },
    { path: "docs/reference/events.md", text: formatEvents() },
    { path: "packages/server/src/client/admin-operations.ts", text: formatClientOperations() },
  ];
}

function read(...roots: readonly string[]): readonly MarkedFile[] {
  return roots.flatMap((root) =>
    readdirSync(root, { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts"))
      .toSorted()
      .map((path) => ({ path: `${root}/${path}`, text: readFileSync(`${root}/${path}`, "utf8") })),
  );
}
