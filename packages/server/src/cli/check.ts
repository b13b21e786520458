/** `rollcall check`: looks which requirements of the RFCs a SCIM server meets, and what identity providers do where it does not. */
import { writeFileSync } from "node:fs";
import { cleanText } from "../domain/clean-text.ts";
import { refusal } from "../domain/refusal.ts";
import { reportPage } from "../probe/check/report-page.ts";
import type { CheckReport, CheckResult } from "../probe/check/run-checks.ts";
import { isBinding, runChecks } from "../probe/check/run-checks.ts";
import { silenceOf } from "../probe/target.ts";
import type { Call, Command } from "./command.ts";
import { startProgress } from "./progress.ts";
import { scimBaseUrl, tokenOption } from "./scim-target.ts";

/** The commands. */
export const checkCommands: readonly Command[] = [
  {
    usage: "check <url>",
    summary:
      "check which requirements of the RFCs a SCIM server meets, by its base URL; exit code 1 when one that binds is not met. It makes users and groups named rollcall-check-… and deletes them again",
    options: [
      [
        "--token <token>",
        "the bearer token; - reads it from stdin, where no list of processes shows it",
      ],
      ["--html <file>", "write the report as a page too"],
    ],
    usedBy: "none",
    folder: "none",
    run: check,
  },
];

async function check(call: Call): Promise<number> {
  const target = { baseUrl: scimBaseUrl("<url>", call.args[0]), token: await tokenOption(call) };
  const progress = startProgress(call, {
    title: "Checking",
    unit: "requirements",
    total: undefined,
  });
  const report = await runChecks(target, progress.update)
    .catch((error: unknown) => {
      throw refusal(`${target.baseUrl} cannot be checked: ${silenceOf(error)}`);
    })
    .finally(progress.stop);
  const page = call.text("html");
  if (page !== undefined) {
    writeFileSync(page, reportPage(report, new Date(call.io.now()).toISOString()));
  }
  call.answer(report, reportLines(report));
  return report.failed === 0 && report.leftOver.length === 0 ? 0 : 1;
}

function reportLines({ results, passed, failed, advised, skipped, leftOver }: CheckReport) {
  return [
    ...results.flatMap(resultLines),
    "",
    `${passed} pass, ${failed} fail, ${advised} advised, ${skipped} skipped.`,
    leftOver.length === 0
      ? "Everything that was made has been deleted."
      : `LEFT on the server: ${leftOver.map((one) => cleanText(one, 100)).join(", ")}`,
  ];
}

function resultLines(result: CheckResult): readonly string[] {
  const { id, level, section, title, outcome, found, consequence } = result;
  const sign = outcome === "fail" ? (isBinding(result) ? "FAIL   " : "advice ") : outcome.padEnd(7);
  return [
    `${sign}  ${id.padEnd(13)}  ${level.padEnd(7)}  ${section.padEnd(18)}  ${title}`,
    ...(found === "" ? [] : [`         ${cleanText(found, 500)}`]),
    ...(outcome === "fail" ? [`         What follows: ${consequence}`] : []),
  ];
}
