/** What `rollcall doctor` says of the database. */
import type { DataInspection } from "../compose.ts";
import type { Config } from "../config/config.ts";
import type { Finding } from "./finding.ts";

type PostgresFound = Extract<DataInspection, { readonly kind: "found" }>;

/** Clocks that differ by more than this deserve a warning. */
const clockSkewMsMax = 2_000;

/** Puts what was found in the database into words. */
export function databaseFindings(
  data: DataInspection,
  { databasePool }: Pick<Config, "databasePool">,
): readonly Finding[] {
  if (data.problem !== undefined) {
    return [{ check: "database", state: "problem", text: data.problem }];
  }
  return data.database === "sqlite"
    ? data.settings.map(({ name, value, wanted }) => ({
        check: "database",
        state: value === wanted ? "ok" : "problem",
        text: value === wanted ? `${name} ${value}` : `${name} is ${value} and should be ${wanted}`,
      }))
    : postgresFindings(data, databasePool);
}

function postgresFindings(data: PostgresFound, pool: number): readonly Finding[] {
  const { server, database, user } = data.place;
  return [
    {
      check: "database",
      state: "ok",
      text: `PostgreSQL ${data.version}, ${database} at ${server} as ${user}`,
    },
    schemaFinding(data),
    ...durabilityFindings(data),
    connectionsFinding(data, pool),
    skewFinding(data),
    ...(data.unnumbered === 0 ? [] : [backlogFinding(data.unnumbered)]),
  ];
}

function schemaFinding({ missingMigrations }: PostgresFound): Finding {
  if (missingMigrations === undefined) {
    const text = "there are no tables yet: start rollcall serve";
    return { check: "schema", state: "problem", text };
  }
  return missingMigrations === 0
    ? { check: "schema", state: "ok", text: "up to date" }
    : {
        check: "schema",
        state: "problem",
        text: `${missingMigrations} migration(s) behind this version: run rollcall migrate, or start the server`,
      };
}

/** Each of these settings, and what is lost without it. */
const losses: Readonly<Record<string, string>> = {
  fsync: "a crash of the machine can destroy the whole database",
  full_page_writes: "a crash of the machine can destroy pages that were being written",
  synchronous_commit: "a crash loses the last writes that clients were told had succeeded",
};

function durabilityFindings({ durability }: PostgresFound): readonly Finding[] {
  const bad = durability.filter(({ value }) => value === "off");
  return bad.length > 0
    ? bad.map(({ name }) => ({
        check: "durability",
        state: "warning",
        text: `${name} is off: ${losses[name] ?? "writes are not safe"}`,
      }))
    : [
        {
          check: "durability",
          state: "ok",
          text: durability.map(({ name, value }) => `${name} ${value}`).join(", "),
        },
      ];
}

/** While a server is replaced two of them run for a moment. */
function connectionsFinding({ connections }: PostgresFound, pool: number): Finding {
  const { allowed, used, besidePool } = connections;
  const perServer = pool + besidePool;
  const servers = Math.floor(allowed / perServer);
  const text =
    `a server opens up to ${perServer} connections, PostgreSQL allows ${allowed} and has ${used} in use: ` +
    `room for ${servers} server${servers === 1 ? "" : "s"}`;
  return servers < 2
    ? {
        check: "pool",
        state: servers < 1 ? "problem" : "warning",
        text: `${text}; lower --database-pool or raise max_connections`,
      }
    : { check: "pool", state: "ok", text };
}

function skewFinding({ clock: { aheadMs, uncertainMs } }: PostgresFound): Finding {
  const skew = Math.max(0, Math.abs(aheadMs) - uncertainMs);
  const seconds = (skew / 1000).toFixed(1);
  return skew > clockSkewMsMax
    ? {
        check: "skew",
        state: "warning",
        text: `the database's clock is ${seconds} s ${aheadMs > 0 ? "ahead of" : "behind"} this machine's: have both follow the same time server`,
      }
    : {
        check: "skew",
        state: "ok",
        text: `the database's clock is within ${seconds} s of this machine's`,
      };
}

function backlogFinding(count: number): Finding {
  return {
    check: "backlog",
    state: "warning",
    text: `${count} audit entries and events have waited more than a minute for their number: a running server gives them out, so start one or look at its log`,
  };
}
