/** `rollcall check` against our server, strict and lenient, and against others. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
import { installPeer, peers, startPeer } from "../../../../bench/peers/install-peer.ts";
import { runCommand } from "../../../../test/command-line.ts";
import type { TestRollcall } from "../../../../test/compose-for-tests.ts";
import { composeForTests } from "../../../../test/compose-for-tests.ts";
import { sendScim } from "../../../../test/e2e/scim-site.ts";
import { newProfileToken } from "../../../../test/scim-tokens.ts";
import { allRequirements } from "../probe/check/all-requirements.ts";
import type { CheckReport } from "../probe/check/run-checks.ts";

// Each run is some 900 requests, one after the other.
vi.setConfig({ testTimeout: 180_000 });
const folder = mkdtempSync(join(tmpdir(), "rollcall-check-"));
let server: TestRollcall;
let url = "";
beforeAll(async () => {
  server = await composeForTests();
  url = `${await server.listen()}/scim/v2`;
});
afterAll(async () => {
  await server.remove();
  rmSync(folder, { recursive: true });
});

async function check(...words: readonly string[]) {
  const { code, out } = await runCommand(["check", ...words, "--json"]);
  const report: CheckReport = JSON.parse(out);
  const failed = report.results.filter(({ outcome }) => outcome === "fail");
  return { code, report, failed: failed.map(({ id, found }) => `${id}: ${found}`) };
}

test("there are enough requirements, each with its section and what follows", () => {
  expect(allRequirements.length).toBeGreaterThan(150);
  expect(new Set(allRequirements.map(({ id }) => id)).size).toBeGreaterThan(140);
  for (const { id, section, title, consequence } of allRequirements) {
    expect(id).toMatch(/^[A-Z]+-\d\d$/);
    expect(section).toMatch(/^RFC 764[34] §[\d.]+$/);
    expect(`${title}${consequence}`).not.toMatch(/\.$/);
  }
});

test.skipIf(inject("database") !== undefined)(
  "a strict connection of ours meets all that binds, and not what clients want beyond (on SQLite only: the lenient one is looked at on both)",
  async () => {
    const token = await newProfileToken(server, "strict", "generic", { strict: true });
    const { report, failed } = await check(url, "--token", token);
    expect(failed.map((one) => one.split(":")[0])).toEqual(["TYPE-03", "PATCH-48", "TYPE-03"]);
    expect(report).toMatchObject({ advised: 3, skipped: 0, leftOver: [] });
  },
);

test("a lenient one meets all but what real clients do not keep to, and is left as it was", async () => {
  const token = await newProfileToken(server, "lenient", "generic");
  const user = { schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName: "stays" };
  const before = await sendScim(`${url}/Users`, token, "POST", user);
  const page = join(folder, "report.html");
  const { code, report, failed } = await check(url, "--token", token, "--html", page);
  expect(failed).toEqual([
    "RES-06: status 201, expected 400",
    "PATCH-87: status 200, expected 400",
    "PATCH-02: status 200, expected 400",
    "BULK-02: status 200, expected 400",
  ]);
  expect(code).toBe(1);
  expect(report).toMatchObject({ advised: 0, skipped: 0, leftOver: [] });
  const left = await sendScim(`${url}/Users`, token, "GET");
  expect(left.body.Resources).toEqual([before.body]);
  expect((await sendScim(`${url}/Groups`, token, "GET")).body.totalResults).toBe(0);
  const html = readFileSync(page, "utf8");
  expect(html).toContain("<td>RES-06</td><td>MUST</td>");
  expect(html).toContain("What follows: none of the known clients minds");
});

test("a server that is none meets nothing, and what it says is made harmless", async () => {
  const other = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { "content-type": "text/html" }).end('<script>"\u001b[31m"</script>');
  });
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const otherUrl = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  const page = join(folder, "other.html");
  const { code, out } = await runCommand(["check", otherUrl, "--html", page]);
  other.close();
  expect(code).toBe(1);
  expect(out).toMatch(/^FAIL {5}DISC-01/m);
  expect(out).toMatch(/^skipped {2}ETAG-02/m);
  expect(out).not.toContain("\u001b");
  expect(readFileSync(page, "utf8")).not.toContain("<script>");
});

test("a server that does not answer cannot be checked", async () => {
  const { code, err } = await runCommand(["check", "http://127.0.0.1:9"]);
  expect(code).toBe(1);
  expect(err).toMatch(/^rollcall: http:\/\/127\.0\.0\.1:9 cannot be checked: no answer: /);
});

// It installs packages from npm.
test.skipIf(process.env["ROLLCALL_TEST_PEERS"] !== "1")(
  "SCIMMY is told from ours (only with ROLLCALL_TEST_PEERS=1: it is installed from npm)",
  async () => {
    const [scimmy] = peers;
    if (scimmy === undefined) {
      throw new Error("there is no peer");
    }
    const { port, root, stop } = await startPeer(scimmy, await installPeer(scimmy), undefined);
    const { code, report, failed } = await check(
      `http://127.0.0.1:${port}${root}`,
      "--token",
      "bench",
    );
    await stop();
    const ids = failed.map((one) => one.split(":")[0]);
    // Seen at its answers: no authentication, no uniqueness, members twice, readOnly values replaced.
    expect(ids).toEqual(expect.arrayContaining(["AUTH-01", "USER-02", "GRP-09", "PATCH-88"]));
    // And what it does as it should.
    for (const id of [
      "DISC-01",
      "POST-01",
      "FILT-05",
      "GRP-12",
      "PATCH-05",
      "PATCH-60",
      "BULK-15",
    ]) {
      expect(ids).not.toContain(id);
    }
    const skipped = report.results.filter(({ outcome }) => outcome === "skipped");
    expect(skipped.map(({ id }) => id.split("-")[0])).toEqual(Array(5).fill("ETAG"));
    expect(report.leftOver).toEqual([]);
    expect(code).toBe(1);
  },
);
