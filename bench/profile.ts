/** Where the time of a request goes: a processor profile of the server under load, and the statements of a request. */
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { newFolder } from "./filled-cache.ts";
import { expectStatus } from "./load.ts";
import type { Profile } from "./read-profile.ts";
import { readProfile } from "./read-profile.ts";
import type { ServerOptions, ServerProcess } from "./server-process.ts";
import type { Site } from "./site.ts";
import { drawUsers, lookupReads, lookups, pages, patches, pointReads } from "./user-requests.ts";
import type { CheckedRequests, Workplace } from "./workplace.ts";
import { checkedSlice, many } from "./workplace.ts";

/** The kinds of work that can be profiled. */
export const profiledWorks = ["p1", "p2", "p3"] as const;

/** One of them. */
export type ProfiledWork = (typeof profiledWorks)[number];

/** How often a statement was sent for each request. */
export interface StatementCount {
  readonly sql: string;
  readonly perRequest: number;
}

/** What a profile shows. */
export interface ProfileReport {
  readonly title: string;
  readonly requests: number;
  readonly profile: Profile;
  readonly statements: readonly StatementCount[];
}

const counter = pathToFileURL(fileURLToPath(new URL("count-statements.mjs", import.meta.url))).href;

/** Profiles the work of one promise: creates, reads, or PATCHes and first pages. */
export async function profileWork(
  work: ProfiledWork,
  place: Workplace,
): Promise<readonly ProfileReport[]> {
  const reports: ProfileReport[] = [];
  for (const [title, make] of Object.entries(worksOf(work, place))) {
    const { profile, requests } = await profiled(place, make);
    const statements = await counted(place, make);
    reports.push({ title, requests, profile, statements });
  }
  return reports;
}

type Make = (server: ServerProcess, site: Site, round: number) => CheckedRequests;

function worksOf(
  work: ProfiledWork,
  { scale, newUser }: Workplace,
): Readonly<Record<string, Make>> {
  const drawn = ({ directory }: Site, round: number) => drawUsers(directory, scale.requests, round);
  switch (work) {
    case "p1":
      return {
        "POST /Users": (server) => ({
          requests: many(scale.requests, () =>
            server.encode({ method: "POST", path: "/Users", body: newUser() }),
          ),
          check: expectStatus(201),
        }),
      };
    case "p2":
      return {
        "GET /Users/{id}": (server, site, round) =>
          pointReads(server, site.directory, drawn(site, round)),
        "GET /Users?filter=userName eq": (server, site, round) =>
          lookupReads(
            server,
            site.directory,
            drawn(site, round),
            lookups["userName eq"] ?? (() => ""),
          ),
      };
    case "p3":
      return {
        "PATCH /Users/{id}": (server, site, round) =>
          patches(server, site.directory, drawn(site, round), `round ${round}`),
        "GET /Users, first page of 100": (server) =>
          pages(server, Math.ceil(scale.requests / 10), { startIndex: 1, count: 100 }),
      };
  }
}

async function underLoad(
  place: Workplace,
  make: Make,
  options: ServerOptions,
  isWarm: (server: ServerProcess) => Promise<void>,
): Promise<number> {
  const { scale } = place;
  const site = await place.site({ users: scale.small });
  const server = await place.server(site, options);
  await checkedSlice(server, scale.connections, make(server, site, 0));
  await isWarm(server);
  let requests = 0;
  for (let round = 1; round <= scale.slices; round += 1) {
    const work = make(server, site, round);
    await checkedSlice(server, scale.connections, work);
    requests += work.requests.length;
  }
  await place.stop(server);
  return requests;
}

async function profiled(
  place: Workplace,
  make: Make,
): Promise<{ readonly profile: Profile; readonly requests: number }> {
  const folder = join(newFolder(), "profile");
  mkdirSync(folder);
  const nodeFlags = ["--cpu-prof", `--cpu-prof-dir=${folder}`, "--cpu-prof-interval=500"];
  const requests = await underLoad(place, make, { nodeFlags }, async () => undefined);
  const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"));
  // The main thread has by far the longest one: workers read only what has no index.
  const [text] = texts.sort((one, other) => other.length - one.length);
  if (text === undefined) {
    throw new Error("the server left no profile");
  }
  rmSync(folder, { recursive: true });
  return { profile: readProfile(JSON.parse(text)), requests };
}

async function counted(place: Workplace, make: Make): Promise<readonly StatementCount[]> {
  const file = join(newFolder(), "statements");
  const options = {
    nodeFlags: ["--import", counter],
    environment: { ROLLCALL_BENCH_STATEMENTS: file },
  };
  const requests = await underLoad(place, make, options, async (server) => {
    process.kill(server.pid, "SIGUSR2");
    await new Promise((settle) => setTimeout(settle, 300));
  });
  const [name] = readdirSync(join(file, "..")).filter((one) => one === "statements.0");
  if (name === undefined) {
    throw new Error("the server left no count of its statements");
  }
  const counts: readonly (readonly [string, number])[] = JSON.parse(
    readFileSync(`${file}.0`, "utf8"),
  );
  return counts
    .map(([sql, count]) => ({ sql: shortened(sql), perRequest: count / requests }))
    .filter(({ perRequest }) => perRequest >= 0.01)
    .sort((one, other) => other.perRequest - one.perRequest);
}

function shortened(sql: string): string {
  const text = sql.replace(/\s+/g, " ").trim();
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
