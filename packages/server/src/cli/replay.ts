/** `rollcall replay`: sends what clients were recorded to send to any SCIM service provider, and says what they could not cope with. */
import { readFileSync } from "node:fs";
import { cleanText } from "../domain/clean-text.ts";
import { refusal } from "../domain/refusal.ts";
import type { Flow } from "../probe/flow/flow.ts";
import { parseFlows } from "../probe/flow/flow.ts";
import { replayFlow } from "../probe/flow/replay-flow.ts";
import type { Call, Command } from "./command.ts";
import { startProgress } from "./progress.ts";
import { scimTarget, scimTargetOptions } from "./scim-target.ts";
import { textOrStdin } from "./text-or-stdin.ts";

/** The commands. */
export const replayCommands: readonly Command[] = [
  {
    usage: "replay <file...>",
    summary:
      "replay recorded flows of clients against any SCIM server; exit code 1 when answers are not what the client copes with",
    options: [
      ...scimTargetOptions,
      ["--token2 <token>", "a token of another tenant, for flows that need one"],
      ["--fresh", "nothing is stored there: replay the flows that need this too"],
    ],
    usedBy: "none",
    folder: "none",
    run: replay,
  },
];

/** What became of a flow. */
interface FlowReport {
  readonly file: string;
  readonly idp: string;
  readonly scenario: string;
  readonly state: "same" | "different" | "skipped";
  /** What differs, or why it is skipped. */
  readonly problems: readonly string[];
}

async function replay(call: Call): Promise<number> {
  const target = await scimTarget(call);
  const token2 = call.text("token2");
  const second = token2 === undefined ? undefined : await textOrStdin(call, "--token2", token2);
  const files = call.args.map((file) => ({ file, flows: parseFlows(textOf(file), file) }));
  const all = files.flatMap(({ file, flows }) => flows.map((flow) => ({ file, flow })));
  const progress = startProgress(call, { title: "Replaying", unit: "flows", total: all.length });
  const reports: FlowReport[] = [];
  for (const { file, flow } of all) {
    const reason = reasonToSkip(flow, call.has("fresh"), second);
    const problems = reason === undefined ? await replayFlow(flow, target, second ?? "") : [reason];
    const state = reason !== undefined ? "skipped" : problems.length === 0 ? "same" : "different";
    reports.push({ file, idp: flow.idp, scenario: flow.scenario, state, problems });
    progress.update(reports.length);
  }
  progress.stop();
  const count = (state: FlowReport["state"]) =>
    reports.filter((report) => report.state === state).length;
  const counts = { same: count("same"), different: count("different"), skipped: count("skipped") };
  call.answer({ url: target.baseUrl, ...counts, flows: reports }, [
    ...reports.flatMap(reportLines),
    "",
    `${counts.same} as expected, ${counts.different} different, ${counts.skipped} skipped.`,
  ]);
  return counts.different === 0 ? 0 : 1;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw refusal(`cannot read ${file}: ${error instanceof Error ? error.message : error}`);
  }
}

function reasonToSkip(flow: Flow, isFresh: boolean, token2: string | undefined) {
  if (flow.needs === "token2" && token2 === undefined) {
    return "it needs a token of another tenant: --token2";
  }
  return flow.fresh && !isFresh
    ? "it needs a server on which nothing is stored: --fresh"
    : undefined;
}

const signs: Readonly<Record<FlowReport["state"], string>> = {
  same: "same     ",
  different: "DIFFERENT",
  skipped: "skipped  ",
};

function reportLines({ idp, scenario, state, problems }: FlowReport): readonly string[] {
  return [
    `${signs[state]}  ${cleanText(`${idp}: ${scenario}`, 100)}`,
    ...problems.map((problem) => `           ${cleanText(problem, 1_000)}`),
  ];
}
