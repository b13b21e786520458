/** Imports a very large file and watches how much memory that takes. `ROLLCALL_IMPORT_USERS` says how many users. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { finished } from "node:stream/promises";
import { expect, test } from "vitest";
import { countRows } from "./invariants.ts";
import { makeDataFolder, rollcall } from "./rollcall-process.ts";

const users = Number(process.env["ROLLCALL_IMPORT_USERS"] ?? 0);
const memoryMiBMax = 256;
const main = resolve("packages/server/dist/cli/main.js");
/** Generous for a slow disk: 100 users a second. */
const patienceMs = 120_000 + users * 10;

async function writeUsers(file: string): Promise<void> {
  const output = createWriteStream(file);
  for (let index = 0; index < users; index += 1) {
    const line = JSON.stringify({
      kind: "user",
      userName: `person${index}@example.com`,
      externalId: `p${index}`,
      name: { givenName: "Ann", familyName: `Person ${index}` },
      displayName: `Ann Person ${index}`,
      emails: [{ value: `person${index}@example.com`, type: "work", primary: true }],
    });
    if (!output.write(`${line}\n`)) {
      await once(output, "drain");
    }
  }
  output.end();
  await finished(output);
}

/** The most memory that a process ever had, as Linux tells it. */
function peakMiB(processId: number | undefined): number {
  try {
    const [, kiB = "0"] =
      /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${processId}/status`, "utf8")) ?? [];
    return Number(kiB) / 1024;
  } catch {
    return 0;
  }
}

// Takes from minutes to an hour and some GiB of disk, so only where somebody asks for it; needs /proc.
test.skipIf(users === 0 || process.platform !== "linux")(
  `an import of ${users} users stays below ${memoryMiBMax} MiB, killed and started again too`,
  async () => {
    const folder = makeDataFolder();
    try {
      const flags = ["--data", folder.path];
      await rollcall("migrate", ...flags);
      await rollcall("tenant", "create", "acme", ...flags);
      await rollcall(
        "connection",
        "create",
        "acme",
        "--profile",
        "generic",
        "--slug",
        "idp",
        ...flags,
      );
      const file = join(folder.path, "users.jsonl");
      await writeUsers(file);
      const words = [main, "import", file, "--connection", "acme/idp", ...flags];
      let peak = 0;
      for (const killAt of [users / 2, Number.POSITIVE_INFINITY]) {
        const child = spawn(process.execPath, words, { stdio: ["ignore", "ignore", "inherit"] });
        const timer = setInterval(() => {
          peak = Math.max(peak, peakMiB(child.pid));
          if (linesDone(file) >= killAt) {
            child.kill("SIGKILL");
          }
        }, 200);
        await new Promise((settle) => child.once("exit", settle));
        clearInterval(timer);
      }
      process.stdout.write(`import of ${users} users: ${Math.round(peak)} MiB at most\n`);
      expect(countRows(folder.path).resources).toBe(users);
      expect(peak).toBeGreaterThan(0);
      expect(peak).toBeLessThan(memoryMiBMax);
    } finally {
      folder.remove();
    }
  },
  patienceMs,
);

function linesDone(file: string): number {
  try {
    return JSON.parse(readFileSync(`${file}.checkpoint.json`, "utf8")).lines;
  } catch {
    return -1;
  }
}
