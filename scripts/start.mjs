/** `npm start`: makes the checkout ready, compiles it and serves from ./data. Options after `--` go to `rollcall serve`. */
import { spawnSync } from "node:child_process";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { prepare } from "./prepare.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Compiles what has changed; its messages go to stderr, stdout belongs to the server. */
function build() {
  const file = `${root}/node_modules/.bin/tsc`;
  return spawnSync(file, ["--build"], { cwd: root, stdio: ["ignore", 2, 2] }).status ?? 1;
}

/**
 * npm hands a signal to the shell that it runs this script with, and to nobody else: the shell ends, and this process
 * would go on alone with the port and the folder. Whoever stops `npm start` stops the server.
 */
function stopWithNpm() {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid !== parent) {
      clearInterval(watch);
      process.kill(process.pid, "SIGTERM");
    }
  }, 250);
  watch.unref();
}

const unready = prepare() || build();
if (unready !== 0) {
  process.exit(unready);
}
if (process.env.npm_lifecycle_event !== undefined) {
  stopWithNpm();
}
// The server runs in this process, so that a signal reaches it without a messenger.
const { main } = await import(`${root}/packages/server/dist/cli/main.js`);
const { processIo } = await import(`${root}/packages/server/dist/cli/process-io.js`);
process.exitCode = await main(["serve", ...process.argv.slice(2)], processIo("npx rollcall"));
