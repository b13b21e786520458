/** Tests of `rollcall event-stream`: what it makes, shows and refuses. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCommand } from "../../../../test/command-line.ts";
import { configForTests } from "../../../../test/compose-for-tests.ts";
import { openInstance } from "../compose.ts";

let folder = "";

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-event-stream-"));
  const opened = await openInstance(configForTests(folder), { role: "cli", now: Date.now });
  await opened.createTenant({ slug: "acme", name: "Acme" });
  await opened.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

const run = (...args: readonly string[]) => runCommand([...args, "--data", folder], { env: {} });

test("a receiver that polls gets a token, shown this once, and is no webhook", async () => {
  const { code, out, err } = await run(
    "event-stream",
    "add",
    "acme",
    "--resource-type",
    "User",
    "--json",
  );
  expect(code, err).toBe(0);
  const made = JSON.parse(out);
  expect(made).toMatchObject({ delivery: "poll", mode: "notice", resourceTypes: ["User"] });
  expect(made.pollUrl).toContain(`/event-streams/${made.id}/poll`);
  expect(made.token).toMatch(/^rollcall_stream_/);
  const listed = await run("event-stream", "list", "acme", "--json");
  expect(JSON.parse(listed.out)).toEqual([
    expect.objectContaining({ id: made.id, waiting: 0, dead: 0 }),
  ]);
  expect(listed.out).not.toContain(made.token);
  expect(JSON.parse((await run("webhook", "list", "acme", "--json")).out)).toEqual([]);
  expect((await run("webhook", "remove", "acme", made.id)).code).toBe(1);
  expect((await run("webhook", "deliveries", "acme", made.id)).code).toBe(0);
  expect((await run("event-stream", "remove", "acme", made.id)).out).toContain("is removed");
  expect((await run("event-stream", "remove", "acme", made.id)).code).toBe(1);
});

test.each([
  [["--url", "http://127.0.0.1/"]],
  [["--mode", "both"]],
  [["--resource-type", "Nobody"]],
  [["--authorization", "secret"]],
  [["--audience", "a b"]],
])("%j is refused, and nothing is made", async (options) => {
  expect((await run("event-stream", "add", "acme", ...options)).code).toBe(1);
  expect(JSON.parse((await run("event-stream", "list", "acme", "--json")).out)).toEqual([]);
});
