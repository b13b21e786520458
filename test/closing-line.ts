/** The reporter whose one line is the last of every test run. */
import type { Reporter, TestModule } from "vitest/node";

/** Prints the one closing line that CI reads, whatever reporter a person looks at. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    console.log(
      `${count("passed")} passed, ${count("failed")} failed, ${count("skipped")} skipped`,
    );
  }
}
