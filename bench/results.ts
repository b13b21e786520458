/** What has been measured on this machine so far, kept so that promises can be measured in several runs. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { arch, cpus, platform, release, totalmem } from "node:os";
import { join } from "node:path";
import { cacheFolder } from "./filled-cache.ts";
import type { PromiseReport } from "./finding.ts";
import type { PeerReport } from "./peers/compare-peers.ts";
import type { ProfileReport } from "./profile.ts";
import type { DatabaseName } from "./site.ts";

/** One measurement with its occasion. */
export interface Measurement<Report> {
  readonly report: Report;
  /** The day, such as `2025-06-15`. */
  readonly day: string;
  readonly machine: string;
  readonly database: string;
  readonly command: string;
}

/** Everything measured, the latest of each kind. */
export interface Results {
  readonly promises: Partial<Record<DatabaseName, Record<string, Measurement<PromiseReport>>>>;
  readonly profiles: Partial<Record<DatabaseName, Record<string, Measurement<ProfileReport>>>>;
  readonly peers?: Measurement<PeerReport>;
}

const file = (): string => join(cacheFolder(), "results.json");

/** Reads what was kept. */
export function readResults(): Results {
  return existsSync(file())
    ? JSON.parse(readFileSync(file(), "utf8"))
    : { promises: {}, profiles: {} };
}

/** Keeps it. */
export function saveResults(results: Results): void {
  writeFileSync(file(), JSON.stringify(results, null, 2));
}

/** Adds a promise. */
export function withPromise(
  results: Results,
  database: DatabaseName,
  measurement: Measurement<PromiseReport>,
): Results {
  const known = results.promises[database];
  const all = { ...known, [measurement.report.promise]: measurement };
  return { ...results, promises: { ...results.promises, [database]: all } };
}

/** Adds a profile. */
export function withProfile(
  results: Results,
  database: DatabaseName,
  measurement: Measurement<ProfileReport>,
): Results {
  const known = results.profiles[database];
  const all = { ...known, [measurement.report.title]: measurement };
  return { ...results, profiles: { ...results.profiles, [database]: all } };
}

/** The machine, without its name. */
export function machineText(): string {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 1024 ** 3);
  const system = `${platform()} ${release().split("-")[0]} ${arch()}`;
  return `${cpus().length} cores (${cpu?.model.trim() ?? "unknown"}), ${memory} GiB memory, ${system}, node ${process.version}`;
}
