/**
 * Kills the server while it writes and looks what is left.
 * `ROLLCALL_KILLS` sets how often; `npm run test:faults` kills 300 times.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { findUntold } from "./feed-invariant.ts";
import type { Finding } from "./invariants.ts";
import { findBrokenInvariants } from "./invariants.ts";
import type { RollcallProcess } from "./rollcall-process.ts";
import { makeDataFolder, rollcall, serve } from "./rollcall-process.ts";
import type { Writer } from "./writer.ts";
import { createWriter } from "./writer.ts";

const kills = Number(process.env["ROLLCALL_KILLS"] ?? 8);
const writerCount = 12;
const folder = makeDataFolder();
let token = "";

beforeAll(async () => {
  const first = await serve(folder.path, ["--rate-limit", "0"]);
  token = await rollcall("token", "create", "default/default", "--data", folder.path);
  expect(await first.stop()).toBe(0);
});

afterAll(() => folder.remove());

test(
  `INV-1, INV-2, INV-6, INV-7, INV-8 hold after ${kills} kills while writing`,
  async () => {
    const seed = Number(process.env["ROLLCALL_SEED"] ?? Date.now() % 1_000_000);
    const writers = Array.from({ length: writerCount }, (_, index) =>
      createWriter(`s${seed}w${index}`, seed * 100 + index),
    );
    const findings: Finding[] = [];
    for (let round = 0; round < kills; round += 1) {
      const server = await serve(folder.path, ["--rate-limit", "0"]);
      findings.push(...(await verifyAll(writers, server)));
      await writeUntilKilled(writers, server, 1 + ((seed + round * 137) % 400));
    }
    const server = await serve(folder.path, ["--rate-limit", "0"]);
    findings.push(...(await verifyAll(writers, server)));
    findings.push(...(await findUntold({ baseUrl: server.baseUrl, folder: folder.path })));
    expect(await server.stop()).toBe(0);
    findings.push(...findBrokenInvariants(folder.path));
    const acknowledged = acknowledgedBy(writers);
    console.info(`seed ${seed}: ${kills} kills, ${acknowledged} acknowledged writes`);
    expect(findings).toEqual([]);
    expect(acknowledged).toBeGreaterThan(kills);
  },
  60_000 + kills * 5_000,
);

async function verifyAll(writers: readonly Writer[], server: RollcallProcess): Promise<Finding[]> {
  const found = await Promise.all(writers.map((writer) => writer.verify(server.baseUrl, token)));
  return found.flat();
}

/** Kills once that many more writes were acknowledged; others are under way at that moment. */
async function writeUntilKilled(
  writers: readonly Writer[],
  server: RollcallProcess,
  more: number,
): Promise<void> {
  const enough = acknowledgedBy(writers) + more;
  const running = writers.map((writer) => writer.write(server.baseUrl, token));
  while (acknowledgedBy(writers) < enough) {
    await new Promise((settle) => setTimeout(settle, 1));
  }
  await server.kill();
  await Promise.all(running);
}

function acknowledgedBy(writers: readonly Writer[]): number {
  return writers.reduce((sum, writer) => sum + writer.acknowledged(), 0);
}
