/**
 * The whole check in one command: compile, lint, unused code, tests.
 * The tests run once more on another Node unless `--one-node` is given; all other options go to vitest.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { prepare } from "./prepare.mjs";
import { prepareSecondNode, secondMajor } from "./second-node.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), "rollcall-npm-test-"));
const mark = folder.slice(-6);
const bothNodes = !process.argv.includes("--one-node");
const wishes = process.argv.slice(2).filter((word) => word !== "--one-node");
const figures = { passed: 0, failed: 0, skipped: 0 };
const steps = [
  ["Compile", "tsc", ["--build"]],
  ["Compile the tests", "tsc", ["-p", "tsconfig.test.json"]],
  ["Lint and format", "biome", ["check"]],
  ["Unused code", "knip", []],
];

/** What is tested on the second Node; `vitest.config.ts` leaves out what does not depend on its version. */
const wishesOnSecondNode =
  wishes.length > 0
    ? wishes
    : ["units", "pure", "conformance sqlite"].flatMap((name) => ["--project", name]);

/** Starts what stops the processes of this run and drops its folder when this process ends, however it ends. */
function startKeeper() {
  const file = join(root, "test/run-keeper.sh");
  const env = { PATH: process.env.PATH };
  const stdio = ["pipe", "ignore", "inherit"];
  const keeper = spawn("sh", [file, folder, mark], { cwd: "/", detached: true, env, stdio });
  // Without one, the folder alone is left behind by an interrupted run.
  keeper.on("error", () => rmSync(folder, { recursive: true, force: true }));
  return keeper;
}

/** npm hands a signal to its shell and to nobody else: whoever stops `npm test` stops this too. */
function endWithNpm() {
  const parent = process.ppid;
  setInterval(() => process.ppid === parent || process.exit(1), 250).unref();
}

/** Prints a heading. */
function heading(title) {
  process.stdout.write(`\n== ${title}\n`);
}

/** Runs a command; answers with whether all went well. */
async function run(command, args, { env = {} } = {}) {
  const started = Date.now();
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, ...env, ROLLCALL_TEST_RUN: mark },
    stdio: "inherit",
  });
  const code = await new Promise((settle) => {
    child.once("exit", settle);
    child.once("error", settle);
  });
  process.stdout.write(`(${((Date.now() - started) / 1000).toFixed(1)} s)\n`);
  return code === 0;
}

/** Runs the tests and adds up what came of them. */
async function runTests({ node = process.execPath, env = {}, wished = wishes } = {}) {
  const file = join(folder, "figures.json");
  rmSync(file, { force: true });
  // Reporters on the command line take the place of those in the configuration.
  const counting = wished.some((word) => word.startsWith("--reporter"))
    ? ["--reporter=./test/closing-line.ts"]
    : [];
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const well = await run(node, [vitest, "run", ...wished, ...counting], {
    env: { ...env, ROLLCALL_TEST_FIGURES: file },
  });
  const counted = existsSync(file)
    ? JSON.parse(readFileSync(file, "utf8"))
    : { passed: 0, failed: 0, skipped: 0 };
  figures.passed += counted.passed;
  figures.skipped += counted.skipped;
  // What fails outside of all tests is a failure too.
  figures.failed += well ? counted.failed : Math.max(1, counted.failed);
}

/** Runs the tests on the other Node. Not to have it is a failure: nobody would see that half of the tests is missing. */
async function runTestsOnSecondNode() {
  if (process.versions.node.startsWith(`${secondMajor}.`)) {
    process.stdout.write(`The tests ran on Node ${process.versions.node}: that is the one.\n`);
    return;
  }
  const second = await prepareSecondNode({ root, run });
  if (second === undefined) {
    figures.failed += 1;
    return;
  }
  const env = { ...second.env, ROLLCALL_TEST_NODE: "second" };
  await runTests({ ...second, env, wished: wishesOnSecondNode });
}

/** Prepares, checks and tests, up to the first that fails. */
async function testAll() {
  heading("Prepare");
  if (prepare() !== 0) {
    figures.failed += 1;
    return;
  }
  for (const [title, command, args] of steps) {
    heading(title);
    if (!(await run(join(root, "node_modules/.bin", command), args))) {
      figures.failed += 1;
      return;
    }
  }
  heading(`Tests on Node ${process.versions.node}`);
  await runTests();
  if (bothNodes) {
    heading(`Tests on Node ${secondMajor}`);
    await runTestsOnSecondNode();
  }
}

const keeper = startKeeper();
endWithNpm();
await testAll();
keeper.stdin.end("done\n");
const { passed, failed, skipped } = figures;
process.stdout.write(`\n${passed} passed, ${failed} failed, ${skipped} skipped\n`);
process.exitCode = failed === 0 ? 0 : 1;
