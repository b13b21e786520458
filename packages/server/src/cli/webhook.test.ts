/** Tests of `rollcall webhook`: what it makes, shows and refuses. */

import { mkdtempSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCommand } from "../../../../test/command-line.ts";
import { configForTests } from "../../../../test/compose-for-tests.ts";
import { openInstance } from "../compose.ts";

let folder = "";
let receiver: Server;
let url = "";
let answerStatus = 200;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-webhook-"));
  const opened = await openInstance(configForTests(folder), { role: "cli", now: Date.now });
  await opened.createTenant({ slug: "acme", name: "Acme" });
  await opened.close();
  receiver = createServer((_, response) => {
    response.writeHead(answerStatus).end();
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${Object(receiver.address()).port}/`;
});
afterAll(() => {
  receiver.close();
  rmSync(folder, { recursive: true });
});

function run(...args: readonly string[]) {
  return runCommand(["webhook", ...args, "--data", folder], {
    env: { ROLLCALL_WEBHOOK_ALLOW: "127.0.0.0/8" },
  });
}

async function added(...options: readonly string[]) {
  const { code, out, err } = await run("add", "acme", url, ...options, "--json");
  expect(code, err).toBe(0);
  return JSON.parse(out);
}

test("webhook add answers with id and secret, first and this once", async () => {
  const made = await added("--type", "user.", "--type", "group.created");
  expect(Object.keys(made).slice(0, 2)).toEqual(["id", "secret"]);
  expect(made.secret).toMatch(/^whsec_/);
  expect(made.types).toEqual(["user.", "group.created"]);
  const { out } = await run("list", "acme", "--json");
  expect(out).not.toContain("whsec_");
  expect(JSON.parse(out)).toContainEqual(
    expect.objectContaining({ id: made.id, url, waiting: 0, dead: 0, disabled: false }),
  );
  const { out: shown, err } = await run("add", "acme", url);
  expect(shown).toMatch(/^Webhook {2}\S+\nSecret {3}whsec_\S+\n$/);
  expect(err).toMatch(/shown this once/);
});

test("webhook test tells what the receiver makes of it, and fails when it takes nothing", async () => {
  const { id } = await added();
  const taken = await run("test", "acme", id, "--json");
  expect([taken.code, JSON.parse(taken.out)]).toEqual([
    0,
    { delivered: true, status: 200, durationMs: expect.any(Number), error: null },
  ]);
  answerStatus = 500;
  const refused = await run("test", "acme", id);
  answerStatus = 200;
  expect(refused.code).toBe(1);
  expect(refused.out).toMatch(/did not take it, after \d+ ms: the receiver answered 500/);
});

test("webhook rotate, disable, enable and remove do what they say", async () => {
  const { id, secret } = await added();
  const rotated = JSON.parse((await run("rotate", "acme", id, "--json")).out);
  expect(rotated.secret).not.toBe(secret);
  expect(rotated.secrets).toHaveLength(2);
  const disabled = await run("disable", "acme", id, "--reason", "moving", "--json");
  expect(JSON.parse(disabled.out).disabledReason).toBe("moving");
  expect((await run("list", "acme")).out).toMatch(/disabled: moving/);
  expect(JSON.parse((await run("enable", "acme", id, "--json")).out).disabled).toBe(false);
  const removed = await run("remove", "acme", id, "--json");
  expect(JSON.parse(removed.out)).toEqual({ removed: true, id });
  const again = await run("remove", "acme", id);
  expect(again.code).toBe(1);
  expect(again.err).toMatch(/tenant acme has no webhook .*; see rollcall webhook list acme/);
});

test("webhook deliveries and replay go by events, and refuse what they do not know", async () => {
  const { id } = await added("--type", "group.");
  const none = await run("deliveries", "acme", id, "--json");
  expect(JSON.parse(none.out)).toEqual([]);
  const replayed = await run("replay", "acme", id, "--from", "2025-01-01", "--json");
  expect(JSON.parse(replayed.out)).toEqual({ events: 0 });
  for (const [words, message] of [
    [["deliveries", "acme", id, "--state", "gone"], /expected waiting, delivered, dead/],
    [["replay", "acme", id], /--event with an id, or --from/],
    [["replay", "acme", id, "--event", "a", "--from", "b"], /--event with an id, or --from/],
    [["replay", "acme", id, "--event", "nothing"], /no event nothing is kept/],
    [["add", "acme", "https://192.168.0.1/"], /a private address/],
    [["add", "acme", url, "--type", "user"], /expected a type of events/],
    [["add", "nowhere", url], /there is no tenant nowhere/],
  ] as const) {
    const { code, err } = await run(...words);
    expect(code, words.join(" ")).toBe(1);
    expect(err).toMatch(message);
  }
});
