/** The reporter of one line: how many tests passed, failed and were skipped. */
import { writeFileSync } from "node:fs";
import type { Reporter, SerializedError, TestModule } from "vitest/node";

/** Prints the closing line that CI reads, or leaves the figures to the script that adds up several runs. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    // A file that does not load, a hook that throws and an error outside of any test fail the run without a failed test.
    const outside = modules.filter(
      (module) =>
        module.state() === "failed" && [...module.children.allTests("failed")].length === 0,
    );
    const figures = {
      passed: count("passed"),
      failed: count("failed") + outside.length + errors.length,
      skipped: count("skipped"),
    };
    const file = process.env["ROLLCALL_TEST_FIGURES"];
    if (file === undefined) {
      console.log(`${figures.passed} passed, ${figures.failed} failed, ${figures.skipped} skipped`);
    } else {
      writeFileSync(file, JSON.stringify(figures));
    }
  }
}
