/** Writes results as tables, for a terminal and for `docs/reference/performance.md`. */
import type { Finding, PromiseReport } from "./finding.ts";
import type { PeerReport } from "./peers/compare-peers.ts";
import type { ProfileReport } from "./profile.ts";
import type { ProfileShare } from "./read-profile.ts";
import type { Measurement, Results } from "./results.ts";
import type { DatabaseName } from "./site.ts";

const head = ["", "Measured", "Against", "Ratio", "Promised", "Kept"];
const databases: readonly DatabaseName[] = ["SQLite", "PostgreSQL"];

/** A report as lines of a terminal. */
export function formatReport(report: PromiseReport, database: string): string {
  const lines = report.findings.length === 0 ? [] : table(head, report.findings.map(cellsOf));
  const notes = report.notes.map((note) => `  ${note}`);
  return [`\n${report.promise} ${report.title}, ${database}`, ...lines, ...notes].join("\n");
}

/** The comparison with peers as lines of a terminal. */
export function formatPeers({ columns, rows, notes }: PeerReport): string {
  return ["\nPeers", ...table(columns, rows), ...notes.map((note) => `  ${note}`)].join("\n");
}

/** A profile as lines of a terminal. */
export function formatProfile(report: ProfileReport, database: string): string {
  return [`\nProfile of ${report.title}, ${database}`, ...profileLines(report)].join("\n");
}

/** The page. */
export function performancePage(results: Results): string {
  const all = databases.flatMap((name) => Object.values(results.promises[name] ?? {}));
  const machines = [...new Set(all.map(({ machine }) => machine))];
  const lines = [
    "# Performance",
    "",
    "<!-- Written by `npm run bench`. -->",
    "",
    "What one process does on one machine, measured over real HTTP against the built server. Load generator, server and",
    "database share the machine, and others may use it too, so a promise is a ratio of two things measured in turn, slice by",
    "slice, in one run; figures by themselves are for orientation. ✓ kept, ✗ missed.",
    "",
    ...machines.map((machine) => `Machine: ${machine}.`),
    "",
    ...databases.flatMap((name) => databaseSection(results, name)),
    ...peersSection(results.peers),
    ...databases.flatMap((name) => profileSection(results, name)),
    "## How to measure",
    "",
    "```sh",
    "npm run bench                        # everything, about an hour and a half",
    "npm run bench -- --quick             # a few minutes, smaller directories",
    "npm run bench -- p2 p4               # some promises",
    "npm run bench -- --sqlite            # one database; likewise --postgres",
    "npm run bench -- --database-url URL  # a PostgreSQL server that is there; databases are made on it and dropped",
    "npm run bench -- --profile p1        # where the time goes: p1 creates, p2 reads, p3 PATCHes and pages",
    "npm run bench -- --peers             # other SCIM servers for Node, installed from npm into a temporary folder",
    "```",
    "",
    "A whole run writes this page, any other one with `--write`. The directories are made from a seed and are the same in every run.",
    "",
  ];
  return lines.join("\n");
}

function databaseSection({ promises }: Results, name: DatabaseName): string[] {
  const measured = Object.values(promises[name] ?? {}).sort((one, other) =>
    one.report.promise.localeCompare(other.report.promise),
  );
  const [latest] = measured;
  if (latest === undefined) {
    return [];
  }
  const missed = measured.flatMap(({ report }) =>
    report.findings
      .filter(({ kept }) => kept === false)
      .map(({ what, ratio, ours, promised }) => ({
        text: `${report.promise} ${what}: ${ratio || ours}, promised ${promised}.`,
      })),
  );
  return [
    `## ${name}`,
    "",
    `${latest.database}.`,
    "",
    ...(missed.length === 0
      ? ["Nothing measured here is missed."]
      : ["Missed:", "", ...missed.map(({ text }) => `- ${text}`)]),
    "",
    ...measured.flatMap(({ report, day, command }) => [
      `### ${report.promise} ${report.title}`,
      "",
      ...(report.findings.length === 0
        ? []
        : [...markdownTable(head, report.findings.map(cellsOf)), ""]),
      ...report.notes.flatMap((note) => [note, ""]),
      `Measured on ${day} with \`${command}\`.`,
      "",
    ]),
  ];
}

function peersSection(peers: Measurement<PeerReport> | undefined): string[] {
  if (peers === undefined) {
    return [];
  }
  const { columns, rows, notes } = peers.report;
  return [
    "## Other servers",
    "",
    "The same work, in the same run.",
    "",
    ...markdownTable(columns, rows),
    "",
    ...notes.flatMap((note) => [note, ""]),
    `Measured on ${peers.day} with \`${peers.command}\`.`,
    "",
  ];
}

function profileSection({ profiles }: Results, name: DatabaseName): string[] {
  const measured = Object.values(profiles[name] ?? {});
  return measured.length === 0
    ? []
    : [
        `## Where the time goes, ${name}`,
        "",
        ...measured.flatMap(({ report, day, command }) => [
          `### ${report.title}`,
          "",
          ...profileLines(report),
          "",
          `Measured on ${day} with \`${command}\`.`,
          "",
        ]),
      ];
}

function profileLines({ requests, profile, statements }: ProfileReport): string[] {
  const shares = (what: string, all: readonly ProfileShare[]) =>
    markdownTable(
      [what, "Share"],
      all.map(({ name, share }) => [name, percent(share)]),
    );
  return [
    `${requests} requests; the server's main thread was busy ${percent(profile.busy)} of the time. Shares are of that.`,
    "",
    ...shares("Part, self time", profile.parts),
    "",
    ...shares("Function, self time", profile.functions),
    "",
    ...shares("Function of ours, with what it called", profile.underWay),
    "",
    ...(statements.length === 0
      ? ["No statement was sent."]
      : markdownTable(
          ["Statement", "For each request"],
          statements.map(({ sql, perRequest }) => [`\`${sql}\``, perRequest.toFixed(2)]),
        )),
  ];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function cellsOf({ what, ours, against, ratio, promised, kept }: Finding): readonly string[] {
  return [what, ours, against, ratio, promised, kept === undefined ? "" : kept ? "✓" : "✗"];
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = columns.map((column, at) =>
    Math.max(column.length, ...rows.map((row) => row[at]?.length ?? 0)),
  );
  return [columns, ...rows].map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

function markdownTable(columns: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(columns), line(columns.map(() => "---")), ...rows.map(line)];
}
