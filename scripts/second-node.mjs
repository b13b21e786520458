/** Another version of Node with a copy of the checkout to run the tests in, so that this one stays as it is. */
import { spawnSync } from "node:child_process";
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { installCompiler } from "./prepare.mjs";

/** The major version that the tests run on besides the one they were started with. */
export const secondMajor = 24;

/** From 24.19 on, better-sqlite3 12 aborts the process now and then (`RemoveEnvironmentCleanupHook`). */
const secondVersion = "24.18";

/** What belongs to one checkout alone, and is big or is no part of what is tested. */
const leftOut = ["node_modules", ".git", "data", "tmp", "coverage"];
const caches = [".cache", ".vite", ".vite-temp"];
const say = (text) => process.stdout.write(`${text}\n`);

/** Fetches Node and makes the copy; answers with how to run there, or says what fails and answers with nothing. */
export async function prepareSecondNode({ root, folder, run }) {
  const cache = join(root, `node_modules/.cache/node-${secondVersion}`);
  const name = `node-${process.platform}-${process.arch}`;
  const home = join(cache, "node_modules", name);
  const node = join(home, "bin/node");
  mkdirSync(cache, { recursive: true });
  const options = ["--prefix", cache, "--no-save", "--no-package-lock", "--ignore-scripts"];
  const fetching = ["install", ...options, "--no-audit", "--no-fund", `${name}@${secondVersion}`];
  say(`> npm ${fetching.join(" ")}`);
  if (!(await run("npm", fetching)) || !existsSync(node)) {
    say(
      `Node ${secondMajor} cannot be had: there is no package ${name}, or npm does not reach it.`,
    );
    return undefined;
  }
  const cwd = join(folder, "checkout");
  copyCheckout(root, cwd);
  const env = {
    PATH: `${dirname(node)}${delimiter}${process.env.PATH}`,
    // Headers from the package itself, and no ready binary from anywhere.
    npm_config_nodedir: home,
    npm_config_build_from_source: "true",
  };
  const second = { node, cwd, env };
  return (await prepareDriver({ ...second, cache, run })) ? second : undefined;
}

/** Copies the checkout; the installed packages by hard links where the file system has them. */
function copyCheckout(root, cwd) {
  mkdirSync(cwd);
  for (const name of readdirSync(root).filter((one) => !leftOut.includes(one))) {
    cpSync(join(root, name), join(cwd, name), { recursive: true, verbatimSymlinks: true });
  }
  const installed = join(cwd, "node_modules");
  mkdirSync(installed);
  for (const name of readdirSync(join(root, "node_modules"))) {
    if (!caches.includes(name) && name !== "better-sqlite3") {
      const from = join(root, "node_modules", name);
      const links = spawnSync("cp", ["-al", from, installed], { stdio: "ignore" }).status === 0;
      if (!links) {
        cpSync(from, join(installed, name), { recursive: true, verbatimSymlinks: true });
      }
    }
  }
  const driver = "node_modules/better-sqlite3";
  cpSync(join(root, driver), join(cwd, driver), {
    recursive: true,
    filter: (path) => path !== join(root, driver, "build"),
  });
}

/** Builds better-sqlite3 for this Node, or takes what an earlier run has built. */
async function prepareDriver({ node, cwd, env, cache, run }) {
  const driver = join(cwd, "node_modules/better-sqlite3");
  const { version } = JSON.parse(readFileSync(join(driver, "package.json"), "utf8"));
  const nodeVersion = spawnSync(node, ["--version"], { encoding: "utf8" }).stdout.trim();
  const built = join(driver, "build/Release/better_sqlite3.node");
  const kept = join(cache, `better-sqlite3-${version}-node-${nodeVersion}.node`);
  const loads = () =>
    spawnSync(node, ["-e", "new (require('better-sqlite3'))(':memory:').close()"], { cwd })
      .status === 0;
  if (existsSync(kept)) {
    mkdirSync(dirname(built), { recursive: true });
    copyFileSync(kept, built);
    if (loads()) {
      return true;
    }
  }
  say(`Compiling better-sqlite3 for Node ${nodeVersion}, about 90 seconds.`);
  const build = () =>
    run("npm", ["rebuild", "better-sqlite3", "--foreground-scripts"], { cwd, env });
  if (!(await build()) && !(installCompiler() && (await build()))) {
    say(`better-sqlite3 cannot be compiled for Node ${nodeVersion}; the messages are above.`);
    return false;
  }
  if (!loads()) {
    say(`better-sqlite3 was compiled and does not load on Node ${nodeVersion}.`);
    return false;
  }
  copyFileSync(built, kept);
  return true;
}
