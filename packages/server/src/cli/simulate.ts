/** `rollcall simulate`: plays the whole life of an identity provider against any SCIM server, and compares in the end. */
import { cleanText } from "../domain/clean-text.ts";
import { refusal } from "../domain/refusal.ts";
import { realPatience } from "../probe/patience.ts";
import type { ClientHabits } from "../probe/simulate/scim-client-habits.ts";
import type { SimulationReport } from "../probe/simulate/simulate.ts";
import { simulate } from "../probe/simulate/simulate.ts";
import { simulatedClients } from "../probe/simulate/simulated-clients.ts";
import type { Call, Command } from "./command.ts";
import { formatFields } from "./format-table.ts";
import { startProgress } from "./progress.ts";
import { scimTarget, scimTargetOptions } from "./scim-target.ts";
import { wholeNumberOption } from "./whole-number-option.ts";

const clientNames = simulatedClients.map(({ name }) => name).join(", ");

/** The commands. */
export const simulateCommands: readonly Command[] = [
  {
    usage: "simulate <client>",
    summary: `play a client against any SCIM server: first sync, changes, renames, people who leave and come back, a new connector; then compare; exit code 1 when they do not agree. The server keeps what was synced, so that each seed is good once for a population. Clients: ${clientNames}`,
    options: [
      ...scimTargetOptions,
      ["--users <number>", "how many people (default: 100)"],
      ["--groups <number>", "how many groups (default: 10)"],
      ["--seed <number>", "another seed gives other people and another course (default: 1)"],
      ["--concurrency <number>", "how many requests are under way at once (default: 8)"],
    ],
    usedBy: "none",
    folder: "none",
    run: play,
  },
];

/** How many differences and failures are listed. */
const shownMost = 20;

async function play(call: Call): Promise<number> {
  const habits = clientNamed(call.args[0] ?? "");
  const target = await scimTarget(call);
  const users = wholeNumberOption(call, "users", 100, 1, 1_000_000);
  const groups = wholeNumberOption(call, "groups", 10, 0, 100_000);
  const seed = wholeNumberOption(call, "seed", 1, 0, 4_294_967_294);
  const concurrency = wholeNumberOption(call, "concurrency", 8, 1, 256);
  const wish = { title: `Playing ${habits.name}`, unit: "events", total: undefined };
  const shown = { progress: startProgress(call, wish), isSized: false };
  const report = await simulate({
    target,
    habits,
    users,
    groups,
    seed,
    concurrency,
    patience: realPatience,
    stop: call.io.stopSignal(),
    onProgress: (done, total) => {
      if (!shown.isSized) {
        shown.progress.stop();
        shown.progress = startProgress(call, { ...wish, total });
        shown.isSized = true;
      }
      shown.progress.update(done);
    },
  }).finally(() => shown.progress.stop());
  call.answer(report, reportLines(report, habits));
  return report.converged ? 0 : 1;
}

function clientNamed(name: string): ClientHabits {
  const habits = simulatedClients.find((client) => client.name === name);
  if (habits === undefined) {
    throw refusal(`there is no client ${cleanText(name, 60)}: the clients are ${clientNames}`);
  }
  return habits;
}

function reportLines(report: SimulationReport, { title }: ClientHabits): readonly string[] {
  const { failures, differences, statuses, converged, isWhole } = report;
  const counts = Object.entries(statuses).toSorted(([one], [other]) => one.localeCompare(other));
  return [
    ...formatFields([
      ["Client", title],
      ["Directory", `${report.users} people, ${report.groups} groups, seed ${report.seed}`],
      [
        "Requests",
        `${report.requests} in ${report.seconds} s, ${report.retries} of them sent again`,
      ],
      ["Answers", counts.map(([status, count]) => `${status}: ${count}`).join(", ")],
    ]),
    ...section("Refused what the client needs", failures, (failure) => [
      `  ${failure.count} × ${failure.request}: ${failure.status} ${cleanText(failure.detail, 300)}`,
      `      the client: ${failure.reaction}`,
    ]),
    ...section("Different in the end", differences, (difference) => [
      `  ${cleanText(difference, 300)}`,
    ]),
    "",
    converged
      ? "Converged: the server has what the directory has, and nothing was refused."
      : isWhole
        ? "NOT converged."
        : "Stopped before the end: nothing was compared.",
  ];
}

function section<Of>(
  title: string,
  all: readonly Of[],
  linesOf: (one: Of) => readonly string[],
): readonly string[] {
  const more = all.length - shownMost;
  return all.length === 0
    ? []
    : [
        "",
        `${title} (${all.length}):`,
        ...all.slice(0, shownMost).flatMap(linesOf),
        ...(more > 0 ? [`  and ${more} more, see --json`] : []),
      ];
}
