/** Makes the checkout ready to run: installs the dependencies and checks that the SQLite driver loads. */
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const say = (text) => process.stderr.write(`${text}\n`);

/** Runs a command with its output on stderr, so that stdout belongs to what is prepared for. */
function run(command, args) {
  say(`> ${command} ${args.join(" ")}`);
  return spawnSync(command, args, { cwd: root, stdio: ["ignore", 2, 2] }).status === 0;
}

/** Tells whether the installed packages are older than what the lock file asks for. */
function installIsStale() {
  const installed = `${root}/node_modules/.package-lock.json`;
  if (!existsSync(installed)) {
    return true;
  }
  const lock = `${root}/package-lock.json`;
  return existsSync(lock) && statSync(lock).mtimeMs > statSync(installed).mtimeMs;
}

/** Installs the dependencies; false when npm failed. */
function install() {
  say("Installing the dependencies.");
  return run("npm", [
    existsSync(`${root}/package-lock.json`) ? "ci" : "install",
    "--no-audit",
    "--no-fund",
    // The only package with anything to build is the driver, and only some versions of Node need it built.
    "--ignore-scripts",
  ]);
}

/** Tells whether the better-sqlite3 of this Node can open a database; sqlite-driver.ts of the server says which one. */
function driverLoads() {
  const release = Number(process.versions.napi) >= 10 ? "better-sqlite3-13" : "better-sqlite3";
  const test = `new (require('${release}'))(':memory:').close()`;
  return spawnSync(process.execPath, ["-e", test], { cwd: root, stdio: "ignore" }).status === 0;
}

/** Installs what compiles better-sqlite3, where apt and root allow it; false otherwise. */
function installCompiler() {
  if (process.getuid?.() !== 0) {
    return false;
  }
  say("better-sqlite3 has to be compiled: installing python3, make and g++.");
  const packages = ["install", "-y", "python3", "make", "g++"];
  return run("apt-get", packages) || (run("apt-get", ["update"]) && run("apt-get", packages));
}

/** Compiles better-sqlite3 for this Node. */
function buildDriver() {
  say(
    "better-sqlite3 has to be built for this Node: fetched where that is possible, else compiled in about 90 seconds.",
  );
  return run("npm", ["rebuild", "better-sqlite3", "--foreground-scripts"]) && driverLoads();
}

/** Says what a person has to install by hand. */
function explain() {
  say("");
  say("better-sqlite3 is not usable. It needs python3, make and a C++ compiler to build:");
  say("  Debian, Ubuntu   sudo apt-get install -y python3 make g++");
  say("  Fedora           sudo dnf install -y python3 make gcc-c++");
  say("  Alpine           sudo apk add python3 make g++");
  say("  macOS            xcode-select --install");
  say("Then run the same command again.");
}

/** Makes the checkout ready; answers with the exit code. */
export function prepare() {
  if (installIsStale() && !install() && !(installCompiler() && install())) {
    say("npm could not install the dependencies; its own message is above.");
    explain();
    return 1;
  }
  if (driverLoads() || buildDriver() || (installCompiler() && buildDriver())) {
    return 0;
  }
  explain();
  return 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  process.exitCode = prepare();
}
