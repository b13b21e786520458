/** The whole check in one command: compile, lint, unused code, tests. Stops at the first failure. */
import { spawnSync } from "node:child_process";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { prepare } from "./prepare.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const steps = [
  ["Compile", "tsc", ["--build"]],
  ["Compile the tests", "tsc", ["-p", "tsconfig.test.json"]],
  ["Lint and format", "biome", ["check"]],
  ["Unused code", "knip", []],
];

/** Prints a heading. */
function heading(title) {
  process.stdout.write(`\n== ${title}\n`);
}

/** Ends the run before a test ran, with the closing line that a failing run has. */
function stop(code) {
  process.stdout.write("0 passed, 1 failed, 0 skipped\n");
  process.exit(code);
}

/** Runs an installed command; answers with its exit code. */
function run(command, args) {
  const file = `${root}/node_modules/.bin/${command}`;
  return spawnSync(file, args, { cwd: root, stdio: "inherit" }).status ?? 1;
}

heading("Prepare");
const unready = prepare();
if (unready !== 0) {
  stop(unready);
}
for (const [title, command, args] of steps) {
  heading(title);
  const code = run(command, args);
  if (code !== 0) {
    stop(code);
  }
}
heading("Tests");
// Vitest prints the closing line itself: test/closing-line.ts.
process.exitCode = run("vitest", ["run", ...process.argv.slice(2)]);
