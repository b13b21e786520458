/** Finds the programs of PostgreSQL on this machine, or installs them where that is possible. */
import { spawnSync } from "node:child_process";
import { accessSync, constants, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Locales of ICU for a whole database came with this one. */
const oldestMajor = 15;

const explanation = `The tests need PostgreSQL ${oldestMajor} or later. They start a cluster of their own and touch no other.
  Debian, Ubuntu   sudo apt-get install -y postgresql
  Fedora           sudo dnf install -y postgresql-server
  Alpine           sudo apk add postgresql16 icu-data-full
  macOS            brew install postgresql@17
Then run the same command again. npm start needs none of it.`;

/** The folder of `initdb`, `pg_ctl` and `postgres`, installed first where they are missing; throws with what to install. */
export function postgresPrograms(): string {
  const found = findPrograms() ?? (installPostgres() ? findPrograms() : undefined);
  if (found === undefined) {
    throw new Error(explanation);
  }
  return found;
}

/** The newest programs there are. */
function findPrograms(): string | undefined {
  const [newest] = folders()
    .map((folder) => ({ folder, major: majorIn(folder) }))
    .filter(({ major }) => major >= oldestMajor)
    .toSorted((left, right) => right.major - left.major);
  return newest?.folder;
}

/** Where distributions put the programs; most do not put them on the path. */
function folders(): readonly string[] {
  const versioned = (parent: string, pattern: RegExp, below: string) =>
    namesIn(parent)
      .filter((name) => pattern.test(name))
      .map((name) => join(parent, name, below));
  return [
    ...(process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== ""),
    ...versioned("/usr/lib/postgresql", /^\d+$/, "bin"),
    ...versioned("/usr", /^pgsql-\d+$/, "bin"),
    ...versioned("/usr/libexec", /^postgresql\d+$/, ""),
    ...versioned("/opt/homebrew/opt", /^postgresql@\d+$/, "bin"),
    ...versioned("/usr/local/opt", /^postgresql@\d+$/, "bin"),
  ];
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** The major version of the programs in a folder; 0 when not all of them are there. */
function majorIn(folder: string): number {
  try {
    for (const program of ["initdb", "pg_ctl", "postgres"]) {
      accessSync(join(folder, program), constants.X_OK);
    }
  } catch {
    return 0;
  }
  const { stdout } = spawnSync(join(folder, "postgres"), ["--version"], { encoding: "utf8" });
  return Number(/\) (\d+)/.exec(stdout ?? "")?.[1] ?? 0);
}

/** Installs PostgreSQL as root with apt, without the cluster that the package would make and start; false elsewhere. */
function installPostgres(): boolean {
  if (process.getuid?.() !== 0 || spawnSync("apt-get", ["--version"]).status !== 0) {
    return false;
  }
  console.error("PostgreSQL is missing: installing it for the tests.");
  const settings = "/etc/postgresql-common/createcluster.d";
  const setting = join(settings, "rollcall-tests.conf");
  mkdirSync(settings, { recursive: true });
  writeFileSync(setting, "create_main_cluster = false\n");
  const apt = (...words: readonly string[]): boolean => {
    console.error(`> apt-get ${words.join(" ")}`);
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    return spawnSync("apt-get", words, { env, stdio: ["ignore", 2, 2] }).status === 0;
  };
  const install = () => apt("install", "-y", "--no-install-recommends", "postgresql");
  const installed = install() || (apt("update") && install());
  rmSync(setting, { force: true });
  return installed;
}
