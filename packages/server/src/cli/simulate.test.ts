/** Every simulated client against our server, and against servers that do something wrong. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { ClientProfileName } from "@rollcall/scim";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCommand } from "../../../../test/command-line.ts";
import type { TestRollcall } from "../../../../test/compose-for-tests.ts";
import { composeForTests } from "../../../../test/compose-for-tests.ts";
import { newProfileToken } from "../../../../test/scim-tokens.ts";
import { simulatedClients } from "../probe/simulate/simulated-clients.ts";

let server: TestRollcall;
let url = "";
beforeAll(async () => {
  server = await composeForTests();
  url = `${await server.listen()}/scim/v2`;
});
afterAll(() => server.remove());

const size = ["--users", "30", "--groups", "4", "--seed", "7"];

test.each(simulatedClients)("$name converges", async ({ name, profile, groups }) => {
  const token = await newProfileToken(server, name, profile as ClientProfileName);
  const words = ["simulate", name, "--url", url, "--token", token, ...size, "--json"];
  const { code, out, err } = await runCommand(words);
  expect(err).toBe("");
  const report = JSON.parse(out);
  expect(report).toMatchObject({
    client: name,
    users: 30,
    groups: groups === undefined ? 0 : 4,
    retries: 0,
    failures: [],
    differences: [],
    converged: true,
  });
  expect(report.requests).toBeGreaterThan(60);
  expect(code).toBe(0);
});

/** A proxy in front of our server that may answer itself. */
async function meddle(
  answer: (
    method: string,
    path: string,
  ) => { status: number; headers?: object; body?: string } | undefined,
) {
  const proxy = createServer(async (request, response) => {
    const { method = "", url: path = "" } = request;
    const own = answer(method, path);
    if (own !== undefined) {
      request.resume();
      response.writeHead(own.status, { ...own.headers }).end(own.body);
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(Buffer.from(chunk));
    }
    const body = Buffer.concat(chunks);
    const passed = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: request.headers.authorization ?? "",
        "content-type": request.headers["content-type"] ?? "application/scim+json",
      },
      ...(body.length === 0 ? {} : { body }),
    });
    response.writeHead(passed.status, { "content-type": "application/scim+json" });
    response.end(await passed.text());
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    close: () => proxy.close(),
  };
}

test("a server that loses members is told from one that does not", async () => {
  const token = await newProfileToken(server, "loses", "onelogin");
  const proxy = await meddle((method, path) =>
    method === "PATCH" && path.startsWith("/Groups/") ? { status: 204 } : undefined,
  );
  const words = ["simulate", "onelogin", "--url", proxy.url, "--token", token, ...size];
  const { out: text } = await runCommand(words);
  expect(text).toMatch(/Different in the end \(\d+\):/);
  expect(text).toContain("NOT converged.");
  expect(text).not.toContain("Refused");
  const other = await newProfileToken(server, "loses-too", "onelogin");
  const { code, out } = await runCommand([...words, "--token", other, "--json"]);
  proxy.close();
  expect(code).toBe(1);
  const { differences, failures } = JSON.parse(out);
  expect(failures).toEqual([]);
  const old = "Group 0 s7.simulated.example is there, and not in the directory";
  expect(differences).toContain(old);
  expect(differences).toContainEqual(expect.stringMatching(/^Group 1 \S+: \S+ is missing$/));
  expect(differences.filter((one: string) => /^person|^renamed/.test(one))).toEqual([]);
});

test("refusals are named with what the client does about them", async () => {
  const token = await newProfileToken(server, "refuses", "entra");
  const refused = { status: 400, body: JSON.stringify({ detail: "no filters here" }) };
  const proxy = await meddle((_, path) =>
    path.includes("filter=externalId") ? refused : undefined,
  );
  const words = ["simulate", "entra", "--url", proxy.url, "--token", token, ...size, "--json"];
  const { code, out } = await runCommand(words);
  proxy.close();
  expect(code).toBe(1);
  const report = JSON.parse(out);
  expect(report.failures).toEqual([
    {
      request: "GET /Users?filter",
      status: 400,
      detail: "no filters here",
      reaction: "the whole provisioning job is put into quarantine at once",
      count: 60,
    },
  ]);
  expect(report.converged).toBe(false);
});

test("what the server wants later is sent later, and nothing is lost", async () => {
  const token = await newProfileToken(server, "later", "okta");
  const seen = { requests: 0 };
  const proxy = await meddle(() => {
    seen.requests += 1;
    return seen.requests % 25 === 0
      ? { status: seen.requests % 50 === 0 ? 429 : 503, headers: { "retry-after": "0" } }
      : undefined;
  });
  const words = ["simulate", "okta", "--url", proxy.url, "--token", token, ...size, "--json"];
  const { code, out } = await runCommand(words);
  proxy.close();
  const report = JSON.parse(out);
  expect(report).toMatchObject({ failures: [], differences: [], converged: true });
  expect(report.retries).toBe(Math.floor(report.requests / 25));
  expect(report.statuses["429"] + report.statuses["503"]).toBe(report.retries);
  expect(code).toBe(0);
});

test("an unknown client is refused with those that there are", async () => {
  const { code, err } = await runCommand(["simulate", "nobody", "--url", url]);
  expect(code).toBe(1);
  expect(err).toMatch(/there is no client nobody: the clients are okta, entra, entra-legacy,/);
});
